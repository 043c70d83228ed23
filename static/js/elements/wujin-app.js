// The shell: whose phone this is, which screen the address asks for, what waits.

import { tidyActivities } from "../outbox/activities.js";
import { Courier, tidy } from "../outbox/courier.js";
import { othersUnsent } from "../outbox/others.js";
import { keep, kept, refresh } from "../outbox/pack.js";
import { judged, stateOf, waitingOf } from "../outbox/state.js";
import { Store } from "../outbox/store.js";
import { drafts } from "../outbox/visits.js";
import { lang, t } from "../words.js";
import { h, icon, link, plain } from "./dom.js";
import { isLarge } from "./large.js";
import { againByItself, needsHttps, needsLine, needsNewer, noAnswer, stuck } from "./not-yet.js";
import { waitingWords } from "./states.js";
import { isStopped, stop, whose } from "./whose.js";
import "./wujin-begin.js";
import "./wujin-outbox.js";
import { writer } from "./wujin-room.js";
import "./wujin-scan.js";
import "./wujin-today.js";
import "./wujin-visit.js";

const SCREENS = [
  [/^\/v\/([^/]*)\/?$/, "wujin-room"],
  [/^\/field\/scan$/, "wujin-scan"],
  [/^\/field\/visits\/([^/]+)$/, "wujin-visit"],
  [/^\/field\/activities\/([^/]+)$/, "wujin-activity"],
  [/^\/field\/outbox$/, "wujin-outbox"],
  [/^\/field\/me$/, "wujin-me"],
  [/./, "wujin-today"],
];
const BEGINNINGS = new Set(["wujin-today", "wujin-scan", "wujin-room"]); // none of them on a phone that the clerk stopped
const CALM = new Set(["wujin-today", "wujin-outbox", "wujin-me", "wujin-scan"]); // where something may be said that is not about a visit
const OWN_LINE = new Set(["wujin-today", "wujin-outbox"]); // these say themselves what waits
// Not for the first screen: fetched behind it, and kept by the worker. An element that is drawn before its script is here
// comes to life when it arrives.
const LATER = {
  "wujin-activity": () => import("./wujin-activity.js"), "wujin-activity-form": () => import("./wujin-activity-form.js"),
  "wujin-again": () => import("./wujin-again.js"), "wujin-me": () => import("./wujin-me.js"),
  "wujin-finish": () => import("./wujin-finish.js"), "wujin-sent": () => import("./wujin-sent.js"), "wujin-blur": () => import("./wujin-blur.js"),
  "wujin-stopped": () => import("./wujin-stopped.js"), "wujin-rescue": writer,
};
const PACK_EVERY_MS = 600_000;
const CLOCK_OFF_MS = 600_000;

class WujinApp extends HTMLElement {
  async connectedCallback() {
    document.documentElement.lang = lang === "en" ? "en" : "zh-Hans";
    if (!globalThis.isSecureContext) return this.replaceChildren(needsHttps());
    try {
      await this.#settle(whose());
    } catch (error) {
      return this.replaceChildren(error.name === "VersionError" ? needsNewer() : noAnswer());
    }
    if (this.store && this.pack) this.#open();
    this.#listen();
    await this.renew();
    this.setAttribute("ready", ""); // the first pack is in, or there is no line
    for (const fetched of Object.values(LATER)) fetched().catch(() => {}); // while there is a line: not every browser has a worker
  }

  /** Ask the station for news, then send what waits. */
  async renew() {
    const waiting = this.store ? waitingOf(await this.store.all("outbox")).total : 0;
    const { pack, off, etag, ended, stopped } = await refresh(this.store, waiting);
    if (ended) return this.#ended(stopped);
    this.off = off;
    if (pack) await this.#welcome(pack, etag);
    if (!this.pack) return this.replaceChildren(needsLine());
    this.#progress();
    this.courier?.send();
  }

  async #settle(person) {
    if (!person) return;
    this.store = new Store(person, (late) => this.#late(late));
    this.pack = await kept(this.store);
    this.courier = new Courier(this.store, () => this.pack.server_key, () => this.#progress(), () => whose() === person);
    this.#tidy(person).catch(() => {}); // beside it: nobody waits for it before the first screen
  }

  async #tidy(person) {
    await tidy(this.store);
    await tidyActivities(this.store);
    this.others = await othersUnsent(person);
    this.#progress();
  }

