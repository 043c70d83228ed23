// Sends what waits, one item at a time, and believes nothing but a receipt over its own digest.
// A bare 200, a login page, a time-out: all mean "not sent". One item that cannot go never holds up the next.

import { base64, fromHex } from "./hexes.js";
import { verifies } from "./keys.js";

const ADDRESS = { activity: "activities", visit: "visits", photo: "photos" };
const RANK = { activity: 0, visit: 1, photo: 2 };
const ASIDE = new Set([404, 409, 413, 415, 422]);
// The network's doing, not the item's.
const AGAIN = new Set(["cut_short", "digest_differs", "length_required"]);
const DAY_MS = 86_400_000;
const KEPT_MS = 14 * DAY_MS;
const LONGEST_MS = 300_000;

export class Courier {
  #store;
  #serverKey;
  #onChange;
  #mayGo;
  // Rounds that ended on a dead line, in a row.
  #again = 0;
  #timer = null;
  #pressed = false;

  /** @param {() => string} serverKey the station's key as the pack told it; @param onChange called after every step
   *  @param {() => boolean} mayGo whether the browser's cookie is still our person's: nothing travels under another's */
  constructor(store, serverKey, onChange = () => {}, mayGo = () => true) {
    [this.#store, this.#serverKey, this.#onChange, this.#mayGo] = [store, serverKey, onChange, mayGo];
    // The session is over: keep everything, send nothing, ask to enrol again.
    this.ended = false;
    this.busy = false;
  }

  /** What becomes just now of what waits (of one visit): "sending", "waiting" for a line, or "" when it is kept as it is. */
  doing(visit = this.carried) {
    if (this.#again || navigator.onLine === false) return "waiting";
    return this.busy && visit && visit === this.carried ? "sending" : "";
  }

  /** Send everything that is due. fresh: somebody asked, or the network came back, so waiting times start anew. */
  async send(fresh = false) {
    if (fresh) this.#again = 0;
    const alone = (work) => (navigator.locks ? navigator.locks.request("wujin-courier", { ifAvailable: true }, (lock) => lock && work()) : work());
    if (this.busy) return (this.#pressed ||= fresh);
    this.busy = true;
    try {
      await alone(() => this.#round(fresh));
    } finally {
      this.busy = false;
      this.carried = null;
      this.#onChange();
      this.#schedule();
    }
    if (!this.#pressed) return;
    // Pressed while we were busy: what had failed by then is owed another try.
    this.#pressed = false;
    this.send(true);
  }

  async #round(fresh) {
    const tried = new Set();
    for (let item = await this.#next(tried, fresh); item; item = await this.#next(tried, fresh)) {
      if (!this.#mayGo()) return;
      tried.add(item.key);
      this.#carry(item.visit);
      const outcome = await this.#deliver(item);
      await this.#note(item, outcome);
      this.#onChange();
      if (outcome.line === "dead" || this.ended) return;
      this.#again = 0;
    }
  }

  #carry(visit) {
    const other = visit !== this.carried;
    this.carried = visit;
    if (other && !this.#again) this.#onChange();
  }

  async #next(tried, fresh) {
    const drafts = new Set((await this.#store.all("visits")).filter(({ state }) => state === "draft").map(({ id }) => id));
    const due = (await this.#store.all("outbox")).filter(
      (item) => item.state === "waiting" && !tried.has(item.key) && (fresh || item.next_at <= Date.now()) && !held(item, drafts),
    );
    return due.sort((a, b) => RANK[a.kind] - RANK[b.kind] || a.queued_at - b.queued_at)[0];
  }

  async #deliver(item) {
    const body = item.kind === "photo" ? (await this.#store.get("photos", item.id))?.bytes : item.body;
    if (!body) return { state: "aside", reason: "bytes_gone" };
    let response;
    try {
      response = await fetch(`/sync/${ADDRESS[item.kind]}/${item.id}`, {
        method: "PUT", body, headers: headersFor(item), redirect: "manual", cache: "no-store",
        // 3 KB/s: 2G at its worst.
        signal: AbortSignal.timeout?.(30_000 + Math.ceil(body.byteLength / 3)),
      });
    } catch {
      return { line: "dead" };
    }
    return this.#judge(item, response);
  }

  async #judge(item, response) {
    const said = await answered(response);
    if (response.status === 200 || response.status === 201) {
      const receipt = said && (await this.#believed(item, said));
      return receipt ? { state: "receipted", again: false, receipt, received_at: Date.now() } : { line: "dead" };
    }
    if (response.status === 401 && said?.code === "not_signed_in") {
      this.ended = true;
      return {};
    }
    const refused = said?.code && (ASIDE.has(response.status) || response.status === 400) && !AGAIN.has(said.code);
    if (refused) return { state: "aside", reason: said.code, what: said.title, then: said.detail };
    return said?.code ? { wait: Number(response.headers.get("Retry-After")) * 1000 || 0 } : { line: "dead" };
  }

  async #believed(item, { missing, ...receipt }) {
    const digest = item.kind === "photo" ? item.id : item.digest;
    const mine = receipt.kind === item.kind && receipt.id === item.id && receipt.digest === digest && receipt.revision === item.revision;
    return mine && (await verifies(this.#serverKey(), receipt)) ? receipt : null;
  }

  /** On a full phone even this note finds no room: then what the station has held for a day makes it. What still goes
   *  unnoted is sent once more later, and gets the same receipt. */
  async #note(item, outcome) {
    if (outcome.line === "dead") this.#again += 1;
    const noted = () => this.#write(item, outcome);
    await noted().catch(() => tidy(this.#store, Date.now(), DAY_MS).then(noted)).catch(() => {});
  }

  #write(item, { line, wait, ...outcome }) {
    return this.#store.write(["outbox"], async (tx) => {
      const current = await tx.outbox.get(item.key);
      // Taken out of its draft meanwhile.
      if (!current) return;
      const tries = current.tries + 1;
      await tx.outbox.put({ ...current, tries, next_at: Date.now() + Math.max(wait ?? 0, pause(tries)), ...outcome });
    });
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (!this.ended) this.#timer = setTimeout(() => this.send(), Math.min(30_000, pause(this.#again + 1)));
  }
}

/** A picture just taken may still be taken again or have parts hidden; once its visit is finished it goes at once. */
function held(item, drafts) {
  return item.hold > Date.now() && drafts.has(item.visit);
}

/** Offer again, to a station that was restored from a backup, everything it may have forgotten. */
export function offerAgain(store) {
  return store.write(["outbox"], async (tx) => {
    for (const item of await tx.outbox.all()) {
      if (item.state === "receipted") await tx.outbox.put({ ...item, state: "waiting", again: true, tries: 0, next_at: 0 });
    }
  });
}

/** Forget what the station has held for 14 days, or for less where room is needed: a visit leaves whole, and not while it
 *  is open or was returned, so that it can be put right here. */
export function tidy(store, now = Date.now(), kept_ms = KEPT_MS) {
  return store.write(["outbox", "photos", "visits", "lists", "meta"], async (tx) => {
    const old = (item) => item.state === "receipted" && now - item.received_at > kept_ms;
    const returned = (await tx.meta.get("pack"))?.pack.returned ?? [];
    const open = (await tx.visits.all()).filter((visit) => visit.state === "draft" || returned.some(({ id }) => id === visit.id));
    const items = await tx.outbox.all();
    const needed = new Set([...open, ...items.filter((item) => !old(item))].map((one) => one.visit ?? one.id));
    for (const item of items.filter(({ visit }) => !needed.has(visit))) {
      await tx.outbox.delete(item.key);
      if (item.kind === "photo") await tx.photos.delete(item.id);
      if (item.kind === "visit") await tx.visits.delete(item.visit);
      if (item.kind === "visit") await tx.lists.delete(item.visit);
    }
  });
}

/** 2 s, 4 s … 5 min, each half by chance, so that forty phones at one ridge do not knock at once. */
function pause(tries) {
  const whole = Math.min(LONGEST_MS, 1000 * 2 ** Math.min(tries, 10));
  return whole / 2 + Math.random() * (whole / 2);
}

function headersFor(item) {
  const headers = { "Wujin-Clock": String(Date.now()), "Content-Type": item.kind === "photo" ? "image/jpeg" : "application/json" };
  if (item.kind !== "photo") headers["Content-Digest"] = `sha-256=:${base64(fromHex(item.digest))}:`;
  if (item.signature) headers["Wujin-Signature"] = item.signature;
  return headers;
}

async function answered(response) {
  const kind = response.headers.get("Content-Type") ?? "";
  if (!/^application\/(problem\+)?json/.test(kind)) return null;
  return response.json().catch(() => null);
}
