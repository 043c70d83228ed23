// How long I was out: one service an activity, from its first stop's beginning to its last one's end, by half hours, as the
// station counts it (figures/service.py). What the station has comes with the pack; what only this phone holds is added.

const HALF_HOUR = 1_800_000;
const DAY = 86_400_000;
const COUNTED = new Set(["saved", "sending", "received", "accepted", "aside"]); // of what was returned or rejected the station's word stands

/** {week, month, year: {times, hours}, here: hours of this year that only this phone knows of}.
 *  rows: {visit, state} of the phone's own store; hours: of the pack, if its station tells them */
export function served(rows, { hours = { since: 0, months: {}, recent: [] }, zone }, now = Date.now()) {
  const today = dayIn(zone, now);
  const monday = dayIn(zone, now - ((new Date(today).getUTCDay() + 6) % 7) * DAY);
  const [told, all] = [spans(hours), spans(hours)];
  for (const { visit, state } of rows) {
    if (COUNTED.has(state.code) && visit.started_at >= hours.since) widen(all, visit.activity_id, visit.started_at, visit.ended_at);
  }
  const sum = (known, is) => sumOf([...known.values()].filter(([start]) => is(dayIn(zone, start))).map((span) => [1, hoursOf(span, zone)]));
  const inYear = (day) => day.startsWith(today.slice(0, 4));
  const behind = sumOf(Object.entries(hours.months).filter(([month]) => inYear(month)).map(([, line]) => line));
  const recent = sum(all, inYear);
  return {
    week: sum(all, (day) => day >= monday), month: sum(all, (day) => day.startsWith(today.slice(0, 7))),
    year: { times: behind.times + recent.times, hours: behind.hours + recent.hours },
    here: recent.hours - sum(told, inYear).hours,
  };
}

/** At least half an hour, a quarter upwards; over by midnight of the day it began. */
export function hoursOf([start, end], zone) {
  const [hour, minute, second] = new Date(start).toLocaleTimeString("en-GB", { timeZone: zone }).split(":").map(Number);
  const left = DAY - ((hour * 60 + minute) * 60 + second) * 1000 - (start % 1000);
  return Math.max(1, Math.floor((Math.min(end - start, left) + HALF_HOUR / 2) / HALF_HOUR)) / 2;
}

function spans({ since, recent }) {
  return new Map(recent.map(([id, start, length]) => [id, [since + start, since + start + length]]));
}

function widen(known, id, start, end) {
  const [first, last] = known.get(id) ?? [start, end];
  known.set(id, [Math.min(first, start), Math.max(last, end)]);
}

function sumOf(lines) {
  const sum = (at) => lines.reduce((total, line) => total + line[at], 0);
  return { times: sum(0), hours: sum(1) };
}

/** 2026-11-28 */
function dayIn(zone, ms) {
  return new Date(ms).toLocaleDateString("sv", { timeZone: zone });
}
