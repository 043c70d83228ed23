// 停用: what happened to this phone, whom to ask, and what becomes of what it still holds. Nothing new begins here.

import { waitingOf } from "../outbox/state.js";
import { t } from "../words.js";
import { h, redraw } from "./dom.js";
import { list, waitingLine } from "./wujin-today.js";

const DONE = new Set(["received", "returned", "accepted", "disputed"]);

class WujinStopped extends HTMLElement {
  connectedCallback() {
    this.held = h("div.stack.wide", {});
    this.rescue = Object.assign(document.createElement("wujin-rescue"), { app: this.app, hidden: true });
    this.replaceChildren(h("h1", {}, t("这部手机已经停用")), h("p", {}, t("站里停用了它，比如换了手机，或者丢过。要接着走访，请找内勤重新开通。")), this.held, this.rescue);
    this.progressed();
  }

  async progressed() {
    const items = await this.app.store.all("outbox");
    const rows = (await this.app.visits()).filter(({ state }) => !DONE.has(state.code));
    redraw(this.held, rows.length ? h("p", {}, t("没交的会自动交给站里留着，由内勤看过再收。")) : waitingLine(waitingOf(items)), rows.length ? list(rows) : "");
    this.rescue.hidden = !items.length;
  }
}

customElements.define("wujin-stopped", WujinStopped);
