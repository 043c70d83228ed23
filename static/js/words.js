// Chinese is written in place; English is looked up. The choice lives in the same cookie that the desk pages read.

export const lang = /(?:^|; )lang=en(?:;|$)/.test(document.cookie) ? "en" : "zh";
const english = lang === "en" ? (await import("./words/en.js")).default : {};

/** `text` in the reader's language, its {name}s filled in; {name|photo|photos} is one of two words, the first when there is one. */
export function t(text, values = {}) {
  return (english[text] ?? text).replace(/\{(\w+)(?:\|([^|]*)\|([^}]*))?\}/g, (whole, name, one, many) => (one === undefined ? (values[name] ?? whole) : values[name] === 1 ? one : many));
}

/** The name of a domain entry ({zh, en}) in the reader's language. */
export function nameOf(entry) {
  return (lang === "en" && entry?.en) || entry?.zh || "";
}

/** What an entry means, in a sentence ({help, help_en}). */
export function helpOf(entry) {
  return (lang === "en" && entry?.help_en) || entry?.help || "";
}

/** What an entry is counted in, in the reader's language. */
export function unitOf({ unit, unit_en }) {
  return (lang === "en" && unit_en) || unit;
}

/** A local day (2026-11-28) as people say it: 11月28日. */
export function dayOf(day) {
  return said(new Date(`${day}T00:00`));
}

/** A moment (ms) by this phone's clock: 11月28日 14:05. */
export function momentOf(ms) {
  const at = new Date(ms);
  return `${said(at)} ${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

function said(date) {
  return date.toLocaleDateString(lang === "en" ? "en-GB" : "zh-CN", { month: lang === "en" ? "short" : "long", day: "numeric" });
}

/** How long ago, in one word a person says. */
export function ago(ms, now = Date.now()) {
  const minutes = Math.round((now - ms) / 60_000);
  if (minutes < 1) return t("刚刚");
  if (minutes < 60) return t("{n}分钟前", { n: minutes });
  if (minutes < 1440) return t("{n}小时前", { n: Math.round(minutes / 60) });
  const days = Math.round(minutes / 1440);
  return days < 2 ? t("一天前") : t("{n}天前", { n: days });
}
