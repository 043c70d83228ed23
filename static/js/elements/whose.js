// Whose phone this is, and whether the clerk stopped it, as far as the browser knows without asking.

const STOPPED = "wujin.stopped";

/** The person whose cookie this browser sends, or null; the name in storage is of phones enrolled before there was such a cookie. */
export function whose() {
  return document.cookie.match(/(?:^|; )wujin_who=([\w-]+)/)?.[1] ?? localStorage.getItem("wujin.who");
}

export function isStopped() {
  return localStorage.getItem(STOPPED) === whose();
}

/** Remembered, for a start without a line. → whether it is news */
export function stop(is) {
  const news = isStopped() !== is;
  if (is) localStorage.setItem(STOPPED, whose());
  else localStorage.removeItem(STOPPED);
  return news;
}
