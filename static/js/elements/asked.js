// 站里想问: what the checks noticed about a visit of mine, in plain words, and my answer. A question, not a reproach.

import { uuid7 } from "../outbox/uuid.js";
import { dayOf, lang, t } from "../words.js";
import { field, h, icon } from "./dom.js";

/** A card for each notice; pack.flags: [{id, visit, place, day, code, zh, en, text, text_en, answer}], absent from older stations. */
export function askedCards({ flags = [] }, visit = null) {
  const mine = flags.filter((flag) => !visit || flag.visit === visit);
  const open = mine.find(({ answer }) => !answer);
  return [open && h("p.soft", {}, t("这只是请站里多看一眼，不是说您做错了。知道原因就写一句，不写也行。")), ...mine.map((flag) => card(flag, flag === open))].filter(Boolean);
}

/** unfolded: the first that waits for an answer. */
function card(flag, unfolded) {
  const place = h("div.stack", {});
  const [name, text] = lang === "en" ? [flag.en, flag.text_en] : [flag.zh, flag.text];
  const about = flag.place && h("p.soft", {}, `${flag.place} · ${dayOf(flag.day)}`);
  const box = h("section.card", {}, h("p.state.asked", {}, name), about, text && h("p", {}, text), place);
  place.replaceChildren(...(flag.answer ? [answered(flag.answer)] : [h("details", { open: unfolded }, h("summary", {}, t("说一句")), form(flag, place))]));
  return box;
}

function form(flag, place) {
  const id = uuid7();
  const write = h("textarea", { rows: 2, maxLength: 500, name: "answer" });
  const said = h("p.soft", { role: "status" });
  const send = h("button.button.whole", {}, icon("tick"), t("回答站里"));
  const submit = async (event) => {
    event.preventDefault();
    if (!write.value.trim()) return write.focus();
    send.disabled = true;
    if (await put(id, flag, write.value.trim())) return place.replaceChildren(answered((flag.answer = write.value.trim())));
    [send.disabled, said.textContent] = [false, t("没有送到，有网络时再点一次。写的字还在。")];
  };
  return h("form", { onsubmit: submit }, field(t("是怎么回事"), write), said, send);
}

async function put(id, { visit, id: finding }, text) {
  try {
    const body = JSON.stringify({ visit, finding, text });
    const answer = await fetch(`/sync/answers/${id}`, { method: "PUT", body, headers: { "Content-Type": "application/json" }, redirect: "manual" });
    return [200, 201].includes(answer.status);
  } catch {
    return false;
  }
}

function answered(text) {
  return h("p", {}, h("span.state.ok", {}, t("已回答")), " ", text);
}
