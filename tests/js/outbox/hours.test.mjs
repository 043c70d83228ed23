import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hoursOf, served } from "../../../static/js/outbox/hours.js";

const SAMPLE = JSON.parse(readFileSync(new URL("../../samples/hours.json", import.meta.url)));
const zone = "Asia/Shanghai";
const at = (moment) => Date.parse(`${moment}+08:00`);
const NOW = at("2026-11-26T12:00"); // a Thursday
const since = at("2026-10-26T00:00");
const told = (id, from, to) => [id, at(from) - since, at(to) - at(from)];
const HOURS = {
  since,
  months: { "2026-10": [4, 6.5], "2025-12": [9, 9] },
  recent: [told("a", "2026-11-24T09:00", "2026-11-24T10:00"), told("old", "2026-11-03T09:00", "2026-11-03T11:00")],
};
const stop = (activity_id, from, to, code = "saved") => ({ visit: { activity_id, started_at: at(from), ended_at: at(to) }, state: { code } });

test("a span counts as the station counts it", () => {
  for (const { start, end, hours, why } of SAMPLE.spans) assert.equal(hoursOf([Date.parse(start), Date.parse(end)], SAMPLE.zone), hours, why);
});

test("without a line: what the station told last, by week, month and year", () => {
  assert.deepEqual(served([], { hours: HOURS, zone }, NOW), {
    week: { times: 1, hours: 1 }, month: { times: 2, hours: 3 }, year: { times: 6, hours: 9.5 }, here: 0,
  });
});

test("a stop that both know counts once, a later stop of the same outing makes it longer, a new one comes to it", () => {
  const rows = [stop("a", "2026-11-24T09:00", "2026-11-24T09:30", "received"), stop("a", "2026-11-24T10:00", "2026-11-24T12:00"),
    stop("b", "2026-11-26T09:00", "2026-11-26T10:00")];
  const { week, year, here } = served(rows, { hours: HOURS, zone }, NOW);
  assert.deepEqual([week, year, here], [{ times: 2, hours: 4 }, { times: 7, hours: 12.5 }, 3]);
});

test("nothing is counted that is a draft, came back, or lies so far behind that the station's months may hold it", () => {
  const codes = ["draft", "revising", "returned", "disputed"].map((code) => stop(code, "2026-11-25T09:00", "2026-11-25T10:00", code));
  assert.equal(served([...codes, stop("c", "2026-10-02T09:00", "2026-10-02T10:00")], { hours: HOURS, zone }, NOW).here, 0);
});

test("a pack of an older station tells none: the phone's own are counted", () => {
  assert.deepEqual(served([stop("b", "2026-11-26T09:00", "2026-11-26T10:00")], { zone }, NOW).year, { times: 1, hours: 1 });
});
