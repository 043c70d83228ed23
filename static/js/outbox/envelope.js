// From a draft to the two claims that are signed and sent. Pure: plain data in, plain data out.
// Times are ms since 1970 UTC by this phone's clock; positions WGS-84 in 1e-7 degrees; metres; whole numbers only.

/** The activity (场次), whole: with the span and place of its stops. link: {device, seq, prev, sent_clock} */
export function activityClaim(activity, link) {
  return {
    kind: "activity", id: activity.id, revision: 1, ...link,
    started_at: activity.started_at, ended_at: activity.ended_at, area: activity.area, place_type: activity.place_type,
    delivery: activity.delivery, form: activity.form, context: activity.context, activity_kind: activity.activity_kind,
    topics: activity.topics, people: activity.people, audiences: counted(activity.audiences),
    participants: counted(activity.participants), observers: activity.observers ?? 0,
    channels: counted(activity.channels), registrations: activity.registrations ?? 0,
    online: activity.delivery === "online", hands_on: Boolean(activity.hands_on), title: clean(activity.title, 300),
    entry_text: clean(activity.entry_text, 300), needs: clean(activity.needs, 2000),
    organisers: activity.organisers ?? [], asked: asked(activity),
  };
}

/** What its form and kind were asked beside the usual; what was left open is not sent. */
function asked({ asked: given = {}, channels }) {
  const kept = { ...given, by_channel: byChannel(given.by_channel, channels), ...(!given.case_told && { case: "", case_id: "" }) };
  const told = ([name, value]) => [name, typeof value === "object" && name !== "by_channel" ? counted(value) : typeof value === "string" ? clean(value) : value];
  return Object.fromEntries(Object.entries(kept).map(told).filter(([, value]) => value && (typeof value !== "object" || Object.keys(value).length)));
}

/** Channel → audiences, of the channels that were used. */
function byChannel(given = {}, channels = {}) {
  return Object.fromEntries(Object.entries(given).filter(([channel, audiences]) => channels[channel] > 0 && audiences.length));
}

/** The visit itself. */
export function visitClaim(draft, link, beacon) {
  return {
    kind: "visit", id: draft.id, revision: 1, ...link, activity: draft.activity_id,
    started_at: draft.started_at, ended_at: draft.ended_at, area: draft.area, place_type: draft.place_type,
    venue_kind: draft.venue_kind, venue: draft.venue, place_text: clean(draft.place_text, 300),
    scanned_code: draft.scanned_code, template: draft.template, template_version: draft.template_version,
    answers: answers(draft), photos: draft.photos.map(photoLine), hazards: hazards(draft), rechecks: rechecks(draft),
    materials: counted(draft.materials), enforcement: draft.enforcement ?? {}, refused: draft.refused, note: clean(draft.note, 2000), ...(beacon ? { beacon } : {}),
  };
}

function counted(counts = {}) {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function clean(text = "", most = 300) {
  return [...text.trim()].slice(0, most).join("");
}

function answers(draft) {
  const given = Object.entries(draft.answers).filter(([, answer]) => answer.value);
  return Object.fromEntries(given.map(([item, answer]) => [item, answerLine(draft, item, answer)]));
}

function answerLine(draft, item, answer) {
  const photos = draft.photos.filter((photo) => photo.item === item).map((photo) => photo.sha256);
  return { value: answer.value, note: clean(answer.note, 2000), photos };
}

function photoLine({ sha256, role, taken_at, mono_ms, capture, position, no_position, caption, item }) {
  const where = position ? { position } : { no_position: no_position ?? "no_signal" };
  return { sha256, role, taken_at, mono_ms, capture, caption: caption ?? "", item: item ?? null, ...where };
}

/** A failed item is a hazard when its kind is one; what is missing in an activity's tick is no hazard. */
function hazards(draft) {
  const failed = Object.entries(draft.answers).filter(([, answer]) => answer.value === "fail" && answer.hazard);
  return failed.map(([item, { hazard, note }]) => ({
    id: hazard.id, item, severity: hazard.severity, category: hazard.category, found_at: hazard.found_at,
    text: clean(note, 2000) || hazard.item_text, fixed_on_spot: Boolean(hazard.fixed_on_spot),
    responsible_party: clean(hazard.responsible_party), measure: clean(hazard.measure),
    photo: draft.photos.find((photo) => photo.item === item)?.sha256 ?? null,
  }));
}

/** What became of the hazards that an earlier visit found here. */
function rechecks(draft) {
  const given = Object.entries(draft.rechecks ?? {}).filter(([, answer]) => answer.result);
  return given.map(([hazard, { result, note, at }]) => ({
    hazard, result, at, note: clean(note, 2000), photo: draft.photos.find((photo) => photo.hazard === hazard)?.sha256 ?? null,
  }));
}
