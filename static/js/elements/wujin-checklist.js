// 看一看: one card an item. In any order; the short list shows only what matters most.

import { lang, nameOf, t } from "../words.js";
import { field, h, icon } from "./dom.js";
import { checklistsFor } from "./places.js";
import "./wujin-item.js";

class WujinChecklist extends HTMLElement {
  connectedCallback() {
    const list = this.app.pack.checklists[this.visit.draft.template];
    if (!list) return this.replaceChildren(h("p.empty", {}, t("这里没有检查表，直接拍照就行。")), this.#next());
    const short = h("input", { type: "checkbox", checked: this.visit.draft.short, onchange: () => this.#shorten(short.checked) });
    this.cards = h("div.cards", {});
    this.replaceChildren(lang === "zh" ? h("p.soft", {}, list.intro) : "", h("label.switch", {}, short, h("span", {}, t("只看要紧的几项"))), this.cards, this.#which(), this.#next());
    this.#draw(list);
  }

  /** A drill at a school wants the drill's list. Answers already given stay with the visit. */
  #which() {
    const { checklists } = this.app.pack;
    const codes = checklistsFor(this.app.pack, this.visit.draft);
    const box = h("select", { name: "template" }, ...codes.map((code) => h("option", { value: code, selected: code === this.visit.draft.template }, nameOf(checklists[code]))));
    box.onchange = async () => {
      await this.visit.save((draft) => Object.assign(draft, { template: box.value, template_version: checklists[box.value].version }));
      this.connectedCallback();
      this.querySelector("select").focus();
    };
    return field(t("用哪张检查表"), box);
  }

  #draw(list) {
    const month = new Date().getMonth() + 1;
    const shown = list.items.filter((item) => inSeason(item, month, this.app.pack.seasons) && (!this.visit.draft.short || item.core));
    this.cards.replaceChildren(...shown.map((item, place) => this.#card(item, place + 1, shown.length)));
  }

  #card(item, number, of) {
    const card = document.createElement("wujin-item");
    return Object.assign(card, { item, number, of, visit: this.visit, app: this.app });
  }

  async #shorten(short) {
    await this.visit.save((draft) => (draft.short = short));
    this.#draw(this.app.pack.checklists[this.visit.draft.template]);
  }

  #next() {
    return h("div.actions", {}, h("button.button.main.whole", { type: "button", onclick: () => this.onward() }, icon("camera"), t("拍照片")));
  }
}

function inSeason(item, month, seasons) {
  return !item.season || !seasons?.[item.season] || seasons[item.season].includes(month);
}

customElements.define("wujin-checklist", WujinChecklist);
