// 待交: what waits, why, for how long?

import { waitingOf } from "../outbox/state.js";
import { ago, t } from "../words.js";
import { h, icon, link } from "./dom.js";
import { isHeld, offeredAgain, stateBadge, whyAside } from "./states.js";
import { isStopped } from "./whose.js";
import { backup } from "./wujin-room.js";

class WujinOutbox extends HTMLElement {
  connectedCallback() {
    this.send = h("button.button.main.whole", { type: "button", hidden: true, onclick: () => this.app.courier.send(true) }, icon("cloud-up"), " ");
    this.list = h("div.stack", {}, this.send);
    this.replaceChildren(this.list);
    this.#draw();
  }

  progressed() {
    this.#draw();
  }

  async #draw() {
    const items = await this.app.store.all("outbox");
    const rows = (await this.app.visits()).filter(({ state }) => ["saved", "sending", "aside"].includes(state.code));
    const waiting = waitingOf(items);
    const [above, below] = waiting.total ? this.#waiting(rows, waiting) : [[], [clear()]];
    const busy = this.app.courier.doing() === "sending";
    // All but the button is drawn anew, around it: a press that comes with a step of the courier still hits it.
    for (const node of [...this.list.children]) if (node !== this.send) node.remove();
    this.send.before(h("h1", {}, t("待交")), ...above);
    this.send.after(...below);
    Object.assign(this.send, { hidden: waiting.total === waiting.aside, disabled: busy }).lastChild.textContent = busy ? t("正在交…") : t("现在交");
    // One for as long as this screen stands, and never moved: it may hold a file that somebody is about to save.
    if (items.length && !this.rescue) this.append((this.rescue = backup(this.app)));
  }

  /** What stands above the button, and below it. */
  #waiting(rows, { photos, since, total, aside, again }) {
    const lines = h("ul.lines", {}, ...rows.map(line));
    if (total === aside) return [[], [h("p", {}, isStopped() ? t("没交的会自动交给站里留着，由内勤看过再收。") : t("这些自己交不上去，原因写在下面。先导出备份，交给内勤。")), lines]];
    return [[
      this.app.courier.doing() === "waiting" && h("p.notice.wait", { role: "status" }, t("刚才没有信号，没有交出去。记录都还在，有信号时会自己再交。")),
      again > 0 && h("p", {}, offeredAgain()),
      total > again && h("p", {}, t("最早的是{ago}存下的。有网络时会自动交，交的时候请把这个页面开着。", { ago: ago(since) })),
    ].filter(Boolean), [lines, photos > 0 && h("p.soft", {}, t("还有{n}张照片在等。", { n: photos }))].filter(Boolean)];
  }
}

function line({ visit, state }) {
  const why = state.reason && !isHeld(state) && h("p.alarm", {}, whyAside(state.reason));
  return h("li", {}, link(`/field/visits/${visit.id}`, "line", h("span.grow", {}, h("strong", {}, visit.title), h("small.soft.small", {}, ago(visit.started_at))), stateBadge(state)), why);
}

function clear() {
  return h("div.empty", {}, icon("tick"), h("p", {}, t("都交上去了。交过的记录在手机里还留14天。")));
}

customElements.define("wujin-outbox", WujinOutbox);
