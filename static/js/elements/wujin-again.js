// 去补 ends here: what was asked, one more sentence, and off it goes. Who took part was counted the first time, and can be put right.

import { finishAgain } from "../outbox/revise.js";
import { nameOf, t } from "../words.js";
import { countRows, field, go, h, icon } from "./dom.js";

class WujinAgain extends HTMLElement {
  wrong = new Set(); // fields that hold no whole number
  error = h("p.alarm", { role: "alert" });

  connectedCallback() {
    const keep = () => this.visit.save((draft) => (draft.note = note.value));
    const note = h("textarea", { name: "note", rows: 3, maxLength: 300, value: this.visit.draft.note, oninput: () => this.visit.typing(keep), onchange: keep });
    const done = h("button.button.main.whole", {}, icon("tick"), t("交上去"));
    this.replaceChildren(h("form", { onsubmit: (event) => (event.preventDefault(), this.#finish(done, keep)) },
      field(t("补充说明"), note, { hint: t("补了什么，可以不写") }), h("p.soft", {}, t("人数和资料第一次已经交过，这里不用再填。")), this.#people(), h("div.actions", {}, done)));
  }

  /** Folded: most come back for a picture. Only what is changed here goes out again, as the activity's next revision. */
  #people() {
    const { activity, app, draft } = this.visit;
    if (activity?.state !== "closed") return "";
    const given = draft.people ?? activity;
    const kept = (name, put) => (count) => this.#whole(name, count) && this.visit.save((now) => {
      now.people ??= { people: activity.people, audiences: { ...activity.audiences }, participants: { ...activity.participants } };
      put(now.people, count);
    });
    const row = (name, label, unit, value, put) => ({ name, label, unit, value, kept: kept(name, put) });
    const rows = (name, table, unit) => (app.pack.names[table] ?? []).filter((entry) => name === "participants" || entry.key)
      .map((entry) => row(`${name}-${entry.code}`, nameOf(entry), unit, given[name]?.[entry.code], (now, count) => (now[name][entry.code] = count)));
    return h("details", { open: Boolean(draft.people) }, h("summary", {}, t("人数、来的人记错了？在这里改")), this.error,
      ...countRows([row("people", t("参加了多少人"), t("人"), given.people, (now, count) => (now.people = count))], this.visit),
      h("h3", {}, t("都是哪些人（人次）")), ...countRows(rows("audiences", "audience", t("人次")), this.visit),
      h("h3", {}, t("谁来参加了（按身份）")), ...countRows(rows("participants", "participant", t("人")), this.visit));
  }

  #whole(name, count) {
    this.wrong[Number.isSafeInteger(count) ? "delete" : "add"](name);
    this.error.textContent = this.wrong.size ? t("这里要填一个数，比如 12") : "";
    return !this.wrong.has(name);
  }

  async #finish(done, keep) {
    document.activeElement?.blur(); // the number in hand has not told its change yet
    if (this.wrong.size) return this.querySelector(`[name="${[...this.wrong][0]}"]`).focus();
    done.disabled = true;
    try {
      if (!(await keep())) throw new Error("not saved");
      await finishAgain(this.app.store, this.app.pack, this.visit.draft.id);
    } catch (error) {
      done.disabled = false;
      return this.visit.notSaved(error);
    }
    this.app.courier.send(true);
    go("/field/", true);
  }
}

customElements.define("wujin-again", WujinAgain);
