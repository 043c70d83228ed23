// What stands in the app's place where it cannot go on: no line yet, no https, a store that does not answer.

import { t } from "../words.js";
import { h, icon } from "./dom.js";

export function needsLine() {
  return h("div.empty", {}, icon("wifi-off"), h("h1", {}, t("第一次打开需要网络")),
    h("p", {}, t("有信号时打开一次，把场所和检查表装进手机，以后没有信号也能用。")),
    once("button.button.main"));
}

/** Over plain http a browser gives no digest, no camera and no position: say so before anybody fills in a form. */
export function needsHttps() {
  return h("div.empty", {}, icon("flag"), h("h1", {}, t("这个网址要换成 https 才能走访")),
    h("p", {}, t("浏览器只在 https 网址上让用相机、定位和离线保存。请向内勤要 https 开头的网址。")));
}

/** This version is older than what the phone holds: nothing is touched. */
export function needsNewer() {
  return h("div.empty", {}, icon("flag"), h("h1", {}, t("手机里的记录是更新的版本存的")),
    h("p", {}, t("记录都还在，这个旧页面不能动它们。有网络时再试一次，换上新的版本。")), once("button.button.main"));
}

export function stuck() {
  return t("手机的存储没有回应，已保存的都还在。请把别的五进现场页面关掉，再打开这一页。");
}

/** Once, and only where the page comes back without a line: what hung in an unloaded page is gone then as a rule. */
export function againByItself() {
  const tried = sessionStorage.getItem("wujin.again") || !navigator.serviceWorker?.controller;
  sessionStorage.setItem("wujin.again", "1");
  if (!tried) location.reload();
  return !tried;
}

export function noAnswer() {
  return h("div.empty", {}, icon("flag"), h("p", {}, stuck()), once("button.button"));
}

function once(look) {
  return h(look, { type: "button", onclick: () => location.reload() }, icon("retry"), t("再试一次"));
}
