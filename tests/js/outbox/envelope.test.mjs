import assert from "node:assert/strict";
import { test } from "node:test";

import { activityClaim, visitClaim } from "../../../static/js/outbox/envelope.js";

test("an activity that was held online says so, any other does not", () => {
  assert.equal(said({ delivery: "online" }).online, true);
  for (const delivery of ["mobile", "stall", "door_to_door", "indoor"]) assert.equal(said({ delivery }).online, false);
});

test("registrations that nobody entered are none", () => {
  assert.equal(said({}).registrations, 0);
  assert.equal(said({ registrations: 3 }).registrations, 3);
});

function said(activity) {
  const bare = { topics: ["gas"], people: 1, audiences: {}, channels: {}, entry_text: "", needs: "" };
  return activityClaim({ id: "a", started_at: 1, ended_at: 2, area: "b", place_type: "village", ...bare, ...activity }, {});
}

test("what its kind was asked is sent, and what was left open is not", () => {
  const asked = { speakers: " 王队长 ", case_told: true, case: "", link: "", plan_due: "", places: { loudspeaker: 3, film: 0 }, taken: { leaflet: 0 } };
  assert.deepEqual(said({ asked }).asked, { speakers: "王队长", case_told: true, places: { loudspeaker: 3 } });
  assert.deepEqual(said({}).asked, {});
});

test("whom something reached is sent of what was used; a case of the library only where one was told", () => {
  const asked = { by_channel: { leaflet: ["minor"], film: ["farmer"], poster: [] }, case: "邻县火灾", case_id: "c1" };
  assert.deepEqual(said({ asked, channels: { leaflet: 20, poster: 3 } }).asked, { by_channel: { leaflet: ["minor"] } });
  assert.deepEqual(said({ asked: { ...asked, case_told: true } }).asked, { case_told: true, case: "邻县火灾", case_id: "c1" });
});

test("a hazard looked at again says what became of it, with the picture of now", () => {
  const photos = [{ sha256: "aa", role: "after", hazard: "h1" }, { sha256: "bb", role: "overview" }];
  const draft = { answers: {}, photos, rechecks: { h1: { result: "rectified", at: 5, note: " 已换 " }, h2: { result: null, note: "" } } };
  assert.deepEqual(visitClaim(draft, {}).rechecks, [{ hazard: "h1", result: "rectified", at: 5, note: "已换", photo: "aa" }]);
});
