import assert from "node:assert/strict";
import { test } from "node:test";

import { checklistsFor, named, unvisited } from "../../../static/js/elements/places.js";

const venues = [["a", "shop", "x"], ["b", "shop", "x"], ["c", "shop", "y"], ["d", "school", "x"]].map(([id, kind, area]) => ({ id, kind, area }));

test("R149: of one street the shops that were not visited in this outing are left", () => {
  const left = unvisited({ venues }, [{ venue: "a", venue_kind: "shop", area: "x" }]);
  assert.deepEqual(left.map(({ id }) => id), ["b"]);
});

test("a drill's own list can be taken at any place, a list that the station withdrew cannot", () => {
  const names = { venue_kind: [{ code: "school", template: "school", extra: ["kitchen"] }], form: [{ template: "drill" }, {}, { template: "gone" }] };
  const pack = { names, checklists: { school: {}, kitchen: {}, drill: {} } };
  assert.deepEqual(checklistsFor(pack, { venue_kind: "school", template: "school" }), ["school", "kitchen", "drill"]);
});

test("at a demonstration site the standard it grows up to can be looked at", () => {
  const names = { venue_kind: [{ code: "hall", template: "fixed_place" }], form: [] };
  const pack = { names, checklists: { fixed_place: {}, demo_six_have: {} }, venues: [{ id: "a", also: ["demo_six_have"] }, { id: "b" }] };
  assert.deepEqual(checklistsFor(pack, { venue: "a", venue_kind: "hall" }), ["fixed_place", "demo_six_have"]);
  assert.deepEqual(checklistsFor(pack, { venue: "b", venue_kind: "hall" }), ["fixed_place"]);
});

test("R132: of the places that bear a name, those of a trade that worries the station come first", () => {
  const venues = [["东街面馆", "shop"], ["东街歌厅", "karaoke"], ["西街歌厅", "karaoke"]].map(([zh, kind]) => ({ zh, kind }));
  const names = (worry) => ({ venue_kind: [{ code: "shop" }, { code: "karaoke", ...(worry && { worry }) }] });
  assert.deepEqual(named({ venues, names: names(true) }, "东街").map(({ kind }) => kind), ["karaoke", "shop"]);
  assert.deepEqual(named({ venues, names: names(false) }, "东街").map(({ kind }) => kind), ["shop", "karaoke"]);
});
