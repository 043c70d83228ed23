// Several people may use one phone, each with a store of their own.

import { waitingOf } from "./state.js";
import { Store } from "./store.js";

/** How many items of other people wait on this phone: a number, never a list. */
export async function othersUnsent(person) {
  const found = (await indexedDB.databases?.().catch(() => [])) ?? [];
  const others = found.map(({ name }) => name.match(/^wujin-([\da-f]{8}-[\da-f-]{27})$/)?.[1]).filter((id) => id && id !== person);
  const counts = await Promise.all(others.map((id) => unsent(id).catch(() => 0)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function unsent(person) {
  const store = new Store(person);
  const { visits, photos, total } = waitingOf(await store.all("outbox"));
  await store.close();
  return visits + photos || total;
}
