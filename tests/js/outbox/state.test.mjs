import assert from "node:assert/strict";
import { test } from "node:test";

import { judged, stateOf, waitingOf } from "../../../static/js/outbox/state.js";

const RECEIVED = { code: "received" };
const returned = (revision) => ({ returned: [{ id: "a", revision }], ruled: { accepted: ["b"], disputed: ["c"] } });

test("what was decided outweighs that it arrived", () => {
  assert.equal(judged({ id: "a" }, RECEIVED, returned(1)).code, "returned");
  assert.equal(judged({ id: "b" }, RECEIVED, returned(1)).code, "accepted");
  assert.equal(judged({ id: "c" }, RECEIVED, returned(1)).code, "disputed");
  assert.equal(judged({ id: "d" }, RECEIVED, returned(1)).code, "received");
});

test("a return is about its own revision alone", () => {
  assert.equal(judged({ id: "a", revision: 2 }, RECEIVED, returned(1)).code, "received");
  assert.equal(judged({ id: "a", revision: 2 }, RECEIVED, returned(2)).code, "returned");
});

test("a picture that cannot be sent does not hide that the visit came back, nor its own reason", () => {
  const state = judged({ id: "a", state: "finished" }, { code: "aside", reason: "why" }, returned(1));
  assert.deepEqual([state.code, state.reason], ["returned", "why"]);
});

test("a pack of an older server says nothing of rulings", () => {
  assert.equal(judged({ id: "b" }, RECEIVED, { returned: [] }).code, "received");
});

test("an open correction is no plain draft", () => {
  assert.equal(stateOf({ id: "a", state: "draft", before: {} }, []).code, "revising");
  assert.equal(stateOf({ id: "a", state: "draft" }, []).code, "draft");
});

test("what a restored station is offered once more is told apart from what it never had", () => {
  const items = [
    { kind: "visit", id: "a", visit: "a", state: "waiting", again: true, queued_at: 5 },
    { kind: "visit", id: "b", visit: "b", state: "waiting", queued_at: 9 },
    { kind: "visit", id: "c", visit: "c", state: "receipted", again: false, queued_at: 1 },
  ];
  assert.equal(stateOf({ id: "a", state: "finished" }, items).again, true);
  assert.equal(stateOf({ id: "b", state: "finished" }, items).again, false);
  const { again, total, since } = waitingOf(items);
  assert.deepEqual([again, total, since], [1, 2, 5]);
});
