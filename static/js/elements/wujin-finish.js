// 收尾: one stop is written. Either another follows, or this was the last and its activity is closed with it.

import { finish } from "../outbox/visits.js";
import { nameOf, t, unitOf } from "../words.js";
import { CLOSED_DOOR, door } from "./door.js";
import { countRows, field, go, h, icon } from "./dom.js";
import { missingCard } from "./missing.js";
import { isPlain } from "./one-by-one.js";

const TRIPLE = {
  violation_corrected: () => t("纠正一起违法行为"),
  law_explained: () => t("普及一次法律法规"),
  knowledge_taught: () => t("开展一次安全宣传"),
};

class WujinFinish extends HTMLElement {
  connectedCallback() {
    const { activity, alone } = this.visit;
    this.triple = h("div.more", {});
    const lacks = h("div.more", {}, missingCard(this.visit));
    const here = [lacks, door(this.visit, () => (lacks.replaceChildren(missingCard(this.visit)), this.form?.redraw?.())), this.#note(), alone ? "" : this.#materials(), this.triple];
    this.replaceChildren(...(activity?.state !== "open" ? [...here, this.#late()] : alone ? this.#onlyStop(here) : [...here, this.#oneOfMany()]));
    if (!alone) this.#tripled();
  }

  #note() {
    const keep = () => this.visit.save((draft) => (draft.note = box.value));
    const box = h("textarea", { name: "note", rows: 2, maxLength: 500, value: this.visit.draft.note, placeholder: t("比如：敲了三次门没人应，资料留在门口"), oninput: () => this.visit.typing(keep), onchange: keep });
    return field(t("这一处要说明的（可以不写）"), box);
  }

  /** What was left at this door; the sum is offered when the activity is closed. */
  #materials() {
    const { app, draft } = this.visit;
    const channels = app.pack.names.channel.filter(({ carried, unit }) => carried || ["处", "块", "条"].includes(unit));
    const given = draft.materials ?? {};
    const row = (entry) => ({ name: `materials-${entry.code}`, label: nameOf(entry), unit: unitOf(entry), value: given[entry.code],
      kept: (count) => this.visit.save((now) => ((now.materials ??= {})[entry.code] = Number.isSafeInteger(count) ? count : 0)) });
    return h("details", { open: Object.values(given).some(Boolean) }, h("summary", {}, t("这一处发了、挂了什么")), ...countRows(channels.map(row), this.visit));
  }

  /** The commonest case: one form for the visit and its activity. Question by question, what is said of this stop is the first. */
  #onlyStop(here) {
    const shut = () => CLOSED_DOOR.has(this.visit.draft.refused);
    const form = this.form = Object.assign(document.createElement("wujin-activity-form"), { host: this.visit, shut, finish: () => this.#finish("/field/", true), chosen: () => this.#tripled() });
    here.push(h("section.card", {}, h("p", {}, t("还要去别处？都算同一场，人数和月报那句话最后填一次。")), this.#button("door", t("这处记好了，去下一处"), "/field/scan")));
    if (!isPlain()) return [...here, form];
    form.first = h("div.stack.wide", {}, ...here);
    return [form];
  }

  #oneOfMany() {
    return h("div.actions", {}, this.#button("door", t("这处记好了，去下一处"), "/field/scan", true),
      this.#button("tick", t("这处记好了，这一场收尾"), `/field/activities/${this.visit.activity.id}`));
  }

  /** Its activity was closed before this stop was written to the end. */
  #late() {
    return h("div.actions", {}, this.#button("tick", t("完成"), "/field/", true));
  }

  #button(drawn, words, then, main = false) {
    const press = async () => {
      button.disabled = true;
      button.disabled = await this.#finish(then);
    };
    const button = h(main ? "button.button.main.whole" : "button.button.whole", { type: "button", onclick: press }, icon(drawn), words);
    return button;
  }

  /** Correct one thing, explain one law, teach one point: with less the record says that it is incomplete (R175). */
  async #tripled() {
    const { app, activity, draft } = this.visit;
    const wanted = app.pack.names.context.find((entry) => entry.code === activity?.context)?.requires ?? [];
    const given = Object.fromEntries(wanted.map((code) => [code, Boolean(draft.enforcement?.[code])]));
    if (Object.keys(draft.enforcement ?? {}).length !== wanted.length) await this.visit.save((now) => (now.enforcement = given));
    const left = Object.values(given).filter((done) => !done).length;
    if (!wanted.length) return this.triple.replaceChildren();
    this.triple.replaceChildren(h("fieldset", {}, h("legend", {}, t("执法时要做的三件事")), ...wanted.map((code) => this.#tick(code, given[code]))),
      left ? h("p.state.wait", {}, t("还差{n}件，这条会记成“不完整”", { n: left })) : h("p.state.ok", {}, t("三件都做了")));
  }

  #tick(code, checked) {
    const turn = async ({ target }) => {
      await this.visit.save((draft) => (draft.enforcement[code] = target.checked));
      await this.#tripled();
      this.triple.querySelector(`[name=${code}]`).focus();
    };
    return h("label.switch", {}, h("input", { type: "checkbox", name: code, checked, onchange: turn }), h("span", {}, TRIPLE[code]?.() ?? code));
  }

  async #finish(then, last = false) {
    try {
      document.activeElement?.blur(); // the words in hand are not kept yet
      await this.visit.save(() => {});
      await finish(this.app.store, this.app.pack, this.visit.draft.id, { last });
    } catch (error) {
      this.visit.notSaved(error);
      return false;
    }
    this.app.courier.send(true);
    go(then);
    return true;
  }
}

customElements.define("wujin-finish", WujinFinish);
