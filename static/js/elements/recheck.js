// 回看: the hazards that an earlier visit found here, and what became of each. The same code is scanned, nothing else is asked.

import { dayOf, t } from "../words.js";
import { field, h, icon } from "./dom.js";
import { severity } from "./last.js";
import { takePhoto } from "./wujin-camera.js";

const RESULTS = [["rectified", "ok", "tick", () => t("改好了")], ["pending", "unseen", "dash", () => t("还没改")], ["worse", "fail", "cross", () => t("更严重")]];

/** A card for each open hazard of the venue's line in the pack that no item of the checklist asks for. */
export function recheckCards(visit, { open = [] }) {
  const asked = new Set(visit.list?.items.map(({ code }) => code));
  return open.filter(({ id, item }) => id && !asked.has(item)).map((hazard) => card(visit, hazard));
}

/** The open hazards that this item's own question asks for: one question, not two. */
export function hazardsOf({ open = [] } = {}, code) {
  return open.filter(({ id, item }) => id && item === code);
}

/** Within an edit of the draft: what became of them. result: rectified | pending | worse, or null where nobody could see */
export function lookedAgain(draft, hazards, result, note) {
  draft.rechecks ??= {};
  for (const { id } of hazards) draft.rechecks[id] = { note: "", ...draft.rechecks[id], result, at: Date.now(), ...(note !== undefined && { note }) };
}

/** Not put right yet: as before, or worse. */
export function howBad(visit, hazards) {
  const given = visit.draft.rechecks?.[hazards[0].id]?.result;
  const choices = RESULTS.filter(([value]) => value !== "rectified").map(([value, , , word]) => h("label.chip", {},
    h("input", { type: "radio", name: `worse-${hazards[0].id}`, value, checked: given === value, onchange: () => visit.save((draft) => lookedAgain(draft, hazards, value)) }), h("span", {}, word())));
  return h("fieldset.chips-set", {}, h("legend", {}, t("现在怎么样")), ...choices);
}

/** What was found, as the card's first line says it. */
export function foundThen({ text, severity: bad, due }) {
  return h("p.hint", {}, severity(bad), ` ${text} · `, t("{day}前改好", { day: dayOf(due) }));
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
    h("p.hint", {}, severity(hazard.severity), " ", t("{day}前改好", { day: dayOf(hazard.due) })), h("div.answers.three", {}, ...answers)), more);
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
