// A checklist as the phone shows it: the phone's own element, over a visit that is kept nowhere.

import "../elements/wujin-checklist.js";

const { code, list, seasons } = JSON.parse(document.querySelector("#list").textContent);
const draft = { template: code, template_version: list.version, answers: {}, photos: [], short: false, venue: null };
const pack = { checklists: { [code]: list }, seasons, venues: [], names: { venue_kind: [], form: [] } };
const app = { pack };
const visit = { app, draft, list, at: 0, save: async (edit) => edit(draft), typing: () => {} };

const shown = Object.assign(document.createElement("wujin-checklist"), { visit, app, onward() {} });
// A camera has no place here, and nowhere to put its picture.
shown.addEventListener("click", (event) => event.target.closest("button") && event.stopImmediatePropagation(), true);
document.querySelector("#preview").append(shown);
