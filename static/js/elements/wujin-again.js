// 去补 ends here: what was asked, one more sentence, and off it goes. People and materials were counted the first time.

import { finishAgain } from "../outbox/revise.js";
import { t } from "../words.js";
import { field, go, h, icon } from "./dom.js";

class WujinAgain extends HTMLElement {
  connectedCallback() {
    const keep = () => this.visit.save((draft) => (draft.note = note.value));
    const note = h("textarea", { name: "note", rows: 3, maxLength: 300, value: this.visit.draft.note, oninput: () => this.visit.typing(keep), onchange: keep });
    const done = h("button.button.main.whole", {}, icon("tick"), t("交上去"));
    this.replaceChildren(h("form", { onsubmit: (event) => (event.preventDefault(), this.#finish(done, keep)) },
      field(t("补充说明"), note, { hint: t("补了什么，可以不写") }), h("p.soft", {}, t("人数和资料第一次已经交过，这里不用再填。")), h("div.actions", {}, done)));
  }

  async #finish(done, keep) {
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
