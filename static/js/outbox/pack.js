// What the phone carries: fetched when there is a line, kept for when there is none.

import { offerAgain } from "./courier.js";

/** Ask for a newer pack. → {pack, off} new or unchanged, off: ms that this phone's clock is ahead of the station's · {ended: true} session over, {stopped: true} by the clerk · {} no line or no answer to trust */
export async function refresh(store, unsent = 0) {
  const kept = store && (await store.get("meta", "pack"));
  const headers = { "Wujin-Unsent": String(unsent), ...(kept?.etag ? { "If-None-Match": kept.etag } : {}) };
  let response;
  try {
    response = await fetch("/sync/pack", { headers, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout?.(20_000) });
  } catch {
    return {};
  }
  const off = Date.now() - Date.parse(response.headers.get("Date"));
  if (response.status === 304) return { pack: kept.pack, off };
  if (response.status === 401) return { ended: true, stopped: await stopped(response) };
  const json = response.ok && response.headers.get("Content-Type")?.startsWith("application/json");
  const pack = json ? await response.json().catch(() => null) : null;
  return pack?.person && pack.server_key ? { pack, off, etag: response.headers.get("ETag") } : {};
}

/** The clerk stopped this phone: it is shown nothing any more, but what it has not sent yet is still taken and kept aside. */
async function stopped(response) {
  return (await response.json().catch(() => null))?.code === "phone_stopped";
}

/** Keep it. A changed instance means the station was restored: everything we still hold is offered again. */
export async function keep(store, pack, etag) {
  const before = (await store.get("meta", "pack"))?.pack;
  await store.put("meta", { key: "pack", pack, etag });
  if (before && before.instance !== pack.instance) await offerAgain(store);
  await noteFaults(store, pack.faults ?? {});
  await noteReturns(store, pack.returned);
}

/** What was refused and may go now: a restored station may have forgotten that it returned a visit, and refuses the correction
 *  until it does so again; what a stopped phone handed in is kept aside, and a phone that gets a pack is set up again. */
function noteReturns(store, returned) {
  return store.write(["outbox"], async (tx) => {
    const back = new Set(returned.map(({ id }) => id));
    const refused = (item) => item.state === "aside" && (item.reason === "phone_stopped" || (item.revision > 1 && back.has(item.visit)));
    for (const item of (await tx.outbox.all()).filter(refused)) await tx.outbox.put({ ...item, state: "waiting", tries: 0, next_at: 0 });
  });
}

/** Photos that the station cannot open, told while their originals are still here: a copy that went bad over there is
 *  simply sent again; one that was never a readable picture needs a person. */
function noteFaults(store, faults) {
  return store.write(["outbox"], async (tx) => {
    for (const [digest, reason] of Object.entries(faults)) {
      const item = await tx.outbox.get(`photo:${digest}`);
      if (item?.state !== "receipted") continue;
      const again = { state: "waiting", tries: 0, next_at: 0 };
      await tx.outbox.put({ ...item, ...(["damaged", "missing"].includes(reason) ? again : { state: "aside", reason }) });
    }
  });
}

export async function kept(store) {
  return (await store.get("meta", "pack"))?.pack ?? null;
}
