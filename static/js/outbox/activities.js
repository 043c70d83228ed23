// An activity (场次): what is counted. It holds one stop or many; what was said of all of them together is kept here once.

import { uuid7 } from "./uuid.js";

/** These ways of working go from door to door; a lecture or a stall is one place and one activity (domain: delivery). */
const ROVING = new Set(["mobile", "door_to_door"]);

/** Open activities with their stops in order: {activity, stops}, newest first. */
export function openActivities(store) {
  return store.read(["activities", "visits"], async (tx) => {
    const [rows, visits] = [await tx.activities.all(), await tx.visits.all()];
    const open = rows.filter((row) => row.state === "open").sort((a, b) => b.started_at - a.started_at);
    return open.map((activity) => ({ activity, stops: stopsOf(visits, activity.id) }));
  });
}

/** One activity with its stops, or null. */
export function activityOf(store, id) {
  return store.read(["activities", "visits"], async (tx) => {
    const activity = await tx.activities.get(id);
    return activity ? { activity, stops: stopsOf(await tx.visits.all(), id) } : null;
  });
}

/** Apply `edit(activity)`; a closed one stays as it is. */
export function changeActivity(store, id, edit) {
  return store.write(["activities"], async (tx) => {
    const activity = await tx.activities.get(id);
    if (activity?.state !== "open") return activity;
    edit(activity);
    await tx.activities.put(activity);
    return activity;
  });
}

/** Within a transaction: the activity that a visit beginning now belongs to, asking nothing; a new one when none fits. */
export async function activityFor(tx, pack, place, now) {
  const rows = (await tx.activities.all()).sort((a, b) => b.started_at - a.started_at);
  return rows.find((row) => takes(row, place, now)) ?? opened(tx, pack, place, now);
}

/** One tap on the visit: `to` another open activity, or to one of its own when that is null. */
export function moveVisit(store, pack, id, to, now = Date.now()) {
  return store.write(["visits", "activities", "meta"], async (tx) => {
    const visit = await tx.visits.get(id);
    if (visit?.state !== "draft") return visit;
    const left = visit.activity_id;
    visit.activity_id = to ?? (await opened(tx, pack, visit, now)).id;
    await tx.visits.put(visit);
    await dropEmpty(tx, left);
    return visit;
  });
}

/** An open activity without a stop counts nothing. */
export async function dropEmpty(tx, id) {
  const activity = await tx.activities.get(id);
  if (activity?.state === "open" && !stopsOf(await tx.visits.all(), id).length) await tx.activities.delete(id);
}

/** Closed, and the last of its stops was forgotten after 14 days: so is it. */
export function tidyActivities(store) {
  return store.write(["activities", "visits"], async (tx) => {
    const used = new Set((await tx.visits.all()).map((visit) => visit.activity_id));
    const over = (row) => row.state === "closed" && !used.has(row.id);
    for (const { id } of (await tx.activities.all()).filter(over)) await tx.activities.delete(id);
  });
}

export function stopsOf(visits, id) {
  return visits.filter((visit) => visit.activity_id === id).sort((a, b) => a.started_at - b.started_at);
}

/** From the first stop's beginning to the last one's end; counted where and as what it began. */
export function whole(activity, stops) {
  const first = stops[0] ?? activity;
  const ended_at = Math.max(...stops.map((stop) => stop.ended_at ?? stop.started_at), first.started_at);
  return { ...activity, started_at: first.started_at, ended_at, area: first.area, place_type: first.place_type };
}

/** Can this place be a stop of that activity? */
export function takes(activity, place, now) {
  if (activity.state !== "open" || !isToday(activity.started_at, now)) return false;
  const alike = ROVING.has(activity.delivery) ? isHome : (one) => one.place_type;
  return alike(activity) === alike(place);
}

export function isToday(ms, now = Date.now()) {
  return new Date(ms).toDateString() === new Date(now).toDateString();
}

function isHome(place) {
  return place.place_type === "household";
}

async function opened(tx, pack, place, now) {
  const last = (await tx.meta.get("last"))?.activity;
  const activity = {
    ...usual(pack, place), ...(last && isHome(last) === isHome(place) && last),
    id: uuid7(now), state: "open", started_at: now, area: place.area ?? pack.unit.area, place_type: place.place_type,
    people: 0, audiences: {}, channels: {}, participants: {}, observers: 0, registrations: 0, title: "", entry_text: "", needs: "",
    organisers: [], asked: {},
  };
  await tx.activities.put(activity);
  return activity;
}

/** What this kind of place and this role mostly do. */
function usual(pack, place) {
  const home = isHome(place);
  return {
    delivery: home ? "door_to_door" : "mobile", form: home ? "safety_lecture" : "themed_campaign", context: pack.person.context ?? "dedicated",
    activity_kind: home ? "home_visit" : "shop_round", topics: ["fire_safety"],
  };
}

/** What is worth offering next time: how and about what, never how many. */
export function offered({ delivery, form, context, activity_kind, topics, place_type }) {
  return { delivery, form, context, activity_kind, topics, place_type };
}
