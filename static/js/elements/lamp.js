// 开灯: for a dark stairwell, where the camera has a lamp.

import { t } from "../words.js";
import { h, icon } from "./dom.js";

/** A switch for the lamp of an open camera; nothing where it has none. */
export function lamp({ torch } = {}) {
  if (!torch) return "";
  let on = false;
  const word = h("span", {}, t("开灯"));
  const turn = async () => {
    on = await torch(!on).then(() => !on, () => on);
    word.textContent = on ? t("关灯") : t("开灯");
  };
  return h("button.button.lamp", { type: "button", onclick: turn }, icon("lamp"), word);
}
