import assert from "node:assert/strict";
import { test } from "node:test";

import { activityOf, changeActivity, moveVisit, openActivities, takes, tidyActivities } from "../../../static/js/outbox/activities.js";
import { begin, change, closeActivity, discard, finish } from "../../../static/js/outbox/visits.js";

const DAY = 86_400_000;
const NOON = new Date(2026, 10, 23, 12).getTime();
const PACK = { device: "d", unit: { area: "a" }, person: {}, checklists: {} };
const SHOP = { title: "店", place_type: "enterprise", venue_kind: "small_mall", template: "small_shop" };
const HOME = { title: "三组12户", place_type: "household", venue_kind: "ordinary_home", template: "household" };

test("five shops one after the other are one activity", async () => {
  const store = memory();
  for (let n = 0; n < 5; n++) await finish(store, PACK, await begin(store, PACK, { ...SHOP, venue: `v${n}` }, NOON + n), { now: NOON + n });
  const [{ stops }, ...more] = await openActivities(store);
  assert.deepEqual([stops.length, more.length], [5, 0]);
  assert.deepEqual((await sent(store)).map((item) => item.kind), Array(5).fill("visit"));
});

test("its claim goes when it is closed, once, whole, and the chain has no gap", async () => {
  const store = memory();
  for (let n = 0; n < 3; n++) await finish(store, PACK, await begin(store, PACK, { ...SHOP, venue: `v${n}` }, NOON + n), { now: NOON + 10 * n });
  const [{ activity }] = await openActivities(store);
  await changeActivity(store, activity.id, (row) => (row.people = 9));
  await Promise.all([closeActivity(store, PACK, activity.id, NOON + DAY), closeActivity(store, PACK, activity.id, NOON + DAY)]);
  const items = await sent(store);
  const [said] = items.filter((item) => item.kind === "activity").map((item) => item.claim);
  assert.deepEqual([said.people, said.started_at, said.ended_at], [9, NOON, NOON + 20]);
  assert.deepEqual(items.map((item) => item.claim.seq), [1, 2, 3, 4]);
  assert.deepEqual(items.map((item) => item.claim.prev), [null, ...items.slice(0, -1).map((item) => item.digest)]);
});

test("the only visit closes its activity with it, the activity first", async () => {
  const store = memory();
  const id = await begin(store, PACK, SHOP, NOON);
  await finish(store, PACK, id, { last: true, now: NOON + 5 });
  assert.deepEqual((await sent(store)).map((item) => [item.kind, item.claim.seq, item.visit]), [["activity", 1, id], ["visit", 2, id]]);
  assert.deepEqual(await openActivities(store), []);
});

test("R12 R174 R176: somebody whose work brings them there says so without being asked", async () => {
  const store = memory();
  const ranger = { ...PACK, person: { context: "patrol" } };
  await finish(store, ranger, await begin(store, ranger, SHOP, NOON), { last: true, now: NOON });
  assert.equal((await sent(store))[0].claim.context, "patrol");
});

test("a home does not join the shops, a school does not join the village's lecture, tomorrow does not join today", () => {
  const round = { state: "open", started_at: NOON, delivery: "mobile", place_type: "enterprise" };
  assert.ok(takes(round, { place_type: "community" }, NOON + 1));
  assert.ok(!takes(round, HOME, NOON + 1));
  assert.ok(!takes(round, SHOP, NOON + DAY));
  assert.ok(!takes({ ...round, state: "closed" }, SHOP, NOON + 1));
  assert.ok(!takes({ ...round, delivery: "indoor", place_type: "village" }, { place_type: "school" }, NOON + 1));
});

