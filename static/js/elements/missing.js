// What a record still lacks, said before it is finished: the checks at the station would ask for it afterwards. None of it is required.

import { t } from "../words.js";
import { CLOSED_DOOR } from "./door.js";
import { h, icon } from "./dom.js";
import { itemsAsked } from "./wujin-checklist.js";

const REPORT_WANTS = 3;

/** A card with a way to each thing; where nothing is missing, that. */
export function missingCard(visit) {
  if (CLOSED_DOOR.has(visit.draft.refused)) return "";
  const found = missing(visit);
  if (!found.length) return h("p.state.ok", {}, t("该看的看了，该拍的拍了"));
  const line = ({ words, step }) => h("li", {}, h("button.line", { type: "button", onclick: () => visit.turn(step) }, h("span.grow", {}, words), icon("chevron-right")));
  return h("section.card", {}, h("h2", {}, t("交之前看一眼")), h("ul.lines", {}, ...found.map(line)), h("p.soft", {}, t("不补也能交。")));
}

function missing(visit) {
  const { draft } = visit;
  const items = itemsAsked(visit);
  const unseen = items.filter(({ code }) => !draft.answers[code]?.value).length;
  const bare = items.filter((item) => wantsPhoto(item, draft)).length;
  const few = draft.refused !== "no_photo" && draft.photos.length < REPORT_WANTS;
  return [
    unseen > 0 && { step: "look", words: unseen < items.length ? t("检查表还有{n}项没看", { n: unseen }) : t("检查表还没看") },
    bare > 0 && { step: "look", words: t("要拍照的项目，还有{n}项没拍", { n: bare }) },
    few && { step: "show", words: t("月报要三张照片，现在有{n}张", { n: draft.photos.length }) },
  ].filter(Boolean);
}

function wantsPhoto({ code, photo_always, photo_required_on_fail, photo_forbidden }, { answers, photos, refused }) {
  const value = answers[code]?.value;
  const wanted = (photo_always && ["ok", "fail"].includes(value)) || (photo_required_on_fail && value === "fail");
  return wanted && !photo_forbidden && refused !== "no_photo" && !photos.some((photo) => photo.item === code);
}
