// 今天: what is asked of me, and is everything sent?

import { isToday, openActivities } from "../outbox/activities.js";
import { waitingOf } from "../outbox/state.js";
import { ago, dayOf, t } from "../words.js";
import { h, icon, link, redraw } from "./dom.js";
import { severity } from "./last.js";
import { returnedCards } from "./returned.js";
import { isOuting, outingCard } from "./outing.js";
import { offeredAgain, stateBadge, waitingWords } from "./states.js";

const SHOWN = 20;

class WujinToday extends HTMLElement {
  connectedCallback() {
    this.#draw();
  }

  progressed() {
    this.#draw();
  }

  renewed() {
    this.#draw();
  }

  /** What is asked of me, in the order of my role (R122): whoever comes to publicise has the plan first, the others the hazards. */
  #asked(rows) {
    const cards = { returned: returnedCards(this.app, rows), rechecks: [toSeeAgain(this.app.pack, rows)], plan: [planned(this.app.pack)] };
    const order = [...(this.app.pack.person.first ?? []), ...Object.keys(cards)];
    return [...new Set(order)].flatMap((name) => cards[name] ?? []);
  }

  async #draw() {
    const [rows, items] = [await this.app.visits(), await this.app.store.all("outbox")];
    const open = (await openActivities(this.app.store)).filter(isOuting);
    const inside = new Set(open.map(({ activity }) => activity.id));
    const others = rows.filter(({ visit }) => !inside.has(visit.activity_id));
    const card = (outing) => outingCard(outing, rows.filter(({ visit }) => visit.activity_id === outing.activity.id).map(line), this.app.pack);
    const { person, unit } = this.app.pack;
    redraw(this,
      h("header.head", {}, h("p.soft", {}, unit.zh), h("h1", {}, t("{name}，您好", { name: person.name }))),
      waitingLine(waitingOf(items), this.app.courier.doing()),
      open.some(({ activity }) => isToday(activity.started_at)) ? "" : link("/field/scan", open.length ? "button whole" : "button main whole", icon("scan"), t("扫码开始")),
      ...open.map(card),
      ...this.#asked(rows),
      myWeek(rows),
      others.length ? list(others.slice(0, SHOWN)) : open.length ? "" : nothingYet(),
    );
  }
}

export function waitingLine({ aside, again, ...waits }, doing) {
  const { total } = waits;
  if (!total) return h("p.state.ok", { "data-waiting": "0" }, t("都交上去了"));
  const stuck = aside ? t("{n}件需要处理", { n: aside }) : "";
  if (total === aside) return link("/field/outbox", "notice alarm", icon("flag"), h("span", {}, stuck));
  if (total === again) return link("/field/outbox", "notice", icon("retry"), h("span", {}, offeredAgain()));
  return link("/field/outbox", "notice wait", icon(aside ? "flag" : "outbox"), h("span", {}, waitingWords(waits, doing), stuck && ` · ${stuck}`));
}

/** Hazards that wait to be looked at again, by their day; whoever has been there since is not asked twice. */
function toSeeAgain({ venues }, rows) {
  const answered = new Set(rows.flatMap(({ visit }) => Object.keys(visit.rechecks ?? {}).filter((id) => visit.rechecks[id].result)));
  const waiting = venues.flatMap((venue) => (venue.open ?? []).map((hazard) => ({ venue, hazard }))).filter(({ hazard }) => !answered.has(hazard.id));
  if (!waiting.length) return "";
  const sorted = waiting.sort((a, b) => a.hazard.due.localeCompare(b.hazard.due));
  const [first, rest] = [sorted.slice(0, 3), sorted.slice(3, 30)];
  return h("section.card", {}, h("h2", {}, t("要回看的隐患"), h("small.soft.small", {}, ` ${t("共{n}处", { n: waiting.length })}`)), h("ul.lines", {}, ...first.map(hazardLine)),
    rest.length > 0 && h("details", {}, h("summary", {}, t("还有{n}处", { n: rest.length })), h("ul.lines", {}, ...rest.map(hazardLine))));
}

function hazardLine({ venue, hazard: { text, severity: bad, due, reported } }) {
  const late = due < localDay();
  const when = reported ? t("说是改好了，去看一眼") : late ? t("{day}前该改好，已过期", { day: dayOf(due) }) : t("{day}前改好", { day: dayOf(due) });
  return h("li", {}, link(venue.code ? `/v/${venue.code}` : "/v/new", "line", h("span.grow", {}, h("strong", {}, venue.zh), h("span", {}, text),
    h("small.small", {}, severity(bad), " ", h("span", { className: late ? "alarm" : "soft" }, when))), icon("chevron-right")));
}

function localDay(now = new Date()) {
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** What I did since Monday: a line to remember by, never a score. */
function myWeek(rows) {
  const monday = new Date();
  monday.setHours(0, 0, 0, 0);
  monday.setDate(monday.getDate() - ((monday.getDay() + 6) % 7));
  const mine = rows.filter(({ visit }) => visit.started_at >= monday && visit.state === "finished");
  if (!mine.length) return "";
  const photos = mine.reduce((sum, { visit }) => sum + visit.photos.length, 0);
  const outings = new Set(mine.map(({ visit }) => visit.activity_id)).size;
  return h("p.soft", {}, t("我这一周：{outings}场，{visits}处，{photos}张照片", { outings, visits: mine.length, photos }));
}

/** What the village wrote for these days, and how the week of one's own unit stands. */
function planned({ plan, week }) {
  if (!plan?.length && !week) return "";
  return h("section.card", {}, h("h2", {}, plan?.length ? t("这段时间的计划") : t("这一周")), plan?.length > 0 && h("ul.plan", {}, ...plan.map(planLine)),
    week && h("p.soft", {}, week.wanted ? t("本周活动 {done}/{wanted} 场", week) : t("本单位本周活动 {done} 场", week)));
}

function planLine({ first, last, targets, focus }) {
  const days = first === last ? dayOf(first) : t("{first}到{last}", { first: dayOf(first), last: dayOf(last) });
  return h("li", {}, h("small.soft.small", {}, days), h("strong", {}, focus), targets.length > 0 && h("span.soft", {}, targets.join(t("、"))));
}

export function list(rows) {
  return h("section", {}, h("h2", {}, t("我的走访")), h("ul.lines", {}, ...rows.map(line)));
}

function line({ visit, state }) {
  const words = [h("strong", {}, visit.title), h("small.soft.small", {}, `${ago(visit.started_at)} · ${t("{n}张照片", { n: visit.photos.length })}`)];
  return h("li", {}, link(`/field/visits/${visit.id}`, "line", h("span.grow", {}, ...words), stateBadge(state), icon("chevron-right")));
}

function nothingYet() {
  return h("div.empty", {}, icon("door"), h("p", {}, navigator.serviceWorker?.controller ? t("到了门口，扫一下墙上的码就开始。没有信号也可以。") : t("到了门口，扫一下墙上的码就开始。")));
}

customElements.define("wujin-today", WujinToday);
