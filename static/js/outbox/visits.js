// A visit from its first tap to the moment it is frozen. Every change is one strict transaction on the newest state,
// so two tabs never overwrite each other and a killed page loses at most the tap in hand.

import { hex, sha256 } from "../phone/digest.js";
import { activityFor, dropEmpty, offered, stopsOf, whole } from "./activities.js";
import { canonical } from "./canonical.js";
import { activityClaim, visitClaim } from "./envelope.js";
import { sign } from "./keys.js";
import { uuid7 } from "./uuid.js";

const HOLD_MS = 60_000; // time to see what must be hidden in a picture, before it leaves an open draft

/** Begin at a place: {venue?, place_text?, scanned_code?, place_type, venue_kind, area, template}. Resumes today's draft there. */
export function begin(store, pack, place, now = Date.now()) {
  return store.write(["visits", "lists", "activities", "meta"], async (tx) => {
    const same = (row) => row.state === "draft" && place.venue && row.venue === place.venue;
    const open = (await tx.visits.all()).find(same);
    if (open) return open.id;
    const activity = await activityFor(tx, pack, place, now);
    const draft = fresh(pack, place, activity.id, now);
    await tx.visits.put(draft);
    const list = pack.checklists[place.template]; // kept beside it: a version published meanwhile is for the next one
    if (list) await tx.lists.put({ ...list, visit: draft.id });
    return draft.id;
  });
}

/** Unfinished visits, newest first. */
export async function drafts(store) {
  const rows = await store.all("visits");
  return rows.filter((row) => row.state === "draft").sort((a, b) => b.started_at - a.started_at);
}

/** Apply `edit(draft)` to the stored draft; resolves with it once that is durable. A finished visit stays as it is. */
export function change(store, id, edit) {
  return store.write(["visits"], async (tx) => {
    const draft = await tx.visits.get(id);
    if (draft?.state !== "draft") return draft;
    edit(draft);
    await tx.visits.put(draft);
    return draft;
  });
}

/** Look with another checklist; the answers already given stay with the visit. */
export function changeList(store, id, template, list) {
  return store.write(["visits", "lists"], async (tx) => {
    const draft = await tx.visits.get(id);
    if (draft?.state !== "draft") return draft;
    Object.assign(draft, { template, template_version: list.version });
    await tx.visits.put(draft);
    await tx.lists.put({ ...list, visit: id });
    return draft;
  });
}

/** Photo bytes, its line in the visit and its place in the outbox: all three or none. */
export function addPhoto(store, id, picture, line) {
  return store.write(["visits", "photos", "outbox"], async (tx) => {
    const draft = await tx.visits.get(id);
    if (draft?.state !== "draft" || draft.photos.some((photo) => photo.sha256 === picture.sha256)) return draft;
    draft.photos.push({ sha256: picture.sha256, role: nextRole(draft, line), ...line });
    await tx.photos.put({ sha256: picture.sha256, bytes: picture.bytes, type: picture.type, visit: id });
    const known = await tx.outbox.get(`photo:${picture.sha256}`); // sent with an earlier revision, taken out and put back
    if (known?.visit !== id) await tx.outbox.put(waiting("photo", picture.sha256, id, { size: picture.bytes.byteLength }));
    await tx.visits.put(draft);
    return draft;
  });
}

/** Take a photo out of the draft. What the station already holds is its own to keep; here nothing refers to it any more. */
export function removePhoto(store, id, digest) {
  return store.write(["visits", "photos", "outbox"], async (tx) => {
    const draft = await tx.visits.get(id);
    draft.photos = draft.photos.filter((photo) => photo.sha256 !== digest);
    if (!draft.before?.photos.some((photo) => photo.sha256 === digest)) { // what an earlier revision sent stays until that is tidied
      await tx.photos.delete(digest);
      await tx.outbox.delete(`photo:${digest}`);
    }
    await tx.visits.put(draft);
    return draft;
  });
}

export function discard(store, id) {
  return store.write(["visits", "lists", "photos", "outbox", "activities"], async (tx) => {
    const draft = await tx.visits.get(id);
    for (const { sha256: digest } of draft.photos) {
      await tx.photos.delete(digest);
      await tx.outbox.delete(`photo:${digest}`);
    }
    await tx.visits.delete(id);
    await tx.lists.delete(id);
    await dropEmpty(tx, draft.activity_id);
  });
}

