// 今天: what is asked of me, and is everything sent?

import { isToday, openActivities } from "../outbox/activities.js";
import { waitingOf } from "../outbox/state.js";
import { ago, t } from "../words.js";
import { h, icon, link, redraw } from "./dom.js";
import { returnedCards } from "./returned.js";
import { isOuting, outingCard } from "./outing.js";
import { stateBadge } from "./states.js";

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

  async #draw() {
    const [rows, items] = [await this.app.visits(), await this.app.store.all("outbox")];
    const open = (await openActivities(this.app.store)).filter(isOuting);
    const inside = new Set(open.map(({ activity }) => activity.id));
    const others = rows.filter(({ visit }) => !inside.has(visit.activity_id));
    const card = (outing) => outingCard(outing, rows.filter(({ visit }) => visit.activity_id === outing.activity.id).map(line), this.app.pack);
    const { person, unit } = this.app.pack;
    redraw(this,
      h("header.head", {}, h("p.soft", {}, unit.zh), h("h1", {}, t("{name}，您好", { name: person.name }))),
      waitingLine(waitingOf(items)),
      ...returnedCards(this.app, rows),
      ...open.map(card),
      planned(this.app.pack),
      open.some(({ activity }) => isToday(activity.started_at)) ? "" : link("/field/scan", open.length ? "button whole" : "button main whole", icon("scan"), t("扫码开始")),
      others.length ? list(others.slice(0, SHOWN)) : open.length ? "" : nothingYet(),
    );
  }
}

function waitingLine({ total, visits, photos, aside, since }) {
  if (!total) return h("p.state.ok", { "data-waiting": "0" }, t("都交上去了"));
  const words = t("还有{visits}条记录、{photos}张照片等网络，最早的是{ago}", { visits, photos, ago: ago(since) });
  return link("/field/outbox", "notice wait", icon(aside ? "flag" : "outbox"), h("span", {}, words, aside ? ` · ${t("{n}件需要处理", { n: aside })}` : ""));
}

/** What the village wrote for these days, and how the station's week stands. */
function planned({ plan, week }) {
  if (!plan?.length && !week) return "";
  return h("section.card", {}, h("h2", {}, t("这段时间的计划")), ...(plan ?? []).map(planLine),
    week && h("p.soft", {}, t("本周活动 {done}/{wanted} 场", week)));
}

function planLine({ first, last, targets, focus }) {
  return h("p", {}, h("small.soft.small", {}, `${first.slice(5)} — ${last.slice(5)} `), focus, h("small.soft.small", {}, ` ${targets.join("、")}`));
}

function list(rows) {
  return h("section", {}, h("h2", {}, t("我的走访")), h("ul.lines", {}, ...rows.map(line)));
}

function line({ visit, state }) {
  const words = [h("strong", {}, visit.title), h("small.soft.small", {}, `${ago(visit.started_at)} · ${t("{n}张照片", { n: visit.photos.length })}`)];
  return h("li", {}, link(`/field/visits/${visit.id}`, "line", h("span.grow", {}, ...words), stateBadge(state), icon("chevron-right")));
}

function nothingYet() {
  return h("div.empty", {}, icon("door"), h("p", {}, t("到了门口，扫一下墙上的码就开始。没有信号也可以。")));
}

customElements.define("wujin-today", WujinToday);
