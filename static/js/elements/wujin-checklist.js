// 看一看: one card an item. In any order; the short list shows only what matters most.

import { lang, nameOf, t } from "../words.js";
import { field, h, icon } from "./dom.js";
import { lastCard, lastTime, toSeeAgain } from "./last.js";
import { isPlain, oneByOne } from "./one-by-one.js";
import { checklistsFor } from "./places.js";
import { hazardsOf, recheckCards } from "./recheck.js";
import "./wujin-item.js";

class WujinChecklist extends HTMLElement {
  connectedCallback() {
    const { list } = this.visit;
    this.last = lastTime(this.app.pack, this.visit.draft);
    if (!list) return this.replaceChildren(...this.#rechecks(), h("p.empty", {}, t("这里没有检查表，直接拍照就行。")), this.#next());
    const short = h("input", { type: "checkbox", checked: this.visit.draft.short, onchange: () => this.#shorten(short.checked) });
    this.cards = h("div.cards", {});
    const intro = lang === "en" ? list.intro_en : list.intro;
    const parts = [intro && h("p.soft", {}, intro), this.last && lastCard(this.last), h("label.switch", {}, short, h("span", {}, t("只看要紧的几项")))];
    this.replaceChildren(...(isPlain() ? [this.cards, parts[2]] : [...parts.filter(Boolean), this.cards]), this.#which(), this.#next());
    this.#draw();
  }

  /** A drill at a school wants the drill's list. Answers already given stay with the visit. */
  #which() {
    const { checklists } = this.app.pack;
    const codes = checklistsFor(this.app.pack, this.visit.draft);
    const box = h("select", { name: "template" }, ...codes.map((code) => h("option", { value: code, selected: code === this.visit.draft.template }, nameOf(checklists[code]))));
    box.onchange = async () => {
      await this.visit.look(box.value, checklists[box.value]);
      this.visit.at = 0;
      this.connectedCallback();
      this.querySelector("select").focus();
    };
    return field(t("用哪张检查表"), box);
  }

  /** What was wrong last time comes first, in any season, on the short list too. */
  #draw() {
    const again = toSeeAgain(this.last);
    const shown = itemsAsked(this.visit);
    const cards = shown.map((item, place) => this.#card(item, place + 1, shown.length, again.has(item.code)));
    cards.unshift(...this.#rechecks());
    if (!isPlain()) return this.cards.replaceChildren(...cards);
    if (this.last) cards.unshift(lastCard(this.last));
    this.cards.replaceChildren(...cards, this.#turns(cards));
  }

  #rechecks() {
    return this.last ? recheckCards(this.visit, this.last) : [];
  }

  /** Begins where the last look ended: with the first that has no answer; a first look with what was found last time. */
  #turns(cards) {
    const { answers } = this.visit.draft;
    const open = Object.keys(answers).length ? cards.findIndex(({ item }) => item && !answers[item.code]?.value) : 0;
    return oneByOne(cards, this.visit.at ?? Math.max(0, open), this.querySelector(".actions .button"), (at) => (this.visit.at = at));
  }

  #card(item, number, of, again) {
    const card = document.createElement("wujin-item");
    return Object.assign(card, { item, number, of, again, open: hazardsOf(this.last ?? {}, item.code), visit: this.visit, app: this.app });
  }

  async #shorten(short) {
    await this.visit.save((draft) => (draft.short = short));
    this.visit.at = 0;
    this.#draw();
  }

  #next() {
    return h("div.actions", {}, h("button.button.main.whole", { type: "button", onclick: () => this.onward() }, icon("camera"), t("拍照片")));
  }
}

/** The items of the visit's list that are on the screen, in their order. */
export function itemsAsked({ app, draft, list }) {
  const [month, again] = [new Date().getMonth() + 1, toSeeAgain(lastTime(app.pack, draft))];
  const asked = (item) => inSeason(item, month, app.pack.seasons) && (!draft.short || item.core);
  const items = list?.items ?? [];
  return [...items.filter(({ code }) => again.has(code)), ...items.filter((item) => !again.has(item.code) && asked(item))];
}

function inSeason(item, month, seasons) {
  return !item.season || !seasons?.[item.season] || seasons[item.season].includes(month);
}

customElements.define("wujin-checklist", WujinChecklist);
