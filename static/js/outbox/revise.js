// A visit that came back is put right here: the same id, the next revision; what was sent stays as it was underneath,
// so that giving up costs nothing. Both claims are kept for 14 days: a restored station must hear the first one first.

import { canonical } from "./canonical.js";
import { stopsOf, whole } from "./activities.js";
import { activityClaim, visitClaim } from "./envelope.js";
import { sealed, waiting } from "./visits.js";

/** Open what was returned again. → the draft, or undefined when this phone no longer has that visit */
export function revise(store, { id, revision }) {
  return store.write(["visits"], async (tx) => {
    const sent = await tx.visits.get(id);
    if (sent?.state !== "finished" || revisionOf(sent) !== revision) return sent?.state === "draft" ? sent : undefined;
    // A copy to the bottom: the database keeps what is shared shared, and the draft's edits would reach what was sent.
    const before = JSON.parse(JSON.stringify({ ...sent, before: undefined }));
    const draft = { ...sent, state: "draft", revision: revision + 1, before };
    await tx.visits.put(draft);
    return draft;
  });
}

/** Give up: what was sent stands as it was; what was added here for it is gone. */
export function withdraw(store, id) {
  return store.write(["visits", "photos", "outbox"], async (tx) => {
    const { before, photos } = await tx.visits.get(id);
    for (const { sha256 } of photos.filter((photo) => !keeps(before, photo.sha256))) {
      await tx.photos.delete(sha256);
      await tx.outbox.delete(`photo:${sha256}`);
    }
    for (const item of await tx.outbox.all()) if (item.visit === id && item.state === "aside" && item.revision > 1) await tx.outbox.delete(item.key);
    await tx.visits.put(before);
  });
}

/** Freeze, sign and queue the next revision; like finish(), but of the activity only what the draft's `people` corrects. */
export async function finishAgain(store, pack, id, now = Date.now()) {
  for (;;) {
    const draft = await store.get("visits", id);
    if (draft.state !== "draft") return draft;
    const activity = draft.people && (await corrected(store, draft));
    const chain = (await store.get("meta", "chain")) ?? { seq: 0, prev: null };
    const claims = await seal({ draft, activity }, chain.device === pack.device ? chain : { seq: 0, prev: null }, pack, now);
    if (await queue(store, draft, chain, activity, claims)) return store.get("visits", id);
  }
}

/** The closed activity's next revision, with the people and numbers of the draft; undefined when this phone has no such activity any more. */
async function corrected(store, { activity_id, people }) {
  return store.read(["activities", "visits"], async (tx) => {
    const sent = await tx.activities.get(activity_id);
    if (sent?.state !== "closed") return undefined;
    const span = sent.ended_at ? sent : whole(sent, stopsOf(await tx.visits.all(), activity_id));
    return { ...span, ...people, revision: revisionOf(sent) + 1 };
  });
}

async function seal({ draft, activity }, { seq, prev }, pack, now) {
  const link = { device: pack.device, sent_clock: now };
  const first = activity && (await sealed({ ...activityClaim(activity, { ...link, seq: seq + 1, prev }), revision: activity.revision }));
  const next = { ...link, seq: seq + (first ? 2 : 1), prev: first?.digest ?? prev };
  const last = await sealed({ ...visitClaim(draft, next, pack.beacon), revision: draft.revision });
  return first ? [first, last] : [last];
}

function queue(store, seen, chain, activity, claims) {
  return store.write(["visits", "activities", "meta", "outbox", "photos"], async (tx) => {
    const [draft, current] = [await tx.visits.get(seen.id), await tx.meta.get("chain")];
    if ((current?.seq ?? 0) !== chain.seq || canonical(draft) !== canonical(seen)) return false;
    for (const { claim, ...sent } of claims) {
      const { kind, id, revision } = claim;
      await tx.outbox.put({ ...waiting(kind, id, seen.id, sent), key: `${kind}:${id}:${revision}`, revision });
    }
    const { claim, digest } = claims.at(-1);
    await tx.meta.put({ key: "chain", device: claim.device, seq: claim.seq, prev: digest });
    for (const photo of draft.before.photos.filter((one) => !keeps(draft, one.sha256))) await forget(tx, photo.sha256);
    if (activity) await tx.activities.put(activity);
    await tx.visits.put({ ...draft, people: undefined, state: "finished" });
    return true;
  });
}

/** A picture that could not be sent and is no longer wanted would ask for attention for ever. */
async function forget(tx, sha256) {
  const item = await tx.outbox.get(`photo:${sha256}`);
  if (!item || item.state === "receipted") return;
  await tx.outbox.delete(item.key);
  await tx.photos.delete(sha256);
}

/** Does this visit list the picture? What was sent the time before is not the draft's to destroy. */
export function keeps(visit, sha256) {
  return Boolean(visit?.photos.some((photo) => photo.sha256 === sha256));
}

export function revisionOf(visit) {
  return visit.revision ?? 1;
}