test("one tap moves a visit out and in; an activity left without a stop is gone", async () => {
  const store = memory();
  const [first, second] = [await begin(store, PACK, SHOP, NOON), await begin(store, PACK, { ...SHOP, venue: "v" }, NOON + 1)];
  const shared = (await store.get("visits", first)).activity_id;
  const own = (await moveVisit(store, PACK, second, null, NOON + 2)).activity_id;
  assert.equal((await openActivities(store)).length, 2);
  assert.equal((await moveVisit(store, PACK, second, shared, NOON + 3)).activity_id, shared);
  assert.equal(await activityOf(store, own), null);
  await discard(store, second);
  await discard(store, first);
  assert.deepEqual(await store.all("activities"), []);
});

test("a stop written after its activity was closed still goes", async () => {
  const store = memory();
  const [first, late] = [await begin(store, PACK, SHOP, NOON), await begin(store, PACK, { ...SHOP, venue: "v" }, NOON + 1)];
  await finish(store, PACK, first, { now: NOON + 2 });
  await closeActivity(store, PACK, (await store.get("visits", first)).activity_id, NOON + 3);
  await finish(store, PACK, late, { last: true, now: NOON + 4 });
  assert.deepEqual((await sent(store)).map((item) => item.kind), ["visit", "activity", "visit"]);
});

test("nobody home is a whole record without a tick or a photo", async () => {
  const store = memory();
  const id = await begin(store, PACK, HOME, NOON);
  await change(store, id, (draft) => (draft.refused = "nobody_home"));
  await finish(store, PACK, id, { now: NOON + 1 });
  assert.deepEqual((({ refused, answers, photos }) => [refused, answers, photos])((await sent(store))[0].claim), ["nobody_home", {}, []]);
});

test("a closed activity is forgotten with the last of its stops", async () => {
  const store = memory();
  const id = await begin(store, PACK, SHOP, NOON);
  await finish(store, PACK, id, { last: true, now: NOON });
  await tidyActivities(store);
  assert.equal((await store.all("activities")).length, 1);
  await store.write(["visits"], (tx) => tx.visits.delete(id));
  await tidyActivities(store);
  assert.deepEqual(await store.all("activities"), []);
});

test("an activity left open until its stops were forgotten is still closed and sent", async () => {
  const store = memory();
  const id = await begin(store, PACK, SHOP, NOON);
  await finish(store, PACK, id, { now: NOON });
  await store.write(["visits", "outbox"], async (tx) => (await tx.visits.delete(id), await tx.outbox.delete(`visit:${id}`)));
  await tidyActivities(store);
  await closeActivity(store, PACK, (await openActivities(store))[0].activity.id, NOON + 15 * DAY);
  assert.deepEqual((await sent(store)).map((item) => [item.kind, item.claim.ended_at]), [["activity", NOON]]);
});

/** What is queued, by its place in the chain. */
async function sent(store) {
  const items = await store.all("outbox");
  const read = (item) => ({ ...item, claim: JSON.parse(new TextDecoder().decode(item.body)) });
  return items.map(read).sort((a, b) => a.claim.seq - b.claim.seq);
}

/** The verbs of outbox/store.js over plain maps, one transaction after the other. */
function memory() {
  const KEYS = { meta: "key", visits: "id", lists: "id", photos: "sha256", outbox: "key", activities: "id" };
  const maps = Object.fromEntries(Object.keys(KEYS).map((name) => [name, new Map()]));
  const verbs = (name) => ({
    get: async (key) => structuredClone(maps[name].get(key)),
    all: async () => [...maps[name].values()].map((row) => structuredClone(row)),
    put: async (row) => maps[name].set(row[KEYS[name]], structuredClone(row)),
    delete: async (key) => maps[name].delete(key),
  });
  const tx = Object.fromEntries(Object.keys(KEYS).map((name) => [name, verbs(name)]));
  let queue = Promise.resolve();
  const run = (names, work) => (queue = queue.then(() => work(tx), () => work(tx)));
  return { read: run, write: run, get: (name, key) => run([name], (all) => all[name].get(key)), all: (name) => run([name], (all) => all[name].all()), put: (name, row) => run([name], (all) => all[name].put(row)) };
}
