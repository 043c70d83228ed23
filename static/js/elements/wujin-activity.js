// 这一场收尾: what happened at all its stops together, asked once.

import { activityOf } from "../outbox/activities.js";
import { closeActivity } from "../outbox/visits.js";
import { nameOf, t } from "../words.js";
import { CLOSED_DOOR } from "./door.js";
import { go, h } from "./dom.js";
import { Keeping } from "./keeping.js";

class WujinActivity extends Keeping {
  async connectedCallback() {
    const found = await activityOf(this.app.store, this.argument);
    if (found?.activity.state !== "open") return go("/field/", true);
    this.activity = found.activity;
    const form = Object.assign(document.createElement("wujin-activity-form"), { host: this, shut: () => found.stops.every(({ refused }) => CLOSED_DOOR.has(refused)), finish: () => this.#finish(), done: t("这一场收尾") });
    this.replaceChildren(h("header.head", {}, h("h1", {}, nameOf(this.app.pack.names.activity_kind.find(({ code }) => code === this.activity.activity_kind))), this.saved),
      h("p.soft", {}, t("走了{n}处：", { n: found.stops.length }), found.stops.map((stop) => stop.title).join(t("、"))), unwritten(found.stops), form);
  }

  async #finish() {
    const closed = await this.keep(() => closeActivity(this.app.store, this.app.pack, this.activity.id));
    if (!closed) return false;
    this.app.courier.send(true);
    go("/field/");
    return true;
  }
}

function unwritten(stops) {
  const open = stops.filter((stop) => stop.state === "draft" && !stop.before);
  return open.length ? h("p.notice.wait", {}, t("还有{n}处没写完，以后写完照样算在这一场里。", { n: open.length })) : "";
}

customElements.define("wujin-activity", WujinActivity);
