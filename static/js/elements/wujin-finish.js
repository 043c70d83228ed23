// 收尾: who was reached, with what, one sentence. Last time's way of working is offered; numbers never are.

import { finish } from "../outbox/visits.js";
import { nameOf, t } from "../words.js";
import { field, go, h, icon } from "./dom.js";
import { formByForm } from "./one-by-one.js";

class WujinFinish extends HTMLElement {
  #errors = {};

  connectedCallback() {
    this.#draw();
  }

  #draw() {
    this.replaceChildren(h("form", { noValidate: true, onsubmit: (event) => this.#submit(event) },
      this.#number("people", t("参加了多少人"), t("在场听讲的人，没有就填 0")),
      this.#chips("topics", "topic", t("讲了什么"), t("至少选一样")),
      this.#choice("delivery", "delivery", t("怎么宣传的")),
      this.#select("activity_kind", "activity_kind", t("什么活动")),
      this.#counts("audiences", "audience", t("都是哪些人（人次）"), (entry) => entry.key),
      this.#counts("channels", "channel", t("发了、用了什么"), () => true),
      this.#number("registrations", t("学习平台新登记几人"), t("愿意的才登记，没有就填 0")),
      this.#text("entry_text", t("月报上的一句话"), 3, t("比如：组织志愿者逐店发放资料，讲解电动车充电安全。")),
      this.#text("needs", t("听到的意见和需要"), 2, t("不写姓名")),
      h("details", { open: Boolean(this.#errors.form) }, h("summary", {}, t("更多")), this.#select("form", "form", t("宣传形式")), this.#select("context", "context", t("为什么来"))),
      this.#refused(),
      h("div.actions", {}, h("button.button.main.whole", {}, icon("tick"), t("完成")))));
    formByForm(this.firstElementChild);
  }

  #edit(edit) {
    return this.visit.save((draft) => edit(draft.activity, draft));
  }

  /** Typed words are kept while they are typed, not only when the field is left: a phone may die in between. */
  #kept(box, edit) {
    box.oninput = () => this.visit.typing(() => this.#edit(edit));
    box.onchange = () => this.#edit(edit);
  }

  #number(name, label, hint) {
    // A nought to type over would turn 12 into 120: it is a placeholder.
    const box = h("input", { type: "text", inputMode: "numeric", name, autocomplete: "off", placeholder: "0", value: String(this.visit.draft.activity[name] || "") });
    this.#kept(box, (activity) => (activity[name] = whole(box.value)));
    return field(label, box, { hint, error: this.#errors[name] });
  }

  #text(name, label, rows, placeholder) {
    const box = h("textarea", { name, rows, maxLength: 300, placeholder, value: this.visit.draft.activity[name] ?? "" });
    this.#kept(box, (activity) => (activity[name] = box.value));
    return field(label, box, { error: this.#errors[name] });
  }

  #select(name, table, label) {
    const chosen = this.visit.draft.activity[name];
    const box = h("select", { name }, ...this.app.pack.names[table].map((entry) => h("option", { value: entry.code, selected: entry.code === chosen }, nameOf(entry))));
    box.onchange = () => this.#edit((activity) => this.#chosen(activity, name, box.value));
    return field(label, box);
  }

  /** A kind of activity brings its own form (domain: each kind maps to one). */
  #chosen(activity, name, value) {
    activity[name] = value;
    const kind = name === "activity_kind" && this.app.pack.names.activity_kind.find((entry) => entry.code === value);
    if (kind?.form) activity.form = kind.form;
  }

  #choice(name, table, label) {
    const chosen = this.visit.draft.activity[name];
    const choices = this.app.pack.names[table].map((entry) => h("label.chip", {},
      h("input", { type: "radio", name, value: entry.code, checked: entry.code === chosen, onchange: () => this.#edit((activity) => (activity[name] = entry.code)) }), h("span", {}, nameOf(entry))));
    return h("fieldset.chips-set", {}, h("legend", {}, label), ...choices);
  }

  #chips(name, table, label, hint) {
    const chosen = new Set(this.visit.draft.activity[name]);
    const turn = (code, on) => this.#edit((activity) => (activity[name] = on ? [...new Set([...activity[name], code])] : activity[name].filter((one) => one !== code)));
    const chip = (entry) => h("label.chip", {},
      h("input", { type: "checkbox", name, value: entry.code, checked: chosen.has(entry.code), onchange: ({ target }) => turn(entry.code, target.checked) }), h("span", {}, nameOf(entry)));
    const [first, rest] = this.#likely(this.app.pack.names[table], chosen);
    const error = this.#errors[name];
    return h("fieldset.chips-set", {}, h("legend", {}, label, h("span.hint", {}, ` ${hint}`)), error && h("p.error", { role: "alert" }, error),
      ...first.map(chip), h("details", {}, h("summary", {}, t("还有{n}样", { n: rest.length })), h("div.chips", {}, ...rest.map(chip))));
  }

  /** What was chosen and what belongs to this season first; the long tail is a tap away. */
  #likely(entries, chosen) {
    const month = new Date().getMonth() + 1;
    const inSeason = (entry) => entry.season && this.app.pack.seasons[entry.season]?.includes(month);
    const rank = (entry) => (chosen.has(entry.code) ? 0 : inSeason(entry) ? 1 : 2);
    const sorted = [...entries].sort((a, b) => rank(a) - rank(b));
    const shown = Math.max(8, sorted.filter((entry) => rank(entry) < 2).length);
    return [sorted.slice(0, shown), sorted.slice(shown)];
  }

  #counts(name, table, label, first) {
    const counts = this.visit.draft.activity[name];
    const row = (entry) => {
      const box = h("input", { type: "text", inputMode: "numeric", autocomplete: "off", name: `${name}-${entry.code}`, value: counts[entry.code] ? String(counts[entry.code]) : "" });
      this.#kept(box, (activity) => (activity[name][entry.code] = whole(box.value) || 0));
      return h("label.count-row", {}, h("span.grow", {}, nameOf(entry)), box, h("span.unit", {}, entry.unit ?? t("人次")));
    };
    const error = this.#errors[name];
    return h("details", { open: Boolean(error) }, h("summary", {}, label), error && h("p.error", { role: "alert" }, error),
      ...this.app.pack.names[table].filter(first).map(row));
  }

  #refused() {
    const options = [["none", t("没有特别情况")], ["nobody_home", t("家里没有人")], ["no_photo", t("对方不愿意拍照")], ["no_entry", t("对方不让进")]];
    const box = h("select", { name: "refused" }, ...options.map(([value, word]) => h("option", { value, selected: value === this.visit.draft.refused }, word)));
    box.onchange = () => this.visit.save((draft) => (draft.refused = box.value));
    return field(t("特别情况"), box, { hint: t("没有人、不愿意，都是有用的记录") });
  }

  async #submit(event) {
    event.preventDefault();
    document.activeElement?.blur(); // the field in hand has not told its change yet
    await this.visit.save(() => {});
    this.#errors = faults(this.visit.draft.activity);
    if (Object.keys(this.#errors).length) {
      this.#draw();
      return this.#show(this.querySelector(".error"));
    }
    event.submitter && (event.submitter.disabled = true);
    await this.#finish();
  }

  /** To the first thing to put right, by eye and by keyboard. */
  #show(error) {
    error.scrollIntoView({ block: "center" });
    error.closest(".field, fieldset, details").querySelector("input, textarea").focus({ preventScroll: true });
  }

  async #finish() {
    try {
      await finish(this.app.store, this.app.pack, this.visit.draft.id);
    } catch (error) {
      this.visit.notSaved(error);
      return this.#draw();
    }
    this.app.courier.send(true);
    go("/field/", true);
  }
}

/** Beside which field, in words. Counts are whole numbers; NaN stands for anything else that was typed. */
function faults({ people, topics, registrations, audiences, channels }) {
  const number = t("这里要填一个数，比如 12");
  const odd = (counts) => Object.values(counts).some((count) => !Number.isSafeInteger(count));
  return Object.fromEntries(Object.entries({
    people: Number.isSafeInteger(people) ? "" : number,
    registrations: Number.isSafeInteger(registrations) ? "" : number,
    topics: topics.length ? "" : t("至少选一样"),
    audiences: odd(audiences) ? number : "",
    channels: odd(channels) ? number : "",
  }).filter(([, words]) => words));
}

/** What was typed as a count: full-width digits too; a wrong entry is kept as it is, so that it can be put right. */
function whole(typed) {
  const text = typed.normalize("NFKC").trim();
  return /^\d{1,7}$/.test(text) ? Number(text) : text === "" ? 0 : typed;
}

customElements.define("wujin-finish", WujinFinish);
