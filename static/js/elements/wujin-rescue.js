// 导出备份, in 待交 and in 我的. The file is made first and handed over on a second press: browsers share and save only
// what a press has just asked for. What is said about it stays until the screen is left.

import { t } from "../words.js";
import { h, icon } from "./dom.js";

const writer = () => import("../outbox/rescue.js");

class WujinRescue extends HTMLElement {
  connectedCallback() {
    writer().catch(() => {}); // asked for early: the line may be gone when it is needed
    this.button = h("button.button.whole", { type: "button", onclick: () => this.#make() }, icon("download"), t("导出备份"));
    this.said = h("div.stack", { role: "status" });
    this.replaceChildren(this.button, this.said);
  }

  disconnectedCallback() {
    URL.revokeObjectURL(this.address);
  }

  async #make() {
    this.button.disabled = true;
    this.said.replaceChildren(h("p", {}, t("正在做备份…")));
    try {
      const made = await (await writer()).rescue(this.app.store, this.app.pack);
      this.said.replaceChildren(...this.#handover(made));
    } catch {
      this.said.replaceChildren(h("p.alarm", {}, t("备份没有做成，记录都还在手机里。有网络时再试一次。")));
    }
    this.button.disabled = false;
  }

  #handover({ file, claims, photos, lost }) {
    URL.revokeObjectURL(this.address);
    this.address = URL.createObjectURL(file);
    const size = Math.max(0.1, file.size / 1e6).toFixed(1);
    return [
      h("p", {}, t("备份做好了：{claims}条记录、{photos}张照片，{size} MB。交给站里内勤；手机里的都还留着。", { claims, photos, size })),
      lost > 0 && h("p.alarm", {}, t("有{n}件读不出来，不在里面。", { n: lost })),
      h("a.button.whole", { href: this.address, download: file.name }, icon("download"), t("存到手机")),
      navigator.canShare?.({ files: [file] }) && h("button.button.whole", { type: "button", onclick: () => share(file) }, icon("cloud-up"), t("发给内勤")),
    ].filter(Boolean);
  }
}

function share(file) {
  navigator.share({ files: [file], title: file.name }).catch(() => {}); // closed without choosing anybody
}

customElements.define("wujin-rescue", WujinRescue);
