// 我的: who I am here, how long I was out, how my phone is doing, large type, language.

import { served } from "../outbox/hours.js";
import { waitingOf } from "../outbox/state.js";
import { lang, t } from "../words.js";
import { askedCards } from "./asked.js";
import { h, icon, link } from "./dom.js";
import { enlarge, isLarge } from "./large.js";
import { isPlain } from "./one-by-one.js";
import { backup } from "./wujin-room.js";

const FIRST = 3; // the sentence that explains, and two of what is asked

class WujinMe extends HTMLElement {
  async connectedCallback() {
    const { person, unit } = this.app.pack;
    const large = h("input", { type: "checkbox", checked: isLarge(this.app.pack), onchange: () => enlarge(large.checked) });
    const items = await this.app.store.all("outbox");
    this.replaceChildren(...[h("h1", {}, person.name), h("p.soft", {}, unit.zh),
      ...this.#asked(),
      myHours(served(await this.app.visits(), this.app.pack)),
      h("section.card", {}, h("label.switch", {}, large, h("span", {}, t("大字"))), plainSwitch(), language()),
      h("section.card", {}, h("h2", {}, t("我的手机")), ...(await health(this.app))),
      items.length > 0 && h("section.card", {}, h("h2", {}, t("备份")), h("p.soft", {}, t("手机要坏、要换，或者一直交不上去的时候，导出一份交给内勤。")),
        backup(this.app)),
      link("/account/", "button whole", icon("plus"), t("在别处也开通、管理登录")),
      install(items),
      link("/help", "button whole", icon("help"), t("怎么用"))].filter(Boolean));
  }

  /** What the station's checks noticed and I have not answered; the rest stands with its visit. */
  #asked() {
    const open = askedCards({ flags: (this.app.pack.flags ?? []).filter(({ answer }) => !answer) });
    const [first, rest] = [open.slice(0, FIRST), open.slice(FIRST)];
    return open.length ? [h("h2", {}, t("站里想问问")), ...first, rest.length > 0 && h("details", {}, h("summary", {}, t("还有{n}条", { n: rest.length })), h("div.stack.wide", {}, ...rest))] : [];
  }
}

/** My own, for nobody to be put in order by: how often and how long, this week, month and year. */
function myHours({ here, ...spans }) {
  const names = { week: t("这一周"), month: t("这个月"), year: t("今年") };
  const row = (span) => h("li", {}, h("span.grow", {}, names[span]), h("strong", {}, t("{hours}小时", spans[span])), h("span.soft", {}, t("{times}次", spans[span])));
  const some = [h("ul.hours", {}, ...Object.keys(names).map(row)),
    here > 0 && h("p.state.wait", {}, t("其中{here}小时的记录还没交上去", { here })),
    h("p.soft", {}, t("一场算一次，从第一处开始到最后一处结束，按半小时计。要盖章的服务记录，向内勤要一份。"))];
  return h("section.card", {}, h("h2", {}, t("我的服务时间")), ...(spans.year.times ? some : [h("p.soft", {}, t("走访过就记在这里。"))]));
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

/** Not while anything is unsent: on an iPhone the installed app starts with a store of its own, and that one is empty. */
function install(items) {
  const installed = navigator.standalone || matchMedia("(display-mode: standalone)").matches;
  return installed || waitingOf(items).total ? "" : link("/help#install", "button whole", icon("download"), t("装到手机桌面"));
}

/** What the browser says of its room, as people say it; rounded, because it is a guess. */
async function room() {
  const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  if (!quota) return null;
  const [used, left] = [size(usage), size(Math.max(0, quota - usage))];
  return good(quota - usage > 50e6, t("记录和照片占了{used}，还能存大约{left}", { used, left }), t("记录和照片占了{used}，只剩大约{left}，请先交上去", { used, left }));
}

function size(bytes) {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

async function health(app) {
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  const offline = Boolean(navigator.serviceWorker?.controller);
  return [
    good(offline, t("没有信号也能打开"), t("这个浏览器没有信号时打不开，请用系统浏览器打开")),
    good(persisted, t("浏览器答应长期保存"), t("浏览器可能清理数据，请当天交完")),
    !persisted && h("button.button", { type: "button", onclick: async () => (await navigator.storage?.persist?.(), location.reload()) }, t("请浏览器长期保存")),
    await room(),
    app.others > 0 && h("p.state.wait", {}, t("这部手机里还有别人的{n}件没交", { n: app.others })),
    h("p.soft", {}, t("装着{n}个场所、{m}张检查表", { n: app.pack.venues.length, m: Object.keys(app.pack.checklists).length })),
  ].filter(Boolean);
}

function good(is, yes, no) {
  return h(is ? "p.state.ok" : "p.state.wait", {}, is ? yes : no);
}

customElements.define("wujin-me", WujinMe);
