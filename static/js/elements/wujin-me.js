// 我的: who I am here, how my phone is doing, large type, language.

import { lang, t } from "../words.js";
import { h, icon, link } from "./dom.js";
import { isPlain } from "./one-by-one.js";

class WujinMe extends HTMLElement {
  async connectedCallback() {
    const { person, unit } = this.app.pack;
    const large = h("input", { type: "checkbox", checked: localStorage.getItem("wujin.large") === "1", onchange: () => enlarge(large.checked) });
    this.replaceChildren(h("h1", {}, person.name), h("p.soft", {}, unit.zh),
      h("section.card", {}, h("label.switch", {}, large, h("span", {}, t("大字"))), plainSwitch(), language()),
      h("section.card", {}, h("h2", {}, t("我的手机")), ...(await health(this.app))),
      link("/help", "button whole", icon("help"), t("怎么用")));
  }
}

function enlarge(on) {
  localStorage.setItem("wujin.large", on ? "1" : "0");
  document.documentElement.classList.toggle("large", on);
}

function plainSwitch() {
  const box = h("input", { type: "checkbox", checked: isPlain(), onchange: () => localStorage.setItem("wujin.plain", box.checked ? "1" : "0") });
  return h("label.switch", {}, box, h("span", {}, t("简洁：一屏一题")));
}

function language() {
  const choose = (code) => {
    document.cookie = `lang=${code}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  };
  const button = (code, words, now) => h("button.chip", { type: "button", "aria-pressed": String(now), onclick: () => choose(code) }, words);
  return h("div.row", {}, button("zh_Hans_CN", "中文", lang === "zh"), button("en", "English", lang === "en"));
}

async function health(app) {
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  const offline = Boolean(navigator.serviceWorker?.controller);
  return [
    good(offline, t("没有信号也能打开"), t("这个浏览器没有信号时打不开，请用系统浏览器打开")),
    good(persisted, t("浏览器答应长期保存"), t("浏览器可能清理数据，请当天交完")),
    !persisted && h("button.button", { type: "button", onclick: async () => (await navigator.storage?.persist?.(), location.reload()) }, t("请浏览器长期保存")),
    h("p.soft", {}, t("装着{n}个场所、{m}张检查表", { n: app.pack.venues.length, m: Object.keys(app.pack.checklists).length })),
  ].filter(Boolean);
}

function good(is, yes, no) {
  return h(is ? "p.state.ok" : "p.state.wait", {}, is ? yes : no);
}

customElements.define("wujin-me", WujinMe);
