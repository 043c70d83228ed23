// A visit's state as people read it: always a word and a shape, never a colour alone.

import { ago, lang, t } from "../words.js";
import { h } from "./dom.js";

const LOOK = {
  draft: ["draft", () => t("草稿")],
  saved: ["wait", ({ again, doing }) => (again ? t("已保存，再交一遍") : doing === "sending" ? t("发送中") : doing ? t("已保存，等网络") : t("已保存"))],
  sending: ["wait", ({ doing, ...state }) => (doing === "sending" ? t("发送中（{sent}/{total}张）", state) : doing ? t("照片交了{sent}/{total}张，等网络", state) : t("照片交了{sent}/{total}张", state))],
  received: ["ok", ({ revision }) => (revision > 1 ? t("已收（第{n}次）", { n: revision }) : t("已收"))],
  returned: ["back", () => t("退回补充")],
  revising: ["back", () => t("去补中")],
  accepted: ["ok", () => t("已核")],
  disputed: ["asked", () => t("未采信")],
  aside: ["alarm", () => t("需要处理")],
  held: ["wait", () => t("站里留着，等内勤看")], // of a phone that was stopped
};

/** Why something was set aside: the station's own sentence, or ours. */
export function whyAside({ reason, what, then }) {
  if (what) return [what, then].filter(Boolean).join(lang === "en" ? " " : "");
  return reason === "bytes_gone" ? t("这份记录里的照片在手机上读不出来了。") : t("站里打不开其中一张照片，请到现场再补拍一次。");
}

/** Kept aside at the station, because this phone was stopped: nothing that one could mend here. */
export function isHeld({ reason }) {
  return reason?.reason === "phone_stopped";
}

/** A station that came back from its copy may lack what it had received: the phone gives it once more, by itself. */
export function offeredAgain() {
  return t("站里的资料刚从备份里恢复，手机正把交过的再交一遍，不用您做什么。");
}

export function stateBadge(state) {
  const [look, words] = LOOK[isHeld(state) ? "held" : state.code];
  return h(`span.state.${look}`, { "data-state": state.code }, words(state));
}

/** How much waits, since when, and what becomes of it just now (the courier's word). What a closed activity adds has no visit of its own. */
export function waitingWords({ total, visits, photos, since }, doing) {
  const numbers = { visits: visits || total - photos, photos, ago: ago(since) };
  numbers.what = !photos ? t("{visits}条记录", numbers) : numbers.visits ? t("{visits}条记录、{photos}张照片", numbers) : t("{photos}张照片", numbers);
  if (doing === "sending") return t("正在交，还剩{what}", numbers);
  return doing ? t("还有{what}等网络，最早的是{ago}", numbers) : t("还有{what}没交，都在手机里，最早的是{ago}", numbers);
}
