// What some forms and kinds of activity are asked beside the usual; the domain names them (asks), a field each here.
// form: the activity's form; its plain columns by text(), number(), tick(), counts(), the rest by ask().

import { nameOf, t, unitOf } from "../words.js";
import { countRows, field, h, redraw } from "./dom.js";

export const MORE = {
  title: (form) => form.text("title", t("名称或说明"), 2, t("片名、链接、文号、做法，用得上的写一句")),
  participants: (form) => form.counts("participants", "participant", t("谁来参加了（按身份）"), () => true, t("人")),
  observers: (form) => form.number("observers", t("观摩的有几人"), t("来看的，不算参加")),
  hands_on: (form) => form.tick("hands_on", t("群众亲手练了（灭火器、烟道等）")),
  speakers: (form) => line(form, "speakers", t("谁讲的"), t("比如：消防站王队长。公开讲课的人可以写名字。")),
  criteria_explained: (form) => tick(form, "criteria_explained", t("讲了重大事故隐患判定标准")),
  command_practised: (form) => tick(form, "command_practised", t("练了指挥和联络")),
  plan_by: (form) => line(form, "plan_by", t("发现问题后，谁来改预案"), t("不写的话，这次演练会记成“不完整”")),
  plan_due: (form) => line(form, "plan_due", t("哪天改完"), "", { type: "date" }),
  hall: (form) => line(form, "hall", t("在哪个场馆"), t("体验馆、科普基地、消防站的名字")),
  link: (form) => line(form, "link", t("链接或文号"), t("没有就不填")),
  reach,
  places,
  case_told: (form) => {
    const which = whichCase(form);
    which.hidden = !form.asked.case_told;
    return h("div.more", {}, tick(form, "case_told", t("讲了一个真实案例"), (on) => (which.hidden = !on)), which);
  },
};

/** One of the station's library, with its lesson to say aloud, or one's own words (R181). */
function whichCase(form) {
  const { cases = [] } = form.host.app.pack;
  const own = line(form, "case", t("讲的是哪件事"), t("比如：邻县出租屋火灾，2024年"));
  if (!cases.length) return own;
  const typed = own.querySelector("input");
  if (form.asked.case_id) typed.value = "";
  const lesson = h("p.soft", { role: "status" });
  const option = ({ id, zh }) => h("option", { value: id, selected: id === form.asked.case_id }, zh);
  const box = h("select", { name: "case_id" }, ...cases.map(option), h("option", { value: "", selected: !form.asked.case_id }, t("别的案例，自己写")));
  const told = () => cases.find(({ id }) => id === box.value);
  const show = () => {
    own.hidden = Boolean(told());
    lesson.textContent = told()?.lesson ? t("记住一句：{lesson}", told()) : "";
  };
  box.onchange = () => (show(), form.ask((asked) => Object.assign(asked, { case_id: box.value, case: told()?.zh ?? typed.value })));
  show();
  return h("div.more", {}, field(t("手机里带着的案例"), box), lesson, own);
}

function line(form, name, label, hint, { type = "text" } = {}) {
  const box = h("input", { type, name, maxLength: 300, autocomplete: "off", value: form.asked[name] ?? "" });
  const keep = () => form.ask((asked) => (asked[name] = box.value));
  box.oninput = () => form.host.typing(keep);
  box.onchange = keep;
  return field(label, box, { hint });
}

function tick(form, name, label, onTurn = () => {}) {
  const turn = async ({ target }) => (await form.ask((asked) => (asked[name] = target.checked)), onTurn(target.checked));
  return h("label.switch", {}, h("input", { type: "checkbox", name, checked: Boolean(form.asked[name]), onchange: turn }), h("span", {}, label));
}

/** Who saw or heard it and was not there: never added to those who were (R110). */
function reach(form) {
  const kept = (count) => form.ask((asked) => (asked.reach = Number.isSafeInteger(count) ? count : 0));
  const [row] = countRows([{ name: "reach", label: t("看到、听到的大约多少"), unit: t("人次"), value: form.asked.reach, kept }], form.host);
  return h("div", {}, row, h("p.soft", {}, t("不算在场的人。估不出就空着。")));
}

