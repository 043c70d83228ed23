// What is asked once for a whole activity: who was reached, with what, one sentence. Last time's way of working is
// offered; numbers never are. host: the screen that keeps the activity and knows what comes after; first: what it asks before;
// shut: whether no door was opened at all.

import { helpOf, nameOf, t, unitOf } from "../words.js";
import { byChannel, faults, materials, MORE } from "./activity-asks.js";
import { countRows, field, h, icon, whole } from "./dom.js";
import { formByForm } from "./one-by-one.js";

class WujinActivityForm extends HTMLElement {
  #errors = {};

  connectedCallback() {
    this.#draw();
  }

  /** Where every door stayed shut, what was left there and a sentence are enough; the rest is a tap away. */
  #draw() {
    const nobody = !this.#activity.people && !Object.values(this.#activity.audiences ?? {}).some(Boolean) && !Object.keys(this.#errors).length;
    const used = (label, which, open) => this.counts("channels", "channel", label, which, t("人次"), open);
    const sentence = this.text("entry_text", t("月报上的一句话"), 3, t("比如：组织志愿者逐店发放资料，讲解电动车充电安全。"));
    this.more = h("div.more", {});
    const asked = this.shut?.() && nobody
      ? [h("p.soft", {}, t("门没开，人数和讲了什么都不用填。")), used(t("留在门口的"), ({ carried }) => carried, true), sentence, h("details", {}, h("summary", {}, t("还是有人听了，补填")), h("div.stack.wide", {}, ...this.#told(used(t("还用了什么"), ({ carried }) => !carried), "")))]
      : this.#told(used(t("发了、用了什么")), sentence);
    this.replaceChildren(h("form", { noValidate: true, onsubmit: (event) => this.#submit(event) },
      this.first ?? "", ...asked,
      h("div.actions", {}, h("button.button.main.whole", {}, icon("tick"), this.done ?? t("完成")))));
    this.#ask();
    formByForm(this.firstElementChild);
  }

  redraw() {
    this.#draw();
  }

  #told(left, sentence) {
    return [
      this.number("people", t("参加了多少人"), t("在场听讲的人，没有就填 0")),
      this.#chips("topics", "topic", t("讲了什么"), t("至少选一样")),
      this.#choice("delivery", "delivery", t("怎么宣传的")),
      h("div.more", {}, this.#select("activity_kind", "activity_kind", t("什么活动")), this.more),
      this.counts("audiences", "audience", t("都是哪些人（人次）"), (entry) => entry.key),
      left,
      byChannel(this),
      materials(this),
      MORE.case_told(this),
      this.number("registrations", t("学习平台新登记几人"), t("愿意的才登记，没有就填 0")),
      sentence,
      this.text("needs", t("听到的意见和需要"), 2, t("不写姓名")),
      h("details", {}, h("summary", {}, t("宣传形式、为什么来")), this.#select("form", "form", t("宣传形式")), this.#select("context", "context", t("为什么来"))),
      this.#organisers(),
    ];
  }

  /** What this form of publicity and this kind of activity need beside the usual (domain: asks). */
  #ask() {
    const named = (table) => this.#names(table).find((entry) => entry.code === this.#activity[table])?.asks ?? [];
    const wanted = new Set([...named("form"), ...named("activity_kind")]);
    this.more.replaceChildren(...[...wanted].filter((name) => MORE[name]).map((name) => MORE[name](this)));
    this.chosen?.();
  }

  get #activity() {
    return this.host.activity;
  }

  #names(table) {
    return this.host.app.pack.names[table] ?? [];
  }

  /** Who organised it together with us (R1): counted in full for each, once in the total. */
  #organisers() {
    const units = this.host.app.pack.units ?? [];
    const chosen = new Set(this.#activity.organisers);
    const turn = (id, on) => this.#edit((activity) => (activity.organisers = [...(activity.organisers ?? []).filter((one) => one !== id), ...(on ? [id] : [])]));
    const chip = ({ id, zh }) => h("label.chip", {}, h("input", { type: "checkbox", name: "organisers", value: id, checked: chosen.has(id), onchange: ({ target }) => turn(id, target.checked) }), h("span", {}, zh));
    return units.length ? h("details", { open: chosen.size > 0 }, h("summary", {}, t("和谁一起办的")), h("div.chips", {}, ...units.map(chip))) : "";
  }

  get asked() {
    return this.#activity.asked ?? {};
  }

  /** Keep one of the things that only some kinds are asked. */
  ask(edit) {
    return this.#edit((activity) => edit((activity.asked ??= {})));
  }

  names(table) {
    return this.#names(table);
  }

  #edit(edit) {
    return this.host.saveActivity(edit);
  }

  /** Typed words are kept while they are typed, not only when the field is left: a phone may die in between. */
  #kept(box, edit) {
    box.oninput = () => this.host.typing(() => this.#edit(edit));
    box.onchange = () => this.#edit(edit);
  }

