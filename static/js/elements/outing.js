// The activity that is under way, on the first screen: where we were, where to next, and its end.

import { isToday } from "../outbox/activities.js";
import { nameOf, t } from "../words.js";
import { h, icon, link } from "./dom.js";
import { unvisited } from "./places.js";

/** Under way: anything but one half-written visit, which needs no card of its own. */
export function isOuting({ stops }) {
  return stops.length !== 1 || stops[0].state === "finished" || Boolean(stops[0].before);
}

/** lines: the stops as the first screen shows its visits. */
export function outingCard({ activity, stops }, lines, pack) {
  const today = isToday(activity.started_at);
  const close = link(`/field/activities/${activity.id}`, today ? "button whole" : "button main whole", icon("tick"), t("这一场收尾"));
  return h("section.card.outing", {},
    today ? h("p.state.draft", {}, t("正在进行的一场")) : h("p.state.wait", {}, t("前几天的一场还没收尾")),
    h("h2", {}, nameOf(pack.names.activity_kind.find(({ code }) => code === activity.activity_kind)), h("small.soft.small", {}, ` ${t("{n}处", { n: stops.length })}`)),
    h("ul.lines", {}, ...lines), today && left(stops, pack),
    h("div.actions", {}, today && link("/field/scan", "button main whole", icon("scan"), t("去下一处，扫码")), close));
}

function left(stops, pack) {
  const rest = unvisited(pack, stops);
  if (!rest.length) return "";
  return h("details", {}, h("summary", {}, t("同类的还有{n}处没去", { n: rest.length })), h("ul", {}, ...rest.slice(0, 40).map((venue) => h("li", {}, venue.zh))));
}
