// 走访: look, show, say. What have I looked at, what is left?

import { activityOf, isToday, moveVisit, openActivities } from "../outbox/activities.js";
import { withdraw } from "../outbox/revise.js";
import { change, changeList, discard } from "../outbox/visits.js";
import { watchPosition } from "../phone/position.js";
import { nameOf, t } from "../words.js";
import { CLOSED_DOOR, door } from "./door.js";
import { go, h, icon, link } from "./dom.js";
import { Keeping, shotLost } from "./keeping.js";
import { listOf } from "./places.js";
import { again, words } from "./returned.js";
import { isHeld, stateBadge, whyAside } from "./states.js";
import { itemsAsked } from "./wujin-checklist.js";
import "./wujin-photos.js";

const STEPS = [["look", () => t("看一看")], ["show", () => t("拍照片")], ["say", () => t("收尾")]];

class WujinVisit extends Keeping {
  async connectedCallback() {
    this.draft = await this.app.store.get("visits", this.argument);
    if (!this.draft) return go("/field/", true);
    if (this.draft.state !== "draft") return this.#finished();
    // Position is read only while a visit is open, and only the readings at the shutter are kept.
    this.watch = watchPosition();
    await this.#belong();
    this.list = await listOf(this.app, this.draft);
    if (!this.isConnected) return this.watch.stop();
    this.#draw();
    const lost = shotLost(this.draft);
    this.#open(this.draft.before || lost ? "show" : "look"); // what comes back, comes back for a picture as a rule
    if (lost) this.place.prepend(h("p.notice.wait", { role: "status" }, t("刚才拍到一半页面关掉了，那一张没有存下，请再拍一次。前面的都在。")));
  }

  disconnectedCallback() {
    this.watch?.stop();
  }

  save(edit) {
    return this.keep(async () => {
      this.draft = (await change(this.app.store, this.draft.id, edit)) ?? this.draft;
      this.#count();
    });
  }

  /** From now on with this checklist. */
  look(template, list) {
    return this.keep(async () => {
      this.draft = await changeList(this.app.store, this.draft.id, template, list);
      this.list = list;
      this.#count();
    });
  }

  /** Its activity, and the one it could belong to instead. alone: no other stop yet. */
  async #belong() {
    const own = await activityOf(this.app.store, this.draft.activity_id);
    this.activity = own?.activity ?? null;
    this.alone = own?.stops.length === 1;
    const others = (await openActivities(this.app.store)).map((one) => one.activity);
    this.other = others.find((one) => one.id !== this.activity?.id && isToday(one.started_at));
  }

  /** Joined without a question; one tap says that it is another one. */
  #whose() {
    const name = (activity) => nameOf(this.app.pack.names.activity_kind.find(({ code }) => code === activity.activity_kind));
    if (this.draft.before || this.activity?.state !== "open" || (this.alone && !this.other)) return "";
    const [words, act, to] = this.alone
      ? [t("这是单独的一场"), t("并入“{name}”那一场", { name: name(this.other) }), this.other.id]
      : [t("算在“{name}”这一场里", { name: name(this.activity) }), t("这是另外一场"), null];
    return h("div.row.apart.whose", {}, h("span.soft", {}, words), h("button.button.quiet", { type: "button", onclick: () => this.#move(to) }, act));
  }

  async #move(to) {
    await this.keep(async () => (this.draft = await moveVisit(this.app.store, this.app.pack, this.draft.id, to)));
    await this.#belong();
    this.#draw();
    this.#open(this.step);
    this.querySelector(".whose button")?.focus();
  }

  #draw() {
    const { before, title } = this.draft;
    // 去补中 says it.
    if (before) this.saved.replaceChildren(this.saved.className = "");
    this.tabs = h("div.steps", { role: "tablist" }, ...STEPS.map(([step, word]) =>
      h("button.step", { type: "button", role: "tab", onclick: () => this.#open(step), "data-step": step }, word(), h("b", {}))));
    this.place = h("div.step-body", { role: "tabpanel" });
    const back = before && this.app.pack.returned.find(({ id }) => id === this.draft.id);
    this.replaceChildren(h("header.head", {}, h("h1", {}, title), before && h("p", {}, stateBadge({ code: "revising" })), this.saved),
      back ? h("section.card", {}, ...words(back)) : "", this.#whose(), this.tabs, this.place,
      h("p", {}, h("button.button.quiet", { type: "button", onclick: () => this.#discard() }, icon("trash"), before ? t("不补了，回到原来那份") : t("不记了，丢掉这份草稿"))));
    this.#count();
  }

  #open(step) {
    for (const tab of this.tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.step === step));
    const body = document.createElement({ look: "wujin-checklist", show: "wujin-photos", say: this.draft.before ? "wujin-again" : "wujin-finish" }[step]);
    Object.assign(body, { visit: this, app: this.app, onward: () => this.#onward(step) });
    this.step = step;
    this.place.replaceChildren(...(step === "look" && !this.draft.before ? [door(this, (said) => CLOSED_DOOR.has(said) && this.#onward("show"))] : []), body);
    scrollTo(0, 0);
  }

  #onward(step) {
    this.turn(step === "look" ? "show" : "say");
  }

  /** To another of the three, by eye and by keyboard. */
  turn(step) {
    this.#open(step);
    this.tabs.querySelector("[aria-selected=true]").focus({ preventScroll: true });
  }

  #count() {
    const { answers, photos } = this.draft;
    const items = itemsAsked(this);
    const done = items.filter(({ code }) => answers[code]?.value).length;
    for (const tab of this.tabs.children) {
      tab.querySelector("b").textContent = { look: items.length ? `${done}/${items.length}` : "", show: photos.length || "", say: "" }[tab.dataset.step];
    }
  }

  /** Pressing the same place twice must not cost the photos: another button does it. */
  #discard() {
    if (this.sure) return;
    const { before, photos } = this.draft;
    const words = !before && photos.length ? t("确实丢掉，{n}张照片也不要了", { n: photos.length }) : t("确实丢掉");
    this.sure = h("button.button", { type: "button", onclick: () => this.#gone(this.sure) }, words);
    this.lastElementChild.append(" ", this.sure);
  }

  async #gone(button) {
    button.disabled = true;
    await (this.draft.before ? withdraw : discard)(this.app.store, this.draft.id);
    go("/field/", true);
  }

  async #finished() {
    const row = (await this.app.visits()).find(({ visit }) => visit.id === this.draft.id);
    const { reason, back } = row.state;
    this.replaceChildren(h("header.head", {}, h("h1", {}, this.draft.title), stateBadge(row.state)),
      ...(reason ? [h(isHeld(row.state) ? "p.card" : "p.card.alarm", {}, whyAside(reason)), link("/field/outbox", "button whole", icon("outbox"), t("去待交，导出备份"))] : []),
      ...(back ? [h("section.card", {}, ...words(back), ...again(this.app, back, row, ".main"))] : []),
      reason && this.draft.before ? h("button.button", { type: "button", onclick: (event) => this.#gone(event.currentTarget) }, icon("undo"), t("不补了，回到原来那份")) : "",
      (this.sent ??= Object.assign(document.createElement("wujin-sent"), { app: this.app, draft: this.draft })),
      h("p.soft", {}, t("已经封存，内容不会再变。交上去以后手机里还留14天。")));
  }

  progressed() {
    if (this.draft && this.draft.state !== "draft") this.#finished();
  }
}

customElements.define("wujin-visit", WujinVisit);
