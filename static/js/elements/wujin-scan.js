// 扫码: which place is this? The camera first; typed code, a still picture, nearby and no code at all beside it.

import { readCode } from "../outbox/code.js";
import { openCamera } from "../phone/camera.js";
import { watchPosition } from "../phone/position.js";
import { decodePicture, scan } from "../phone/scanner.js";
import { t } from "../words.js";
import { field, go, h, icon, link } from "./dom.js";
import { lamp } from "./lamp.js";
import { nearby } from "./places.js";

const WHY_NOT = {
  refused: () => t("没有允许使用相机。可以在浏览器设置里打开，或者输入编号。"),
  missing: () => t("这部手机找不到相机。请输入编号。"),
  busy: () => t("相机正被别的程序占用。关掉它再试，或者输入编号。"),
  insecure: () => t("这个地址不是 https，浏览器不让用相机。请输入编号。"),
};

class WujinScan extends HTMLElement {
  connectedCallback() {
    this.video = h("video", { muted: true, playsInline: true, "aria-label": t("相机画面") });
    this.said = h("p.said", { role: "status" });
    this.near = h("ul.lines", {});
    this.light = h("div", {});
    this.finder = h("div.viewfinder", {}, this.video, h("i.frame", {}));
    this.again = h("button.button.whole", { type: "button", hidden: true, onclick: () => this.#look() }, icon("retry"), t("再试一次"));
    this.replaceChildren(h("h1", {}, t("扫码")), this.finder, h("div.row.apart.under", {}, this.said, this.light), this.again, this.#typed(), this.#still(),
      h("section", {}, h("h2", {}, t("附近的场所")), this.near), link("/v/new", "button whole", icon("plus"), t("没有码的地方")));
    this.#look();
    this.#nearby();
  }

  disconnectedCallback() {
    this.#rest();
    this.watch?.stop();
  }

  async #look(words = t("对准门上的二维码")) {
    this.#rest();
    const { signal } = (this.looking = new AbortController());
    this.#show(words);
    try {
      const camera = await openCamera(this.video, { onEnd: (how) => how === "hidden" && this.#paused() });
      if (signal.aborted) return camera.stop();
      this.camera = camera;
      this.light.replaceChildren(lamp(camera));
      await scan(this.video, { onCode: (text) => this.#found(text), signal });
    } catch (error) {
      if (!signal.aborted) this.#show((WHY_NOT[error.reason] ?? WHY_NOT.busy)(), false);
    }
  }

  /** Without a camera the other ways move up to where its picture was. */
  #show(words, seen = true) {
    this.said.textContent = words;
    [this.finder.hidden, this.again.hidden] = [!seen, seen];
  }

  #rest() {
    this.looking?.abort();
    this.camera?.stop();
    this.light.replaceChildren();
    this.onclick = null;
  }

  /** The phone was put away: the system took the camera, and a tap brings it back. */
  #paused() {
    this.looking?.abort();
    this.said.textContent = t("相机停了，点这一页再扫。");
    this.onclick = () => this.#look();
  }

  #found(text) {
    const code = readCode(text);
    if (code) return go(`/v/${code}`, true);
    const other = t("这不是走访用的码。请扫门上贴的那一张。");
    this.said.textContent = other;
    setTimeout(() => this.isConnected && this.#look(other), 1500);
  }

  #typed() {
    const box = h("input.code", { name: "code", maxLength: 12, autocomplete: "off", autocapitalize: "characters", spellcheck: false, placeholder: "A2B3 C4D5" });
    const place = h("div", {});
    const draw = (error) => place.replaceChildren(field(t("输入八位编号"), box, { error }));
    const submit = (event) => {
      event.preventDefault();
      const code = readCode(box.value);
      if (code) return go(`/v/${code}`, true);
      draw(t("这个编号不对，再看一下门上的八位字。"));
      box.focus();
    };
    draw("");
    return h("form.typed", { onsubmit: submit }, place, h("button.button", {}, t("开始")));
  }

  #still() {
    const read = async ({ target }) => {
      const text = target.files[0] && (await decodePicture(target.files[0]));
      if (text) return this.#found(text);
      this.said.textContent = t("照片里没有认出码。靠近一点、光线亮一点再拍。");
    };
    return h("label.button.whole", {}, icon("photo"), t("拍一张照片来认"), h("input.unseen", { type: "file", accept: "image/*", onchange: read }));
  }

  #nearby() {
    this.near.replaceChildren(h("li.soft", {}, t("正在定位…")));
    this.watch = watchPosition((reading) => {
      const found = reading ? nearby(this.app.pack, reading).map(nearLine) : [];
      const none = reading ? t("附近没有登记过的场所。") : t("没有定位，附近的场所列不出来。");
      this.near.replaceChildren(...(found.length ? found : [h("li.soft", {}, none)]));
    });
  }
}

function nearLine({ venue, metres }) {
  const far = metres < 1000 ? t("{n}米", { n: metres }) : t("{n}公里", { n: (metres / 1000).toFixed(1) });
  const href = venue.code ? `/v/${venue.code}` : "/v/new";
  return h("li", {}, link(href, "line", h("span.grow", {}, venue.zh), h("small.soft.small", {}, far), icon("chevron-right")));
}

customElements.define("wujin-scan", WujinScan);