/** Whom each thing that was used came to, where somebody knows it (R80). */
export function byChannel(form) {
  const place = h("div.more", {});
  const used = () => form.names("channel").filter(({ code }) => form.host.activity.channels?.[code] > 0);
  const draw = () => redraw(place, ...(used().length ? used().map((entry) => audiencesOf(form, entry)) : [h("p.soft", {}, t("先填用了什么，再说到了哪些人。"))]));
  form.counted = draw;
  draw();
  return h("details", { open: Object.keys(form.asked.by_channel ?? {}).length > 0 }, h("summary", {}, t("哪样到了哪些人（可以不填）")), place);
}

/** Those whose heads were counted; while none were, the usual ones. */
function audiencesOf(form, { code, ...entry }) {
  const heads = form.host.activity.audiences ?? {};
  const [known, usual] = [form.names("audience").filter((one) => heads[one.code] > 0), form.names("audience").filter((one) => one.key)];
  const chosen = new Set(form.asked.by_channel?.[code]);
  const turn = (who, on) => form.ask((asked) => {
    const before = (asked.by_channel ??= {})[code] ?? [];
    asked.by_channel[code] = [...before.filter((one) => one !== who), ...(on ? [who] : [])];
  });
  const chip = (one) => h("label.chip", {}, h("input", { type: "checkbox", name: `by_channel-${code}`, value: one.code, checked: chosen.has(one.code), onchange: ({ target }) => turn(one.code, target.checked) }), h("span", {}, nameOf(one)));
  return h("fieldset.chips-set", {}, h("legend", {}, nameOf(entry)), ...(known.length ? known : usual).map(chip));
}

/** At how many places a loudspeaker or a screen played; how many times stands with what was used (R140). */
function places(form) {
  const played = form.names("channel").filter((entry) => entry.played);
  const row = (entry) => ({ name: `places-${entry.code}`, label: nameOf(entry), unit: t("处"), value: form.asked.places?.[entry.code],
    kept: (count) => form.ask((asked) => ((asked.places ??= {})[entry.code] = Number.isSafeInteger(count) ? count : 0)) });
  return h("details", { open: true }, h("summary", {}, t("在几处播放")), h("p.soft", {}, t("播了几次，填在“发了、用了什么”里。")), ...countRows(played.map(row), form.host));
}

/** Taken along and brought back (R9); what was given stands above. */
export function materials(form) {
  const carried = form.names("channel").filter((entry) => entry.carried);
  const rows = (name) => countRows(carried.map((entry) => ({
    name: `${name}-${entry.code}`, label: nameOf(entry), unit: unitOf(entry), value: form.asked[name]?.[entry.code],
    kept: (count) => form.ask((asked) => ((asked[name] ??= {})[entry.code] = Number.isSafeInteger(count) ? count : 0)),
  })), form.host);
  const group = (name, title) => h("div.stack", { role: "group", "aria-label": title }, h("strong", {}, title), ...rows(name));
  return h("details", {}, h("summary", {}, t("资料带出多少、带回多少")), group("taken", t("带出来")), group("left", t("带回去")));
}

/** Beside which field, in words. Counts are whole numbers; anything else that was typed stands as it was typed. */
export function faults(activity) {
  const number = t("这里要填一个数，比如 12");
  const odd = (value) => value !== undefined && !Number.isSafeInteger(value);
  const wrong = ["people", "registrations", "observers"].filter((name) => odd(activity[name]));
  wrong.push(...["audiences", "channels", "participants"].filter((name) => Object.values(activity[name] ?? {}).some(odd)));
  return { ...Object.fromEntries(wrong.map((name) => [name, number])), ...(!activity.topics.length && { topics: t("至少选一样") }) };
}
