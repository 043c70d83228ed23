// 涂抹: whatever must not be seen becomes squares, before anything is sent. By finger, or half by half with the keyboard.

import { along, coarse, draw, gridOf, half, under } from "../phone/pixelate.js";
import { shrink } from "../phone/picture.js";
import { t } from "../words.js";
import { cover, h, icon, uncover } from "./dom.js";

const HALVES = [["top", () => t("上半边")], ["bottom", () => t("下半边")], ["left", () => t("左半边")], ["right", () => t("右半边")]];

/** Show `source` (Blob or ImageBitmap) over the page. → the new picture as shrink() gives it, or null when nothing was hidden */
export async function blur(source) {
  const frame = source instanceof Blob ? await createImageBitmap(source) : source;
  const sheet = Object.assign(document.createElement("wujin-blur"), { frame });
  return cover(sheet);
}

class WujinBlur extends HTMLElement {
  #strokes = [];
  done = new Promise((resolve) => (this.finish = resolve));

  connectedCallback() {
    const { width, height } = this.frame;
    this.grid = gridOf(width, height);
    this.plain = coarse(this.frame, this.grid);
    this.canvas = h("canvas", { width, height, role: "img", "aria-label": t("照片，用手指涂掉不该露出来的地方") });
    this.said = h("p.said", { role: "status" }, t("用手指涂掉人脸、证件、车牌，或者按下面的半边。"));
    for (const [attribute, value] of [["role", "dialog"], ["aria-modal", "true"], ["aria-label", t("涂抹")]]) this.setAttribute(attribute, value);
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close(null));
    this.replaceChildren(h("div.picture", {}, this.canvas), this.said, this.#halves(), this.#bar());
    this.#listen();
    this.#draw();
    this.querySelector(".bar .button").focus();
    this.inertBefore = [...document.body.children].filter((one) => one !== this && !one.inert);
    for (const one of this.inertBefore) one.inert = true;
  }

  #halves() {
    return h("div.bar.halves", {}, ...HALVES.map(([which, word]) => h("button.button", { type: "button", onclick: () => this.#stroke(half(this.grid, which)) }, word())));
  }

  #bar() {
    this.back = h("button.button", { type: "button", onclick: () => (this.#strokes.pop(), this.#draw()) }, icon("undo"), t("退一步"));
    this.use = h("button.button.main", { type: "button", onclick: () => this.#use() }, icon("tick"), t("涂好了"));
    return h("div.bar", {}, h("button.button", { type: "button", onclick: () => this.#close(null) }, icon("cross"), t("不涂了")), this.back, this.use);
  }

  #listen() {
    let last;
    this.canvas.onpointerdown = (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      last = this.#point(event);
      this.#stroke(under(this.grid, last.x, last.y));
    };
    this.canvas.onpointermove = (event) => {
      if (!this.canvas.hasPointerCapture(event.pointerId)) return;
      const next = this.#point(event);
      this.#strokes.at(-1).push(...along(this.grid, last, next));
      last = next;
      this.drawing ??= requestAnimationFrame(() => ((this.drawing = null), this.#draw()));
    };
  }

  /** In picture pixels; the picture stands centred in its box (object-fit: contain). */
  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const scale = Math.min(width / this.canvas.width, height / this.canvas.height);
    const x = (clientX - left - (width - this.canvas.width * scale) / 2) / scale;
    return { x, y: (clientY - top - (height - this.canvas.height * scale) / 2) / scale };
  }

  #stroke(cells) {
    this.#strokes.push([...cells]);
    this.#draw();
  }

  #draw() {
    draw(this.canvas.getContext("2d"), this.frame, this.plain, this.grid, new Set(this.#strokes.flat()));
    this.back.disabled = this.use.disabled = this.#strokes.length === 0;
  }

  async #use() {
    this.use.disabled = true;
    try {
      this.#close(await shrink(await createImageBitmap(this.canvas)));
    } catch {
      this.use.disabled = false;
      this.said.textContent = t("这张没有存下，再试一次。");
    }
  }

  #close(picture) {
    uncover(this, picture);
  }

  left() {
    this.remove();
    for (const one of this.inertBefore) one.inert = false;
    this.finish(this.answer ?? null);
  }
}

customElements.define("wujin-blur", WujinBlur);
