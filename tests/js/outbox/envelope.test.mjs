import assert from "node:assert/strict";
import { test } from "node:test";

import { activityClaim } from "../../../static/js/outbox/envelope.js";

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