  /** The phone's own store does not answer: said, with what to do; it may still come. */
  #late(late) {
    if (this.late === late) return;
    this.late = late;
    if (this.banner) return this.#tell();
    if (late && !againByItself()) this.replaceChildren(noAnswer());
  }

  async #welcome(pack, etag) {
    localStorage.setItem("wujin.who", pack.person.id);
    const other = this.pack?.person.id !== pack.person.id; // the first one here, or enrolled in another tab
    if (other) await this.#settle(pack.person.id);
    if (etag) await keep(this.store, pack, etag).catch(() => {}); // a full phone works with the pack in hand
    this.pack = pack;
    this.courier.ended = false;
    if (stop(false) || other) this.#open();
    else this.#screen()?.renewed?.();
  }

  #ended(stopped) {
    if (!this.store || !this.pack) return location.replace("/sign-in");
    this.courier.ended = !stopped;
    if (stop(stopped) && BEGINNINGS.has(this.#screen()?.localName)) this.#open(); // a visit under way is not torn from the hand
    if (stopped) this.courier.send();
    this.#progress();
  }

  #listen() {
    let served = navigator.serviceWorker?.controller; // the first worker of all changes nothing
    navigator.serviceWorker?.addEventListener("controllerchange", () => {
      [this.outdated, served] = [Boolean(served), true];
      this.#takeOver();
    });
    addEventListener("popstate", () => {
      const sheet = [...document.querySelectorAll("[aria-modal]")].pop();
      if (sheet) Object.assign(sheet, { closing: true }).left();
      else if (this.pack) this.#open();
    });
    addEventListener("pageshow", ({ persisted }) => persisted && this.pack && this.#open()); // what other pages did meanwhile
    addEventListener("online", () => this.renew().then(() => this.courier?.send(true)));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.renew());
    setInterval(() => document.visibilityState === "visible" && this.renew(), PACK_EVERY_MS);
    this.addEventListener("click", (event) => this.#follow(event));
  }

  /** Links of our own shell change the screen without leaving the page; others leave it. */
  #follow(event) {
    const target = event.target.closest("a[href]");
    if (!target || event.metaKey || event.ctrlKey || target.target || !/^\/(field|v)\//.test(target.getAttribute("href"))) return;
    event.preventDefault();
    history.pushState(null, "", target.getAttribute("href"));
    this.#open();
  }

  #open() {
    const moved = Boolean(this.#screen());
    document.documentElement.classList.toggle("large", isLarge(this.pack));
    const [, name, found] = SCREENS.map(([shape, tag]) => [shape, tag, location.pathname.match(shape)]).find(([, , hit]) => hit);
    const drawn = isStopped() && BEGINNINGS.has(name) ? "wujin-stopped" : name;
    const screen = document.createElement(drawn);
    Object.assign(screen, { app: this, argument: plain(found[1] ?? "") });
    LATER[drawn]?.().catch(() => screen.replaceChildren(needsLine()));
    this.banner = h("div.banner", { hidden: true, role: "status" });
    this.replaceChildren(this.banner, h("main", { id: "screen", tabIndex: -1 }, screen), this.#nav(name));
    scrollTo(0, 0);
    if (moved) this.#screen().parentElement.focus({ preventScroll: true }); // what was pressed is gone
    this.#progress();
    this.#takeOver();
  }

  #screen() {
    return this.querySelector("#screen")?.firstElementChild;
  }

  #nav(current) {
    const places = [["/field/", "home", t("今天"), "wujin-today"], ["/field/scan", "scan", t("扫码"), "wujin-scan"],
      ["/field/outbox", "outbox", t("待交"), "wujin-outbox"], ["/field/me", "user", t("我的"), "wujin-me"]];
    const links = places.filter(([, , , name]) => !isStopped() || name !== "wujin-scan").map(([href, drawn, word, name]) => {
      const item = link(href, "", icon(drawn), h("span", {}, word), name === "wujin-outbox" && h("b.count", { hidden: true }));
      if (name === current) item.setAttribute("aria-current", "page");
      return item;
    });
    return h("nav.bottom", { "aria-label": t("主要页面") }, ...links);
  }

  /** After every step of the courier: the count, the banner, and whatever the screen shows of it. */
  async #progress() {
    if (!this.store || !this.banner) return;
    const waiting = waitingOf(await this.store.all("outbox"));
    this.waits = waiting.total > 0 ? waitingWords(waiting, this.courier.doing()) : "";
    const count = this.querySelector("nav .count");
    if (count) Object.assign(count, { title: this.waits, textContent: String(waiting.visits + waiting.photos || waiting.total), hidden: waiting.total === 0 });
    this.#tell();
    this.#screen()?.progressed?.();
  }

  #tell() {
    this.banner.textContent = this.#said();
    this.banner.hidden = !this.banner.textContent;
  }

  #said() {
    if (this.late) return stuck();
    if (isStopped()) return this.#screen()?.localName === "wujin-stopped" ? "" : t("这部手机已经停用");
    if (this.courier.ended) return t("这部手机的登录已经过期。记录都在手机里，可以接着走访；请找内勤重新开通。");
    const screen = this.#screen()?.localName;
    if (!CALM.has(screen)) return "";
    if (this.others) return t("这部手机里还有别人的{n}件没交。请原来的人在这部手机上重新开通一次，就会交上去。", { n: this.others });
    if (Math.abs(this.off) > CLOCK_OFF_MS) return t("这部手机的时间不准，请在系统设置里打开“自动设置时间”。记录照样能交。");
    return inAnotherApp && !navigator.serviceWorker?.controller ? t("现在是在微信（或别的应用）里打开的，没有信号就打不开。点右上角的 ···，选“在浏览器打开”；没交的先在这里交完。") : OWN_LINE.has(screen) ? "" : this.waits;
  }

  /** A new version takes over only where no visit is open; one that took its time, or that another page called, waits too. */
  async #takeOver() {
    const calm = () => location.pathname === "/field/";
    if (!this.store || !calm() || (await drafts(this.store)).length || !calm()) return;
    if (this.outdated) return location.reload();
    globalThis.wujinWorker?.waiting?.postMessage("take-over");
  }

  /** Every visit kept here with its state, newest first. */
  async visits() {
    const [rows, items] = [await this.store.all("visits"), await this.store.all("outbox")];
    const state = (visit) => ({ ...stateOf(visit, items), doing: this.courier.doing(visit.id) });
    return rows.sort((a, b) => b.started_at - a.started_at).map((visit) => ({ visit, state: judged(visit, state(visit), this.pack) }));
  }
}

const inAnotherApp = /MicroMessenger|DingTalk|AlipayClient|Weibo| QQ\/|BytedanceWebview|aweme/.test(navigator.userAgent);

customElements.define("wujin-app", WujinApp);
