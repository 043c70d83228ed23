// What was found at this place last time: asked first, so that nobody has to remember it.

import { dayOf, t } from "../words.js";
import { h } from "./dom.js";

const LOOK = { serious: ["alarm", () => t("严重")], general: ["wait", () => t("一般")], minor: ["draft", () => t("轻微")] };

/** The venue's line in the pack, where somebody was there before; a correction is about the visit itself, not about the last. */
export function lastTime({ venues }, draft) {
  const venue = !draft.before && venues.find(({ id }) => id === draft.venue);
  return venue?.seen ? venue : null;
}

/** Codes of the items to look at again. */
export function toSeeAgain(last) {
  return new Set([...(last?.failed ?? []), ...(last?.open ?? []).map(({ item }) => item)]);
}

export function lastCard({ seen, failed = [], open = [] }) {
  const said = failed.length ? t("{n}项不合格，排在最前面，请先看。", { n: failed.length }) : t("没有不合格的。");
  return h("section.card", {}, h("h2", {}, t("上次走访：{day}", { day: dayOf(seen) })), (failed.length || !open.length) && h("p", {}, said),
    open.length > 0 && h("p", {}, t("还有{n}处隐患没改好，请在下面回看。", { n: open.length })));
}

export function severity(code) {
  const [look, word] = LOOK[code];
  return h(`span.state.${look}`, {}, word());
}
