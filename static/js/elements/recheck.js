// 回看: the hazards that an earlier visit found here, and what became of each. The same code is scanned, nothing else is asked.

import { t } from "../words.js";
import { field, h, icon } from "./dom.js";
import { severity } from "./last.js";
import { takePhoto } from "./wujin-camera.js";

const RESULTS = [["rectified", "ok", "tick", () => t("改好了")], ["pending", "unseen", "dash", () => t("还没改")], ["worse", "fail", "cross", () => t("更严重")]];

/** A card for each open hazard of the venue's line in the pack. */
export function recheckCards(visit, { open = [] }) {
  return open.filter(({ id }) => id).map((hazard) => card(visit, hazard));
}

function card(visit, hazard) {
  const more = h("div.more", {});
  const given = () => visit.draft.rechecks?.[hazard.id] ?? {};
  const save = (edit) => visit.save((draft) => edit(((draft.rechecks ??= {})[hazard.id] ??= { result: null, note: "" })));
  const draw = () => more.replaceChildren(...(given().result ? details(visit, hazard, given, save, draw) : []));
  const choose = async (value) => {
    await save((answer) => Object.assign(answer, { result: answer.result === value ? null : value, at: Date.now() }));
    for (const input of box.querySelectorAll(".answers input")) input.checked = input.value === given().result;
    draw();
  };
  const answers = RESULTS.map(([value, look, drawn, word]) => h(`label.answer.is-${look}`, {},
    h("input", { type: "radio", name: `recheck-${hazard.id}`, value, checked: given().result === value, onclick: () => choose(value) }), icon(drawn), h("span", {}, word())));
  const box = h("section.card.item.recheck", {}, h("fieldset", {},
    h("legend", {}, h("span.state.back", {}, t("回看上次的隐患")), " ", hazard.text),
    h("p.hint", {}, severity(hazard.severity), " ", t("{day}前改好", { day: hazard.due })), h("div.answers.three", {}, ...answers)), more);
  draw();
  return box;
}

function details(visit, hazard, given, save, draw) {
  const write = h("textarea", { rows: 2, maxLength: 500, value: given().note ?? "", oninput: () => visit.typing(keep), onchange: () => keep() });
  const keep = () => save((answer) => (answer.note = write.value));
  const taken = visit.draft.photos.filter((photo) => photo.hazard === hazard.id).length;
  const shows = given().result === "rectified" ? "after" : "before";
  const shoot = async () => (await takePhoto(visit, null, { shows, hazard: hazard.id })) && draw();
  return [h("button.button", { type: "button", onclick: shoot }, icon("camera"), taken ? t("已拍{n}张，再拍一张", { n: taken }) : t("拍一张现在的样子")),
    field(t("看到了什么（可以不写）"), write)];
}
