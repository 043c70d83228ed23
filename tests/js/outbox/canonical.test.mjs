import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { canonical } from "../../../static/js/outbox/canonical.js";
import { readCode } from "../../../static/js/outbox/code.js";
import { activityClaim, visitClaim } from "../../../static/js/outbox/envelope.js";
import { uuid7 } from "../../../static/js/outbox/uuid.js";

const samples = JSON.parse(readFileSync(new URL("../../samples/canonical.json", import.meta.url)));

test("the phone writes what the server reads: one set of samples, two readers", () => {
  for (const { value, text } of samples) assert.equal(canonical(value), text);
});

test("a fraction, NaN or a number too large for a browser is never signed", () => {
  for (const value of [1.5, NaN, Infinity, 2 ** 53]) assert.throws(() => canonical({ value }), TypeError);
});

test("half an emoji is left out, a whole one stays", () => {
  assert.equal(canonical("火\uD83D"), '"火"');
  assert.equal(canonical("🔥"), '"🔥"');
});

test("an id is a version 7 uuid and sorts by time", () => {
  assert.match(uuid7(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(uuid7(1_000_000_000_000) < uuid7(1_000_000_000_001));
});

test("codes: the same ones as the server takes, and the address around one", () => {
  const { good, bad } = JSON.parse(readFileSync(new URL("../../samples/codes.json", import.meta.url)));
  for (const { typed, code } of good) assert.equal(readCode(typed), code);
  for (const typed of bad) assert.equal(readCode(typed), null);
  assert.equal(readCode(`https://example.org/v/${good[0].code}?from=wechat`), good[0].code);
});

test("a failed hazard item becomes a hazard, a failed activity item does not", () => {
  const claim = visitClaim(draft({
    "HH-01": { value: "fail", note: "线皮破了", hazard: { id: uuid7(), severity: "general", category: "electric", found_at: 5, item_text: "x" } },
    "HH-17": { value: "fail", note: "" },
  }), { device: "d", seq: 2, prev: null, sent_clock: 9 });
  assert.equal(claim.hazards.length, 1);
  assert.equal(claim.hazards[0].text, "线皮破了");
  assert.deepEqual(Object.keys(claim.answers), ["HH-01", "HH-17"]);
});

test("an answer taken back is not sent, nor a count of nothing", () => {
  const bare = draft({ "HH-02": { value: null, note: "" } });
  const activity = { id: uuid7(), topics: ["gas"], people: 1, audiences: { farmer: 0, student: 3 }, entry_text: " 一句话 " };
  assert.deepEqual(visitClaim(bare, {}).answers, {});
  assert.deepEqual(activityClaim(activity, {}).audiences, { student: 3 });
});

function draft(answers) {
  return {
    id: uuid7(), activity_id: uuid7(), started_at: 1, ended_at: 2, area: "a", place_type: "household", venue_kind: "ordinary_home",
    venue: null, place_text: "三组12户", scanned_code: null, template: "household", template_version: 1, answers, photos: [],
    refused: "none", note: "",
  };
}