  number(name, label, hint) {
    // A nought to type over would turn 12 into 120: it is a placeholder.
    const box = h("input", { type: "text", inputMode: "numeric", name, autocomplete: "off", placeholder: "0", value: String(this.#activity[name] || "") });
    this.#kept(box, (activity) => (activity[name] = whole(box.value)));
    return field(label, box, { hint, error: this.#errors[name] });
  }

  text(name, label, rows, placeholder) {
    const box = h("textarea", { name, rows, maxLength: 300, placeholder, value: this.#activity[name] ?? "" });
    this.#kept(box, (activity) => (activity[name] = box.value));
    return field(label, box, { error: this.#errors[name] });
  }

  tick(name, label) {
    const box = h("input", { type: "checkbox", name, checked: Boolean(this.#activity[name]), onchange: () => this.#edit((activity) => (activity[name] = box.checked)) });
    return h("label.switch", {}, box, h("span", {}, label));
  }

  /** With the sentence that the pack has about the choice (R202). */
  #select(name, table, label) {
    const names = this.#names(table);
    const means = (code) => helpOf(names.find((entry) => entry.code === code));
    const box = h("select", { name }, ...names.map((entry) => h("option", { value: entry.code, selected: entry.code === this.#activity[name] }, nameOf(entry))));
    const shown = field(label, box, { hint: means(this.#activity[name]) });
    box.onchange = () => (shown.querySelector(".hint")?.replaceChildren(means(box.value)), this.#chosen(name, box.value));
    return shown;
  }

  /** A kind of activity brings its own form (domain: each kind maps to one), and a form its own questions. */
  async #chosen(name, value) {
    const kind = name === "activity_kind" && this.#names(name).find((entry) => entry.code === value);
    await this.#edit((activity) => Object.assign(activity, { [name]: value, ...(kind?.form && { form: kind.form }) }));
    const form = this.querySelector("[name=form]");
    form.value = this.#activity.form;
    form.dispatchEvent(new Event("input"));
    this.#ask();
  }

  #choice(name, table, label) {
    const choices = this.#names(table).map((entry) => h("label.chip", {},
      h("input", { type: "radio", name, value: entry.code, checked: entry.code === this.#activity[name], onchange: () => this.#chosen(name, entry.code) }), h("span", {}, nameOf(entry))));
    return h("fieldset.chips-set", {}, h("legend", {}, label), ...choices);
  }

  #chips(name, table, label, hint) {
    const chosen = new Set(this.#activity[name]);
    const turn = (code, on) => this.#edit((activity) => (activity[name] = on ? [...new Set([...activity[name], code])] : activity[name].filter((one) => one !== code)));
    const chip = (entry) => h("label.chip", {},
      h("input", { type: "checkbox", name, value: entry.code, checked: chosen.has(entry.code), onchange: ({ target }) => turn(entry.code, target.checked) }), h("span", {}, nameOf(entry)));
    const [first, rest] = this.#likely(this.#names(table), chosen);
    const error = this.#errors[name];
    return h("fieldset.chips-set", {}, h("legend", {}, label, !error && h("span.hint", {}, ` ${hint}`)), error && h("p.error", { role: "alert" }, error),
      ...first.map(chip), h("details", {}, h("summary", {}, t("还有{n}样", { n: rest.length })), h("div.chips", {}, ...rest.map(chip))));
  }

  /** What was chosen and what belongs to this season first; the long tail is a tap away. */
  #likely(entries, chosen) {
    const month = new Date().getMonth() + 1;
    const inSeason = (entry) => entry.season && this.host.app.pack.seasons[entry.season]?.includes(month);
    const rank = (entry) => (chosen.has(entry.code) ? 0 : inSeason(entry) ? 1 : 2);
    const sorted = [...entries].sort((a, b) => rank(a) - rank(b));
    const shown = Math.max(8, sorted.filter((entry) => rank(entry) < 2).length);
    return [sorted.slice(0, shown), sorted.slice(shown)];
  }

  counts(name, table, label, which = () => true, unit = t("人次"), open = false) {
    const given = this.#activity[name] ?? {};
    const row = (entry) => ({ name: `${name}-${entry.code}`, label: nameOf(entry), unit: unitOf(entry) ?? unit, value: given[entry.code],
      kept: async (count) => (await this.#edit((activity) => ((activity[name] ??= {})[entry.code] = count || 0)), this.counted?.()) });
    const error = this.#errors[name];
    return h("details", { open: open || Boolean(error) }, h("summary", {}, label), error && h("p.error", { role: "alert" }, error),
      ...countRows(this.#names(table).filter(which).map(row), this.host));
  }

  async #submit(event) {
    event.preventDefault();
    document.activeElement?.blur(); // the field in hand has not told its change yet
    await this.#edit(() => {});
    this.#errors = faults(this.#activity);
    if (Object.keys(this.#errors).length) {
      this.#draw();
      return this.#show(this.querySelector(".error"));
    }
    event.submitter && (event.submitter.disabled = true);
    if (!(await this.finish())) this.#draw();
  }

  /** To the first thing to put right, by eye and by keyboard. */
  #show(error) {
    error.scrollIntoView({ block: "center" });
    error.closest(".field, fieldset, details").querySelector("input, textarea").focus({ preventScroll: true });
  }
}

customElements.define("wujin-activity-form", WujinActivityForm);
