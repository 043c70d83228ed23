// The shutter. The draft is saved before the camera opens; position and clocks are read at the shutter and bound to
// the picture's digest; nothing is believed from inside the file.

import { hasRoom, isFull } from "../outbox/room.js";
import { replacePhoto } from "../outbox/replace.js";
import { addPhoto } from "../outbox/visits.js";
import { openCamera } from "../phone/camera.js";
import { now } from "../phone/clock.js";
import { shrink } from "../phone/picture.js";
import { stamp } from "../phone/position.js";
import { t } from "../words.js";
import { cover, h, icon, uncover } from "./dom.js";
import { inHand } from "./keeping.js";
import { lamp } from "./lamp.js";

const READABLE = 640; // pixels of the longer side

/** Open the camera over the page. instead: digest of the picture it takes the place of; shows: the picture's role, where the
 *  place in the visit does not say it; hazard: id of the one that is looked at again. Resolves with true when a photo was added or replaced. */
export async function takePhoto(visit, item = null, { instead = null, shows = null, hazard = null } = {}) {
  await visit.save(() => {});
  if (document.querySelector("wujin-camera")) return false; // pressed twice
  const sheet = Object.assign(document.createElement("wujin-camera"), { visit, item, instead, shows, hazard, room: hasRoom(visit.app.store) });
  inHand(visit.draft.id);
  return cover(sheet);
}

class WujinCamera extends HTMLElement {
  done = new Promise((resolve) => (this.finish = resolve));

  connectedCallback() {
    this.video = h("video", { muted: true, playsInline: true, "aria-label": t("相机画面") });
    this.still = h("canvas.still", { hidden: true, role: "img", "aria-label": t("刚拍的照片") });
    this.said = h("p.said", { role: "status" });
    this.bar = h("div.bar", {});
    this.setAttribute("role", "dialog");
    this.setAttribute("aria-modal", "true");
    this.setAttribute("aria-label", t("拍照"));
    this.visit.app.inert = true;
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close(false)); // onkeydown would take a false for "no key works"
    this.light = h("div.light", {});
    this.replaceChildren(h("div.picture", {}, this.video, this.still, this.light), this.said, this.bar);
    this.room.then((room) => room || this.#full());
    this.#live();
  }

