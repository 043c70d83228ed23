// One item: a good state, one sentence of help, four answers. A failed one asks how bad, what, and for a picture.

import { uuid7 } from "../outbox/uuid.js";
import { lang, nameOf, t } from "../words.js";
import { field, h, icon } from "./dom.js";
import { foundThen, howBad, lookedAgain } from "./recheck.js";
import { takePhoto } from "./wujin-camera.js";

const ANSWERS = [["ok", "tick", () => t("合格")], ["fail", "cross", () => t("不合格")], ["unseen", "eye-off", () => t("没看到")], ["na", "dash", () => t("不适用")]];
const AGAIN = { ok: ["rectified", () => t("改好了")], fail: ["pending", () => t("还没改")] }; // where a hazard of it is open
const SEVERITIES = [["minor", () => t("轻微")], ["general", () => t("一般")], ["serious", () => t("严重，当天报站里")]];

class WujinItem extends HTMLElement {
  connectedCallback() {
    this.className = "card item";
    this.more = h("div.more", {});
    const name = `answer-${this.item.code}`;
    const choices = ANSWERS.map(([value, drawn, word]) => h(`label.answer.is-${value}`, {},
      h("input", { type: "radio", name, value, checked: this.#answer().value === value, onclick: () => this.#choose(value) }), icon(drawn), h("span", {}, this.open.length && AGAIN[value] ? AGAIN[value][1]() : word())));
    const guidance = lang === "en" ? this.item.guidance_en : this.item.guidance;
    const professional = this.item.needs_professional && h("p.soft", {}, t("这一项由专业人员看；不是的话选“不适用”。"));
    this.replaceChildren(h("fieldset", {}, h("legend", {}, h("small.soft.small", {}, `${this.number}/${this.of} `), this.again && h("span.state.back", {}, t("上次不合格")), " ", nameOf(this.item)),
      ...this.open.map(foundThen), guidance && h("p.hint", {}, guidance), professional, h("div.answers", {}, ...choices)), this.more);
    this.#draw();
  }

  #answer() {
    return this.visit.draft.answers[this.item.code] ?? {};
  }

  /** Tapping the chosen answer again takes it back. */
  async #choose(value) {
    const next = this.#answer().value === value ? null : value;
    await this.#save((answer, draft) => {
      answer.value = next;
      answer.hazard = next === "fail" && this.item.kind !== "activity" && !this.open.length ? (answer.hazard ?? this.#hazard()) : undefined;
      if (this.open.length) lookedAgain(draft, this.open, AGAIN[next]?.[0] ?? null);
    });
    for (const input of this.querySelectorAll(`input[name="answer-${this.item.code}"]`)) input.checked = input.value === this.#answer().value; // as it was kept
    this.#draw();
  }

  #save(edit) {
    const { code } = this.item;
    return this.visit.save((draft) => edit((draft.answers[code] ??= { value: null, note: "" }), draft));
  }

