// 简洁: one question on the screen, the others a press away. On or off for this phone.

import { t } from "../words.js";
import { h, icon } from "./dom.js";

export function isPlain() {
  return localStorage.getItem("wujin.plain") === "1";
}

/** Show one of `questions` at a time, `at` first; → the two buttons, to be put under them. onMove(n) is told every step. */
export function oneByOne(questions, at, onMove = () => {}) {
  const where = h("p.soft.grow", { role: "status" });
  const back = h("button.button.whole", { type: "button", onclick: () => turn(-1) }, icon("chevron-left"), t("上一题"));
  const next = h("button.button.whole", { type: "button", onclick: () => turn(1) }, t("下一题"), icon("chevron-right"));
  const turn = (by) => {
    show(at + by);
    questions[at].tabIndex = -1;
    questions[at].focus({ preventScroll: true }); // read out, and the next Tab is in it
    questions[at].scrollIntoView({ block: "nearest" });
  };
  const show = (place) => {
    at = Math.max(0, Math.min(place, questions.length - 1));
    questions.forEach((question, number) => (question.hidden = number !== at));
    [back.disabled, next.disabled] = [at === 0, at === questions.length - 1];
    where.textContent = t("第{n}题，共{m}题", { n: at + 1, m: questions.length });
    onMove(at);
  };
  show(at);
  return h("div.turns", {}, where, back, next);
}
