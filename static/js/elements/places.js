// From the pack to a place where a visit can begin.

/** The venue that a code names: {venue} now, {venue, retired: true} by an old poster, {} when the pack does not know it. */
export function venueByCode(pack, code) {
  const venue = pack.venues.find((one) => one.code === code);
  if (venue) return { venue };
  const former = pack.venues.find((one) => one.old?.includes(code));
  return former ? { venue: former, retired: true } : {};
}

/** What outbox/visits.js begins with, for a venue of the pack. */
export function placeOf(pack, venue, scanned_code = null) {
  const kind = pack.names.venue_kind.find((one) => one.code === venue.kind);
  const type = pack.names.place_type.find((one) => one.code === venue.type);
  return {
    venue: venue.id, title: venue.zh, scanned_code, place_type: venue.type, venue_kind: venue.kind,
    area: venue.area, template: kind?.template ?? type?.template,
  };
}

/** For a place that nobody has entered yet: a name, and which of the five it is. */
export function unknownPlace(pack, type, place_text, scanned_code = null) {
  const kind = pack.names.venue_kind.find((one) => one.place_type === type.code && one.template === type.template)
    ?? pack.names.venue_kind.find((one) => one.place_type === type.code);
  return {
    venue: null, title: place_text, place_text, scanned_code, place_type: type.code, venue_kind: kind.code,
    area: pack.unit.area, template: type.template,
  };
}

/** Venues whose name holds every word typed; those of a trade that worries the station first (R132). */
export function named(pack, typed) {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const worries = new Set(pack.names.venue_kind.filter((kind) => kind.worry).map((kind) => kind.code));
  const found = pack.venues.filter((venue) => words.every((word) => venue.zh.toLowerCase().includes(word)));
  return found.sort((a, b) => worries.has(b.kind) - worries.has(a.kind)).slice(0, 12);
}

/** The nearest surveyed venues to a reading, with metres. On a few kilometres a flat map is exact enough. */
export function nearby(pack, reading, most = 8) {
  const [lat, lon] = [reading.lat_e7 / 1e7, reading.lon_e7 / 1e7];
  const metres = (venue) => Math.hypot(venue.lat / 1e7 - lat, (venue.lon / 1e7 - lon) * Math.cos((lat * Math.PI) / 180)) * 111_195;
  const placed = pack.venues.filter((venue) => venue.lat !== null).map((venue) => ({ venue, metres: Math.round(metres(venue)) }));
  return placed.sort((a, b) => a.metres - b.metres).slice(0, most);
}

/** Venues of the same kind and area as these stops where none of them was (R149). */
export function unvisited(pack, stops) {
  const kinds = new Set(stops.map((stop) => `${stop.venue_kind} ${stop.area}`));
  const been = new Set(stops.map((stop) => stop.venue));
  return pack.venues.filter((venue) => kinds.has(`${venue.kind} ${venue.area}`) && !been.has(venue.id));
}

/** The checklist that this visit was begun with: a newer version waits for the next one. Old rows have none of their own. */
export async function listOf({ store, pack }, draft) {
  return (await store.get("lists", draft.id)) ?? pack.checklists[draft.template];
}

/** The checklists that fit: the draft's own, the others of its venue kind, the standard that a demonstration site grows
 *  up to, those of the forms of publicity. */
export function checklistsFor(pack, draft) {
  const grows = pack.venues?.find((venue) => venue.id === draft.venue)?.also ?? [];
  const kind = pack.names.venue_kind.find((one) => one.code === draft.venue_kind);
  const codes = [draft.template, kind?.template, ...(kind?.extra ?? []), ...grows, ...pack.names.form.map((form) => form.template)];
  return [...new Set(codes)].filter((code) => pack.checklists[code]);
}