/** Freeze, sign and queue the visit; with `last` its activity too. An activity that goes on is sent when it is closed. */
export async function finish(store, pack, id, { last = false, now = Date.now() } = {}) {
  await change(store, id, (draft) => (draft.ended_at = Math.max(now, draft.started_at)));
  const seen = () => store.read(["visits", "activities"], async (tx) => {
    const visit = await tx.visits.get(id);
    return visit.state === "draft" && { visit, ...(last && (await whatIsOpen(tx, visit.activity_id))) };
  });
  await freeze(store, pack, seen, now);
  return store.get("visits", id);
}

/** The activity is over. A stop still being written goes its own way later: the station takes them in any order. */
export function closeActivity(store, pack, id, now = Date.now()) {
  return freeze(store, pack, () => store.read(["visits", "activities"], (tx) => whatIsOpen(tx, id)), now);
}

/** Its claim hangs on its last stop, where its state is shown. */
async function whatIsOpen(tx, id) {
  const activity = await tx.activities.get(id);
  const stops = stopsOf(await tx.visits.all(), id);
  return activity?.state === "open" && { activity, stops };
}

/** The chain's numbers are taken in the same transaction that queues, over what was sealed, or we try again. */
async function freeze(store, pack, look, now) {
  for (;;) {
    const seen = await look();
    if (!seen) return;
    const chain = (await store.get("meta", "chain")) ?? { key: "chain", device: pack.device, seq: 0, prev: null };
    const claims = await seal(seen, pack, chain.device === pack.device ? chain : { seq: 0, prev: null }, now);
    if (await queue(store, seen, chain, claims, pack.device)) return;
  }
}

async function seal({ visit, activity, stops }, pack, { seq, prev }, now) {
  const link = { device: pack.device, sent_clock: now };
  const claims = [];
  const add = async (make) => claims.push(await sealed(make({ ...link, seq: seq + claims.length + 1, prev: claims.at(-1)?.digest ?? prev })));
  if (activity) await add((next) => activityClaim(whole(activity, stops), next));
  if (visit) await add((next) => visitClaim(visit, next, pack.beacon));
  return claims;
}

export async function sealed(claim) {
  const bytes = new TextEncoder().encode(canonical(claim));
  return { claim, body: bytes.buffer, digest: hex(await sha256(bytes)), signature: await sign(bytes) };
}

function queue(store, seen, chain, claims, device) {
  const { visit, activity, stops } = seen;
  return store.write(["visits", "activities", "meta", "outbox"], async (tx) => {
    const now = { ...(visit && { visit: await tx.visits.get(visit.id) }), ...(activity && (await whatIsOpen(tx, activity.id))) };
    if (((await tx.meta.get("chain"))?.seq ?? 0) !== chain.seq || canonical(now) !== canonical(seen)) return false;
    const shownAt = (visit ?? stops.filter((stop) => stop.state === "finished").at(-1) ?? stops.at(-1) ?? activity).id;
    for (const { claim, ...sent } of claims) await tx.outbox.put(waiting(claim.kind, claim.id, shownAt, sent));
    const last = claims.at(-1);
    await tx.meta.put({ key: "chain", device, seq: last.claim.seq, prev: last.digest });
    if (visit) await tx.visits.put({ ...visit, state: "finished" });
    if (!activity) return true;
    await tx.activities.put({ ...whole(activity, stops), state: "closed" });
    await tx.meta.put({ key: "last", activity: offered(activity) });
    return true;
  });
}

export function waiting(kind, id, visit, more) {
  const [queued_at, hold] = [Date.now(), kind === "photo" ? Date.now() + HOLD_MS : 0];
  return { key: `${kind}:${id}`, kind, id, revision: 1, visit, state: "waiting", tries: 0, next_at: 0, queued_at, hold, ...more };
}

function nextRole(draft, line) {
  if (line.item) return "close";
  const order = ["overview", "close", "interaction"];
  const taken = draft.photos.filter((photo) => !photo.item).length;
  return order[taken] ?? "other";
}

function fresh(pack, place, activity_id, now) {
  return {
    id: uuid7(now), activity_id, state: "draft", started_at: now, ended_at: null,
    venue: place.venue ?? null, place_text: place.place_text ?? "", title: place.title, scanned_code: place.scanned_code ?? null,
    place_type: place.place_type, venue_kind: place.venue_kind, area: place.area ?? pack.unit.area,
    template: place.template, template_version: pack.checklists[place.template]?.version ?? null,
    answers: {}, photos: [], rechecks: {}, materials: {}, refused: "none", note: "", short: false, enforcement: {},
  };
}
