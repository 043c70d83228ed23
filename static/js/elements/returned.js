// 退回: what was missing, and the one way on: 去补.

import { revise, revisionOf } from "../outbox/revise.js";
import { ago, t } from "../words.js";
import { go, h, icon, link } from "./dom.js";

/** A card for each visit that came back, until its next revision is with the station. rows: {visit, state} kept here */
export function returnedCards(app, rows) {
  const here = (back) => rows.find(({ visit }) => visit.id === back.id);
  const done = (back) => here(back)?.state.code === "received" && revisionOf(here(back).visit) > back.revision;
  return app.pack.returned.filter((back) => !done(back)).map((back) => card(app, back, here(back)));
}

function card(app, back, row) {
  return h("article.card", { "data-returned": back.id, "data-revision": back.revision }, h("p.state.back", {}, t("退回补充"), ` · ${ago(back.at)}`), h("h2", {}, back.place), ...words(back), ...fault(app, back),
    ...(row ? again(app, back, row) : elsewhere(app.pack, back)));
}

export function words({ reason, suggestion }) {
  return [h("p", {}, reason), suggestion && h("p.soft", {}, t("建议：{text}", { text: suggestion }))].filter(Boolean);
}

/** The picture that is meant, where this phone still has it. */
function fault(app, { photo }) {
  if (!photo) return [];
  const frame = h("figure.fault", { hidden: true });
  app.store.get("photos", photo).then((row) => {
    if (!row) return;
    const address = URL.createObjectURL(new Blob([row.bytes], { type: row.type }));
    frame.append(h("img", { src: address, alt: t("说的是这张照片"), onload: () => URL.revokeObjectURL(address) }));
    frame.hidden = false;
  });
  return [frame];
}

/** The button, or that the correction waits to be sent. */
export function again(app, back, { visit, state }, look = "") {
  if (!["returned", "revising"].includes(state.code)) return [h("p.state.wait", {}, t("补好了，等着交"))];
  const open = async () => (await revise(app.store, back)) && go(`/field/visits/${visit.id}`);
  return [h(`button.button${look}.whole`, { type: "button", onclick: open }, icon("camera"), state.code === "revising" ? t("接着补") : t("去补"))];
}

/** Another phone made it, or it is too long ago: a correction needs what was sent, a new visit does not. */
function elsewhere({ venues }, { venue }) {
  const code = venues.find((one) => one.id === venue)?.code;
  return [h("p.soft", {}, t("原来的记录不在这部手机里了，不能接着补。可以到那里重新走访一次。")), link(`/v/${code ?? "new"}`, "button whole", icon("door"), t("重新走访"))];
}
