// Before a visit begins: is there room to keep it? If not, what is safe and what to do.

import { hasRoom } from "../outbox/room.js";
import { t } from "../words.js";
import { h, icon } from "./dom.js";

class WujinRoom extends HTMLElement {
  async connectedCallback() {
    if (await hasRoom(this.app.store)) return this.replaceWith(Object.assign(document.createElement("wujin-begin"), { app: this.app, argument: this.argument }));
    this.replaceChildren(...noRoom(this.app),
      h("button.button.whole", { type: "button", onclick: () => this.connectedCallback() }, icon("retry"), t("再试一次")));
  }
}

/** What happened · what is safe · what to do. */
export function noRoom(app) {
  return [
    h("h1", {}, t("手机满了，现在记了也存不下")),
    h("p", {}, t("已经存下的都还在。先把没交的交上去，或者删掉手机里不要的照片、视频和应用，再回来。交不上去就导出备份，交给内勤。")),
    h("button.button.main.whole", { type: "button", onclick: () => app.courier.send(true) }, icon("cloud-up"), t("现在交")),
    backup(app),
  ];
}

export const writer = () => import("./wujin-rescue.js");

/** 导出备份, there at once where the worker keeps it. */
export function backup(app) {
  const rescue = Object.assign(document.createElement("wujin-rescue"), { app });
  writer().catch(() => rescue.replaceChildren(h("p", {}, t("导出备份要先有一次网络。记录都还在手机里。"))));
  return rescue;
}

customElements.define("wujin-room", WujinRoom);
