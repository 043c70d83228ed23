// Whose phone this is, as far as the browser knows without asking.

/** The person whose cookie this browser sends, or null; the name in storage is of phones enrolled before there was such a cookie. */
export function whose() {
  return document.cookie.match(/(?:^|; )wujin_who=([\w-]+)/)?.[1] ?? localStorage.getItem("wujin.who");
}
