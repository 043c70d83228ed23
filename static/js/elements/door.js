// Nobody there, not let in, no pictures wanted: each a record of its own kind, one tap, taken back by another.

import { t } from "../words.js";
import { h } from "./dom.js";

export const CLOSED_DOOR = new Set(["nobody_home", "no_entry"]);

export function door(visit, onChange = () => {}) {
  const chosen = (value) => visit.draft.refused === value;
  const chip = ([value, words]) => h("button.chip.small", { type: "button", "aria-pressed": String(chosen(value)), onclick: () => choose(value) }, words);
  const row = h("div.chips", { role: "group", "aria-label": t("特别情况") });
  const draw = () => row.replaceChildren(h("span.soft.small", { "aria-hidden": "true" }, t("特别情况")), ...answers(visit.draft).map(chip));
  const choose = async (value) => {
    const next = chosen(value) ? "none" : value;
    await visit.save((draft) => (draft.refused = next));
    draw();
    onChange(next);
  };
  draw();
  return h("div", {}, row);
}

function answers({ place_type: type }) {
  return [["nobody_home", type === "household" ? t("没人在家") : t("锁着门")], ["no_entry", t("不让进")], ["no_photo", t("不让拍")]];
}
