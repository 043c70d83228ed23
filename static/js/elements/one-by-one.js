// 简洁: one question on the screen, the others a press away. On or off for this phone.

import { t } from "../words.js";
import { h, icon } from "./dom.js";

export function isPlain() {
  return localStorage.getItem("wujin.plain") === "1";
}

/** Show one of `questions` at a time, `at` first; → the two buttons, to be put under them. onMove(n) is told every step.
 *  last: the button that comes after them all; until then the next question is what to press. */
export function oneByOne(questions, at, last, onMove = () => {}) {
  const back = h("button.button", { type: "button", onclick: () => turn(-1) }, icon("chevron-left"), t("上一题"));
  const next = h("button.button", { type: "button", onclick: () => turn(1) }, t("下一题"), icon("chevron-right"));
  const turn = (by) => {
    show(at + by);
    Object.assign(questions[at], { tabIndex: -1 }).focus({ preventScroll: true }); // read out, and the next Tab is in it
    questions[at].scrollIntoView({ block: questions[at].offsetHeight < innerHeight / 2 ? "nearest" : "start" }); // a long one from its beginning
  };
  for (const question of questions) question.classList.add("turned");
  const show = (place) => {
    at = Math.max(0, Math.min(place, questions.length - 1));
    questions.forEach((question, number) => (question.hidden = number !== at));
    const end = at === questions.length - 1;
    [back.disabled, next.disabled] = [at === 0, end];
    for (const [button, main] of [[next, !end], [last, end]]) button?.classList.toggle("main", main);
    onMove(at);
  };
  show(at);
  return h("div.turns", {}, back, next);
}

/** The same for a form, whose last child is its button: begins with what has to be put right. */
export function formByForm(form) {
  if (!isPlain()) return;
  const questions = [...form.children].slice(0, -1).filter((one) => one.childElementCount);
  for (const folded of form.querySelectorAll(":scope > details")) folded.open = true;
  const [far, last] = [h("p.soft", {}), form.lastElementChild];
  const counted = (at) => (far.textContent = t("第{n}题，共{all}题", { n: at + 1, all: questions.length }));
  last.before(oneByOne(questions, Math.max(0, questions.findIndex((one) => one.querySelector(".error"))), last.querySelector(".button"), counted));
  form.prepend(far);
}
