// A visit from its first tap to the moment it is frozen. Every change is one strict transaction on the newest state,
// so two tabs never overwrite each other and a killed page loses at most the tap in hand.

import { hex, sha256 } from "../phone/digest.js";
import { canonical } from "./canonical.js";
import { activityClaim, visitClaim } from "./envelope.js";
import { sign } from "./keys.js";
import { uuid7 } from "./uuid.js";

const HOLD_MS = 60_000; // time to see what must be hidden in a picture, before it leaves an open draft

/** Begin at a place: {venue?, place_text?, scanned_code?, place_type, venue_kind, area, template}. Resumes today's draft there. */
export async function begin(store, pack, place) {
  const open = (await drafts(store)).find((draft) => place.venue && draft.venue === place.venue);
  if (open) return open.id;
  const draft = fresh(pack, place, (await store.get("meta", "last"))?.activity);
  await store.put("visits", draft);
  return draft.id;
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
  return store.write(["visits", "photos", "outbox"], async (tx) => {
    const draft = await tx.visits.get(id);
    for (const { sha256: digest } of draft.photos) {
      await tx.photos.delete(digest);
      await tx.outbox.delete(`photo:${digest}`);
    }
    await tx.visits.delete(id);
  });
}

/** Freeze, sign and queue. The chain's number is taken in the same transaction that queues, or we try again. */
export async function finish(store, pack, id, now = Date.now()) {
  await change(store, id, (draft) => (draft.ended_at = Math.max(now, draft.started_at)));
  for (;;) {
    const draft = await store.get("visits", id);
    if (draft.state !== "draft") return draft;
    const chain = (await store.get("meta", "chain")) ?? { key: "chain", device: pack.device, seq: 0, prev: null };
    const claims = await seal(draft, pack, chain.device === pack.device ? chain : { device: pack.device, seq: 0, prev: null }, now);
    if (await queue(store, draft, chain, claims, pack.device)) return store.get("visits", id);
  }
}

async function seal(draft, pack, { seq, prev }, now) {
  const link = { device: pack.device, sent_clock: now };
  const activity = await sealed(activityClaim(draft, { ...link, seq: seq + 1, prev }));
  const visit = await sealed(visitClaim(draft, { ...link, seq: seq + 2, prev: activity.digest }, pack.beacon));
  return [activity, visit];
}

export async function sealed(claim) {
  const bytes = new TextEncoder().encode(canonical(claim));
  return { claim, body: bytes.buffer, digest: hex(await sha256(bytes)), signature: await sign(bytes) };
}

function queue(store, seen, chain, claims, device) {
  return store.write(["visits", "meta", "outbox"], async (tx) => {
    const [draft, current] = [await tx.visits.get(seen.id), await tx.meta.get("chain")];
    const moved = (current?.seq ?? 0) !== chain.seq || canonical(draft) !== canonical(seen);
    if (moved || draft.state !== "draft") return false;
    for (const { claim, ...sent } of claims) await tx.outbox.put(waiting(claim.kind, claim.id, draft.id, sent));
    const last = claims.at(-1);
    await tx.meta.put({ key: "chain", device, seq: last.claim.seq, prev: last.digest });
    await tx.meta.put({ key: "last", activity: offered(draft.activity) });
    await tx.visits.put({ ...draft, state: "finished" });
    return true;
  });
}

/** What is worth offering next time: how and about what, never how many. */
function offered({ delivery, form, context, activity_kind, topics }) {
  return { delivery, form, context, activity_kind, topics };
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

function fresh(pack, place, last) {
  const now = Date.now();
  return {
    id: uuid7(now), activity_id: uuid7(now), state: "draft", started_at: now, ended_at: null,
    venue: place.venue ?? null, place_text: place.place_text ?? "", title: place.title, scanned_code: place.scanned_code ?? null,
    place_type: place.place_type, venue_kind: place.venue_kind, area: place.area ?? pack.unit.area,
    template: place.template, template_version: pack.checklists[place.template]?.version ?? null,
    answers: {}, photos: [], refused: "none", note: "", short: false,
    activity: { ...firstActivity(place), ...last, people: 0, audiences: {}, channels: {}, registrations: 0, entry_text: "", needs: "" },
  };
}

function firstActivity(place) {
  const home = place.place_type === "household";
  return {
    delivery: home ? "door_to_door" : "mobile", form: home ? "safety_lecture" : "themed_campaign", context: "dedicated",
    activity_kind: home ? "home_visit" : "shop_round", topics: ["fire_safety"],
  };
}
