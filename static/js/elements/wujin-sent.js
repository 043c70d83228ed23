// A finished visit: what was written and shown, to look at again while the phone still has it, and what the station asks about it.

import { momentOf, t } from "../words.js";
import { askedCards } from "./asked.js";
import { h } from "./dom.js";

class WujinSent extends HTMLElement {
  connectedCallback() {
    this.firstChild || this.replaceChildren(summary(this.app, this.draft), ...askedCards(this.app.pack, this.draft.id));
  }
}

function summary(app, { answers, note, photos, started_at }) {
  const given = Object.values(answers).filter(({ value }) => value);
  const failed = given.filter(({ value }) => value === "fail").length;
  return h("section.card", {}, h("p", {}, momentOf(started_at)),
    given.length > 0 && h("p", {}, t("看了{n}项，{m}项不合格", { n: given.length, m: failed })),
    note && h("p", {}, note), h("p", {}, t("{n}张照片", { n: photos.length })), photos.length > 0 && thumbs(app, photos));
}

/** In the visit's order; one that has left the phone already is left out. */
function thumbs(app, photos) {
  const place = h("div.thumbs", {});
  Promise.all(photos.map(({ sha256 }) => app.store.get("photos", sha256))).then((rows) =>
    place.append(...rows.filter(Boolean).map((row, at) => thumb(row, at + 1))));
  return place;
}

function thumb({ bytes, type }, number) {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  return h("img", { src: address, alt: t("第{n}张照片", { n: number }), onload: () => URL.revokeObjectURL(address) });
}

customElements.define("wujin-sent", WujinSent);
