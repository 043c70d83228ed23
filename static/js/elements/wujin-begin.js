// /v/<code>: a scanned poster. A place that the phone knows begins at once; anything else says what it is and what to do.

import { readCode } from "../outbox/code.js";
import { begin } from "../outbox/visits.js";
import { nameOf, t } from "../words.js";
import { field, go, h, icon, link } from "./dom.js";
import { named, placeOf, unknownPlace, venueByCode } from "./places.js";

class WujinBegin extends HTMLElement {
  async connectedCallback() {
    const code = readCode(this.argument);
    if (!code && this.argument !== "new") return this.replaceChildren(...this.#wrong());
    const { venue, retired } = code ? venueByCode(this.app.pack, code) : {};
    if (venue && !retired) return this.#begin(placeOf(this.app.pack, venue, code));
    this.replaceChildren(...(venue ? this.#retired(venue, code) : this.#unknown(code)));
  }

  /** Once, however often it is pressed. */
  async #begin(place) {
    const id = await (this.beginning ??= begin(this.app.store, this.app.pack, place));
    if (this.isConnected) go(`/field/visits/${id}`, true);
  }

  #wrong() {
    return [
      h("h1", {}, t("这个编号不对")),
      h("p", {}, t("“{code}”里可能看错了一个字。再对一下门上的八位编号，或者按名字找。", { code: this.argument.slice(0, 20) })),
      this.#byName(),
      link("/field/scan", "button whole", icon("scan"), t("重新扫码")), link("/v/new", "button whole", icon("plus"), t("没有码的地方")),
    ];
  }

  #retired(venue, code) {
    return [
      h("h1", {}, t("这张码已经换过了")),
      h("p", {}, t("它原来贴在“{name}”。如果您就在那里，可以直接开始。", { name: venue.zh })),
      h("button.button.main.whole", { type: "button", onclick: () => this.#begin(placeOf(this.app.pack, venue, code)) }, icon("door"), t("在这里开始走访")),
      this.#byName(),
    ];
  }

  #unknown(code) {
    const types = this.app.pack.names.place_type.filter((type) => type.five_entries);
    const [which, home, other] = [h("div.more", {}), homeFields(), [nameField()]];
    const choose = (type) => which.replaceChildren(...(type.code === "household" ? home : other));
    const choices = types.map((type, place) => h("label.chip", {},
      h("input", { type: "radio", name: "type", value: type.code, checked: place === 0, onchange: () => choose(type) }), h("span", {}, nameOf(type))));
    const form = h("form", { onsubmit: (event) => this.#named(event, code, types) },
      h("fieldset.chips-set", {}, h("legend", {}, t("算哪一类")), ...choices), which,
      h("button.button.main.whole", {}, icon("door"), t("开始走访")));
    choose(types[0]);
    const head = code ? t("手机里还没有这个场所") : t("没有码的地方");
    return [h("h1", {}, head), h("p", {}, t("照样可以走访，先记下名字，站里以后会对上。")), form, this.#byName()];
  }

  #named(event, code, types) {
    event.preventDefault();
    const { name, type, group, number } = Object.fromEntries(new FormData(event.target));
    const called = name?.trim() ?? `${numeral(group)}组${whole(number)}户`;
    return this.#begin(unknownPlace(this.app.pack, types.find((one) => one.code === type), called, code));
  }

  #byName() {
    const found = h("ul.lines", {});
    const search = ({ target }) => {
      const places = named(this.app.pack, target.value).map((venue) => this.#choice(venue));
      found.replaceChildren(...(places.length || !target.value.trim() ? places : [h("li.soft", {}, t("没有找到。换一个字再试；站里没有登记的，写下名字也能走访。"))]));
    };
    const box = h("input", { type: "search", autocomplete: "off", oninput: search, placeholder: t("场所名字里的字") });
    return h("section", {}, field(t("按名字找"), box), found);
  }

  #choice(venue) {
    const open = () => this.#begin(placeOf(this.app.pack, venue));
    return h("li", {}, h("button.line", { type: "button", onclick: open }, h("span.grow", {}, venue.zh), icon("chevron-right")));
  }
}

function nameField() {
  const box = h("input", { name: "name", required: true, maxLength: 60, autocomplete: "off", pattern: ".*\\S.*" });
  return field(t("这里叫什么"), box, { hint: t("比如：桥头小卖部。不写人名。") });
}

/** A home is its group and number: whoever lives there is not written down. */
function homeFields() {
  const box = (name) => h("input", { name, required: true, inputMode: "numeric", maxLength: 4, autocomplete: "off", pattern: "\\s*[0-9０-９]{1,4}\\s*" });
  return [h("p.soft", {}, t("住户只记几组几户，不写人名。")), h("div.pair", {}, field(t("第几组（栋）"), box("group")), field(t("第几户（号）"), box("number")))];
}

function whole(typed) {
  return Number(typed.normalize("NFKC").trim());
}

/** 3 → 三, 12 → 十二, as the village writes its groups. */
function numeral(typed) {
  const number = whole(typed);
  const [tens, ones] = [Math.floor(number / 10), number % 10];
  const digit = (one) => ["", ..."一二三四五六七八九"][one];
  return number > 0 && number < 100 ? `${tens > 1 ? digit(tens) : ""}${tens ? "十" : ""}${digit(ones)}` : String(number);
}

customElements.define("wujin-begin", WujinBegin);
