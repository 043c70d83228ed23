// A visit's state as people read it: always a word and a shape, never a colour alone.

import { t } from "../words.js";
import { h } from "./dom.js";

const LOOK = {
  draft: ["draft", () => t("草稿")],
  saved: ["wait", () => t("已保存，等网络")],
  sending: ["wait", ({ sent, total }) => t("发送中（{sent}/{total}张）", { sent, total })],
  received: ["ok", () => t("已收")],
  aside: ["alarm", () => t("需要处理")],
};

export function stateBadge(state) {
  const [look, words] = LOOK[state.code];
  return h(`span.state.${look}`, { "data-state": state.code }, words(state));
}
