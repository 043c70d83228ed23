// 拍照片: three say it all: the whole, the detail, the people talking from behind. Order and role decide the report.

import { replacePhoto } from "../outbox/replace.js";
import { addPhoto, removePhoto } from "../outbox/visits.js";
import { nameOf, t } from "../words.js";
import { chosen, field, h, icon, toast } from "./dom.js";
import { takePhoto } from "./wujin-camera.js";

const ROLES = [["overview", () => t("全景")], ["close", () => t("近景")], ["interaction", () => t("讲解互动")], ["before", () => t("整改前")],
  ["after", () => t("整改后")], ["material", () => t("资料")], ["other", () => t("其他")]];

class WujinPhotos extends HTMLElement {
  #shown = new Map(); // digest → {picture, address, image}: what was read once is not read again for every new picture

  /** The two buttons stand where they stand while the pictures come and go: a finger on its way never misses them. */
  connectedCallback() {
    [this.words, this.strip] = [h("p.soft", {}), h("div", {})];
    this.shoot = h("button.button.shoot.whole", { type: "button", onclick: () => this.#shoot() }, icon("camera"), t("拍一张"));
    this.next = h("button.button.whole", { type: "button", onclick: () => this.onward() }, t("去收尾"), icon("chevron-right"));
    this.replaceChildren(this.words, this.strip, h("div.actions", {}, this.shoot, this.next));
    this.#draw();
  }

  disconnectedCallback() {
    for (const { address } of this.#shown.values()) URL.revokeObjectURL(address);
  }

  async #draw() {
    const { photos, refused } = this.visit.draft;
    const without = refused !== "none" && !photos.length; // then a picture is not what comes next
    const read = await Promise.all(photos.map(({ sha256 }) => this.#read(sha256)));
    this.words.textContent = refused === "no_photo" ? t("这一处不让拍，就不拍，直接去收尾。") : without ? t("门没进去，可以不拍；拍的话只拍门口。") : t("月报要三张：全景、近景、讲解。不拍人脸、证件和药品。");
    const shown = photos.length ? h("ol.strip", {}, ...photos.map((photo, place) => this.#card(photo, read[place], place))) : h("div.empty", {}, icon("camera"), h("p", {}, t("还没有照片。")));
    this.strip.replaceWith((this.strip = shown));
    for (const [button, main] of [[this.shoot, !without], [this.next, without]]) button.classList.toggle("main", main);
  }

  async #read(sha256) {
    if (this.#shown.has(sha256)) return this.#shown.get(sha256);
    const row = await this.app.store.get("photos", sha256);
    if (!row) return {};
    const picture = new Blob([row.bytes], { type: row.type });
    const address = URL.createObjectURL(picture);
    const shown = { picture, address, image: h("img", { src: address, loading: "lazy", decoding: "async" }) };
    this.#shown.set(sha256, shown);
    return shown;
  }

  #card(photo, { image, picture }, place) {
    const role = h("select", { "aria-label": t("这张拍的是"), onchange: () => this.#edit(photo, (line) => (line.role = role.value)) },
      ...ROLES.map(([value, word]) => h("option", { value, selected: value === photo.role }, word())));
    const item = photo.item && this.visit.list?.items.find((one) => one.code === photo.item);
    return h("li.card.photo", { "data-sha256": photo.sha256 },
      image ? Object.assign(image, { alt: t("第{n}张照片", { n: place + 1 }) }) : h("p.state.alarm", {}, t("读不出来")),
      item && h("small.soft.small", {}, nameOf(item)), h("small.soft.small", {}, where(photo)), chosen(role), this.#caption(photo),
      h("div.row", {}, picture && this.#small("eye-off", t("涂抹"), () => this.#blur(photo, picture)), this.#small("camera", t("重拍"), () => this.#shoot(photo)),
        place > 0 && this.#small("chevron-left", t("往前"), () => this.#forward(place)), this.#small("trash", t("删掉"), () => this.#remove(photo))));
  }

  #caption(photo) {
    const keep = () => this.#edit(photo, (line) => (line.caption = box.value));
    const box = h("input", { name: "caption", maxLength: 100, autocomplete: "off", value: photo.caption ?? "", oninput: () => this.visit.typing(keep), onchange: keep });
    return field(t("说明（可以不写）"), box);
  }

  /** Only what is still here can be hidden; a copy that the station has already is theirs to put away. */
  async #blur(photo, open) {
    const opened = import("./wujin-blur.js").then(({ blur }) => blur(open));
    const picture = await opened.catch(() => void toast(t("现在涂不了，有网络时再试。")));
    if (!picture) return;
    const sent = (await this.app.store.get("outbox", `photo:${photo.sha256}`))?.state === "receipted";
    await this.#put((draft) => replacePhoto(this.app.store, draft.id, photo.sha256, picture));
    toast(sent ? t("已换成涂过的。没涂的那张之前已经交到站里，请告诉内勤。") : t("已换成涂过的，原来那张从手机里删掉了。"));
  }

  async #put(work) {
    try {
      this.visit.draft = await work(this.visit.draft);
      await this.visit.save(() => {});
      this.app.courier.send();
      await this.#draw();
    } catch (error) {
      this.visit.notSaved(error);
    }
  }

  #small(drawn, words, onclick) {
    return h("button.button.quiet", { type: "button", onclick }, icon(drawn), words);
  }

  async #shoot(instead) {
    if (await takePhoto(this.visit, instead?.item, { instead: instead?.sha256 })) await this.#draw();
    this.shoot.focus();
  }

  async #edit(photo, edit) {
    await this.visit.save((draft) => edit(draft.photos.find((line) => line.sha256 === photo.sha256)));
  }

  async #forward(place) {
    await this.visit.save((draft) => draft.photos.splice(place - 1, 0, ...draft.photos.splice(place, 1)));
    this.#draw();
  }

  async #remove({ sha256, ...line }) {
    const row = await this.app.store.get("photos", sha256);
    this.visit.draft = await removePhoto(this.app.store, this.visit.draft.id, sha256);
    await this.visit.save(() => {});
    this.#draw();
    toast(t("删掉了一张照片"), row && (async () => {
      this.visit.draft = await addPhoto(this.app.store, this.visit.draft.id, row, line);
      await this.visit.save(() => {});
      this.#draw();
    }));
  }
}

function where({ position, capture }) {
  const source = capture === "file" ? t("相册") : t("现拍");
  return position ? t("{source} · 位置精度{n}米", { source, n: position.accuracy_m }) : t("{source} · 没有定位", { source });
}

customElements.define("wujin-photos", WujinPhotos);