  /** No room: better said before the picture than after it. */
  #full() {
    this.opening?.then((camera) => camera?.stop());
    this.said.textContent = t("手机满了，拍了也存不下。已经拍的都在。先交上去，或者清出一点空间，再来拍。");
    const back = this.#button("chevron-left", t("回到走访"), () => this.#close(false), true);
    this.#show([back]);
    back.focus();
  }

  #live() {
    this.still.hidden = true;
    this.light.hidden = false;
    const shutter = this.#button("camera", t("拍"), () => this.#shoot(), true);
    this.#show([this.#button("cross", t("不拍了"), () => this.#close(false)), this.#file(), shutter]);
    shutter.focus();
    this.opening ??= this.#open();
  }

  /** The camera, or null with the reason said. */
  async #open() {
    try {
      const camera = await openCamera(this.video, { onEnd: () => ((this.opening = null), this.light.replaceChildren()) });
      this.light.replaceChildren(lamp(camera));
      if (!this.isConnected) camera.stop();
      return camera;
    } catch {
      this.said.textContent = t("相机打不开，可以从相册选，或用手机自带的相机拍。");
      this.opening = null;
      this.#show([this.#button("cross", t("不拍了"), () => this.#close(false)), this.#button("retry", t("再试一次"), () => this.#live()), this.#file(true)]);
      return null;
    }
  }

  /** A tap that comes before the camera is ready waits for it: no tap is lost. */
  async #shoot() {
    const camera = await (this.opening ??= this.#open());
    if (!camera) return;
    const line = this.#line("camera");
    const frame = await camera.grab();
    this.#consider(shrunk(frame), line, frame);
  }

  #file(main = false) {
    const chosen = async ({ target }) => {
      const [file] = target.files;
      if (file) this.#consider(shrunk(file), this.#line("file"));
    };
    return h(main ? "label.button.main" : "label.button", {}, icon("photo"), t("选照片"), h("input.unseen", { type: "file", accept: "image/jpeg,image/png,image/webp,image/*", onchange: chosen }));
  }

  /** What was true at the shutter. */
  #line(capture) {
    const { wall_ms, mono_ms } = now();
    const { watch } = this.visit;
    const position = stamp(watch.latest(), wall_ms);
    return { taken_at: wall_ms, mono_ms, capture, position, no_position: position ? null : (watch.why() ?? "no_signal"), item: this.item, caption: "", ...(this.shows && { role: this.shows }), ...(this.hazard && { hazard: this.hazard }) };
  }

  /** made(): the picture as it would be kept, worked at beside the page; frame: what to look at meanwhile, where there is one. */
  async #consider(made, line, frame = null) {
    try {
      made().catch(() => {}); // what went wrong is told when it is wanted
      if (!frame) this.#show([this.#button("cross", t("不拍了"), () => this.#close(false))]);
      if (!frame) this.said.textContent = t("正在打开照片…");
      this.#look(frame ?? (await opened(await made())));
    } catch (error) {
      this.#live();
      return (this.said.textContent = error.reason === "unreadable" ? t("这个文件打不开，换一张照片。") : t("这张没有存下，再试一次。"));
    }
    this.said.textContent = Math.max(this.still.width, this.still.height) < READABLE ? t("这张太小，站里会看不清，最好换一张。") : where(line);
    const use = this.#button("tick", t("用这张"), () => this.#use(made, line, use), true);
    const hide = this.#button("eye-off", t("涂抹"), () => this.#hide(made, line, hide));
    this.#show([this.#button("retry", t("重拍"), () => ((this.said.textContent = ""), this.#live())), hide, use]);
    use.focus();
    made().then(({ blurred }) => blurred && use.isConnected && (this.said.textContent = t("照片可能模糊，看不清就重拍。")), () => {});
  }

  #look(frame) {
    this.light.hidden = true;
    Object.assign(this.still, { width: frame.width, height: frame.height, hidden: false });
    this.still.getContext("2d").drawImage(frame, 0, 0);
  }

  /** Before it is kept at all: nothing of what is hidden here is ever stored or sent. */
  async #hide(made, line, button) {
    button.disabled = true;
    try {
      const [{ blur }, { bytes, type }] = [await import("./wujin-blur.js"), await made()];
      const hidden = await blur(new Blob([bytes], { type }));
      await this.#consider(hidden ? async () => hidden : made, line);
    } catch {
      button.disabled = false;
      this.said.textContent = t("现在涂不了，有网络时再试。");
    }
  }

  async #use(made, line, button) {
    button.disabled = true;
    try {
      const picture = await made();
      const { visit, instead } = this;
      if (visit.draft.photos.some((photo) => photo.sha256 === picture.sha256)) return this.#twice();
      visit.draft = instead ? await replacePhoto(visit.app.store, visit.draft.id, instead, picture, line)
        : await addPhoto(visit.app.store, visit.draft.id, picture, line);
      await visit.save(() => {});
      visit.app.courier.send();
      this.#close(true);
    } catch (error) {
      button.disabled = false;
      this.said.textContent = isFull(error) ? t("手机满了，这张没有存下。清出一点空间再拍。") : t("这张没有存下，再试一次。");
    }
  }

  #twice() {
    this.#live();
    this.said.textContent = t("这张已经有了，换一张。");
  }

  #close(taken) {
    uncover(this, taken);
  }

  left() {
    inHand("");
    this.opening?.then((camera) => camera?.stop());
    this.remove();
    this.visit.app.inert = false;
    this.finish(Boolean(this.answer));
  }

  #show(buttons) {
    this.bar.replaceChildren(...buttons);
  }

  #button(drawn, words, onclick, main = false) {
    return h(main ? "button.button.main" : "button.button", { type: "button", onclick }, icon(drawn), words);
  }
}

/** Twelve megapixels opened on the page itself would hold it up: the worker alone opens the file, we its small picture.
 *  Once; after a failure the next who asks has it done again. */
function shrunk(source) {
  let made;
  return () => (made ??= shrink(source).catch((error) => {
    made = undefined;
    throw error;
  }));
}

function opened({ bytes, type }) {
  return createImageBitmap(new Blob([bytes], { type }));
}

function where({ position }) {
  return position ? t("已记下位置，精度约{n}米", { n: position.accuracy_m }) : t("没有定位，照样可以用");
}

customElements.define("wujin-camera", WujinCamera);