  #hazard() {
    const { category = "other", severity, zh } = this.item;
    return { id: uuid7(), severity, category, found_at: Date.now(), item_text: zh, fixed_on_spot: false };
  }

  #draw() {
    const answer = this.#answer();
    if (this.open.length) return this.more.replaceChildren(...(AGAIN[answer.value] ? this.#lookedAgain(answer) : []));
    this.more.replaceChildren(...(answer.value === "fail" ? this.#failed(answer) : []), ...(this.item.photo_always && answer.value !== "fail" ? [this.#camera()] : []));
  }

  /** The open hazard keeps its own story: a second one of the same thing is not made. */
  #lookedAgain({ value, note }) {
    const keep = () => this.#save((answer, draft) => {
      answer.note = write.value;
      lookedAgain(draft, this.open, draft.rechecks[this.open[0].id].result, write.value);
    });
    const write = h("textarea", { rows: 2, maxLength: 500, value: note ?? "", oninput: () => this.visit.typing(keep), onchange: () => keep() });
    return [value === "fail" && howBad(this.visit, this.open), this.#camera(), field(t("看到了什么（可以不写）"), write)].filter(Boolean);
  }

  #failed({ hazard, note }) {
    const keep = () => this.#save((answer) => (answer.note = write.value));
    const write = h("textarea", { rows: 2, maxLength: 500, value: note ?? "", oninput: () => this.visit.typing(keep), onchange: () => keep() });
    return [hazard && this.#severity(hazard), field(t("看到了什么"), write), this.#camera(), hazard && this.#fixed(hazard), hazard && !hazard.fixed_on_spot && this.#whose(hazard)].filter(Boolean);
  }

  #severity(hazard) {
    const choices = SEVERITIES.map(([value, word]) => h("label.chip", {},
      h("input", { type: "radio", name: `severity-${this.item.code}`, value, checked: hazard.severity === value,
        onchange: () => this.#save((answer) => (answer.hazard.severity = value)) }), h("span", {}, word())));
    return h("fieldset.chips-set", {}, h("legend", {}, t("有多要紧")), ...choices);
  }

  /** Put right on the spot: the picture before stays, the one after is asked for. */
  #fixed(hazard) {
    const turn = () => this.visit.save((draft) => {
      draft.answers[this.item.code].hazard.fixed_on_spot = box.checked;
      const [from, to] = box.checked ? ["close", "before"] : ["before", "close"];
      for (const photo of draft.photos) if (photo.item === this.item.code && photo.role === from) photo.role = to;
    });
    const box = h("input", { type: "checkbox", checked: hazard.fixed_on_spot, onchange: async () => (await turn(), this.#draw(), this.more.querySelector(".switch input").focus()) });
    const after = hazard.fixed_on_spot && !this.item.photo_forbidden && this.#button(t("拍一张改好以后的"), "after");
    return h("div.more", {}, h("label.switch", {}, box, h("span", {}, t("当场改好了"))), after);
  }

  /** Who puts it right, and how (C1, hazard): folded, because most of it is said at the desk. */
  #whose(hazard) {
    const line = (name, label) => {
      const keep = () => this.#save((answer) => (answer.hazard[name] = box.value));
      const box = h("input", { maxLength: 100, autocomplete: "off", value: hazard[name] ?? "", oninput: () => this.visit.typing(keep), onchange: keep });
      return field(label, box);
    };
    return h("details", { open: Boolean(hazard.responsible_party || hazard.measure) }, h("summary", {}, t("谁来改、怎么改（可以不写）")),
      line("responsible_party", t("谁来改（店主、物业、单位，不写人名）")), line("measure", t("怎么改")));
  }

  #camera() {
    if (this.item.photo_forbidden) return h("p.soft", {}, icon("eye-off"), t("这一项不拍照。"));
    const taken = this.visit.draft.photos.filter((photo) => photo.item === this.item.code).length;
    const asked = (this.item.photo_always || this.item.photo_required_on_fail) && this.visit.draft.refused !== "no_photo";
    if (this.open.length) return this.#button(taken ? t("已拍{n}张，再拍一张", { n: taken }) : t("拍一张现在的样子"), this.#answer().value === "ok" ? "after" : "before");
    const words = taken ? t("已拍{n}张，再拍一张", { n: taken }) : asked ? t("拍一张看得清的") : t("拍一张（可以不拍）");
    return this.#button(words, this.#answer().hazard?.fixed_on_spot ? "before" : null);
  }

  #button(words, shows) {
    return h("button.button", { type: "button", onclick: () => this.#shoot(shows) }, icon("camera"), words);
  }

  async #shoot(shows = null) {
    if (await takePhoto(this.visit, this.item.code, { shows, hazard: this.open[0]?.id })) this.#draw();
    this.more.querySelector("button")?.focus();
  }
}

customElements.define("wujin-item", WujinItem);
