// DOM built node by node: no markup from strings, so nothing a record holds can become script.

import { t } from "../words.js";

const BASE = new URL("../../", import.meta.url);

/** h("button.main", {onclick}, "text", node …): tag with classes, properties or attributes, children. */
export function h(tag, fields = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(fields)) give(node, key, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function give(node, key, value) {
  if (value === undefined || value === null || value === false) return;
  if (key in node && !key.startsWith("aria") && key !== "list") node[key] = value;
  else node.setAttribute(key, value === true ? "" : value);
}

/** One of our drawn icons; a word always stands beside it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", new URL(`icons/sprite.svg#i-${name}`, BASE).href);
  svg.append(use);
  return svg;
}

export function link(href, className, ...children) {
  return h("a", { href, className }, ...children);
}

/** A labelled control; its error stands beside it and is told to screen readers. */
export function field(label, control, { hint = "", error = "" } = {}) {
  const id = control.id || `f-${Math.random().toString(36).slice(2, 8)}`;
  control.id = id;
  if (error) control.setAttribute("aria-invalid", "true");
  if (error) control.setAttribute("aria-describedby", `${id}-error`);
  return h("div.field", {}, h("label", { htmlFor: id }, label), hint && h("span.hint", {}, hint), control.localName === "select" ? chosen(control) : control,
    error && h("p.error", { id: `${id}-error`, role: "alert" }, error));
}

/** A native list cuts a long name: it lies unseen over the chosen one, which stands in full on as many lines as it needs. */
export function chosen(select) {
  const name = h("span.grow", { "aria-hidden": "true" });
  const tell = () => (name.textContent = select.selectedOptions[0]?.text ?? "");
  select.addEventListener("input", tell);
  tell();
  return h("div.chosen", {}, name, icon("chevron-right"), select);
}

/** What was typed as a count: full-width digits too; anything else is given back as it was typed, so that it can be put right. */
export function whole(typed) {
  const text = typed.normalize("NFKC").trim();
  return /^\d{1,7}$/.test(text) ? Number(text) : text === "" ? 0 : typed;
}

/** Rows of counts: {name, label, unit, value, kept(count)}; kept while they are typed, not only when the field is left. */
export function countRows(rows, keeper) {
  return rows.map(({ name, label, unit, value, kept }) => {
    const box = h("input", { type: "text", inputMode: "numeric", autocomplete: "off", name, value: value ? String(value) : "" });
    box.oninput = () => keeper.typing(() => kept(whole(box.value)));
    box.onchange = () => kept(whole(box.value));
    return h("label.count-row", {}, h("span.grow", {}, label, unit && [" ", h("span.unit", {}, unit)]), box);
  });
}

/** A bar at the bottom that says what happened and offers to take it back. */
export function toast(text, undo) {
  document.querySelector(".toast")?.remove();
  const bar = h("div.toast", { role: "status" }, h("span", {}, text));
  if (undo) bar.append(h("button.button", { type: "button", onclick: () => (bar.remove(), undo()) }, icon("undo"), t("撤销")));
  document.body.append(bar);
  setTimeout(() => bar.remove(), 6000);
}

export function go(path, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** A sheet over the page: the phone's own back button closes it, and nothing else. → what it was closed with */
export function cover(sheet) {
  document.body.append(sheet);
  history.pushState(null, "");
  return sheet.done;
}

/** Closed by one of its own buttons: as if by the phone's. */
export function uncover(sheet, answer) {
  if (sheet.closing) return;
  Object.assign(sheet, { closing: true, answer });
  history.back();
}

/** Draw anew only what became different: whoever stands on a link, by finger or by keyboard, keeps standing on it. */
export function redraw(place, ...children) {
  const fresh = h("div", {}, ...children);
  if (fresh.innerHTML !== place.innerHTML) place.replaceChildren(...fresh.childNodes);
}

/** An address that somebody mistyped may not decode; it is shown as it stands. */
export function plain(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
