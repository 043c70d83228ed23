// Where a visit stands, in one word: draft → saved → sending → received, or aside with its reason.

/** @returns {{code: string, sent: number, total: number, reason?: object}} sent and total count photos; again: a restored station is offered it once more */
export function stateOf(visit, items) {
  const own = items.filter((item) => item.visit === visit.id);
  const photos = own.filter((item) => item.kind === "photo");
  const count = { sent: photos.filter(isReceived).length, total: photos.length, again: own.some(isAgain) };
  if (visit.state === "draft") return { code: visit.before ? "revising" : "draft", ...count };
  const stuck = own.find((item) => item.state === "aside");
  if (stuck) return { code: "aside", reason: stuck, ...count };
  if (own.every(isReceived)) return { code: "received", revision: visit.revision, ...count };
  const claims = own.filter((item) => item.kind !== "photo");
  return { code: claims.every(isReceived) ? "sending" : "saved", ...count };
}

/** What the supervisor said of it, as the pack tells, outweighs that it arrived. */
export function judged(visit, state, { returned, ruled }) {
  const back = returned.find(({ id, revision }) => id === visit.id && revision === (visit.revision ?? 1));
  if (back && visit.state !== "draft") return { ...state, code: "returned", back };
  if (state.code !== "received") return state;
  const code = ["accepted", "disputed"].find((result) => ruled?.[result].includes(visit.id));
  return code ? { ...state, code } : state;
}

/** What waits: how many visits and photos, since when (ms), how many need a human, how many the station had before. */
export function waitingOf(items) {
  const open = items.filter((item) => item.state !== "receipted");
  return {
    visits: new Set(open.filter((item) => item.kind === "visit").map((item) => item.id)).size,
    photos: open.filter((item) => item.kind === "photo").length,
    aside: open.filter((item) => item.state === "aside").length,
    again: open.filter(isAgain).length,
    total: open.length,
    since: open.length ? Math.min(...open.map((item) => item.queued_at)) : null,
  };
}

function isReceived(item) {
  return item.state === "receipted";
}

function isAgain(item) {
  return Boolean(item.again) && item.state === "waiting";
}
