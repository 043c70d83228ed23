// The kill switch: served in place of worker.js (WUJIN_WORKER=off) it takes the worker away from every phone that asks
// for it. Records are in IndexedDB, which neither worker ever touches: they stay, and are sent as before.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("wujin-")).map((name) => caches.delete(name)));
  await self.registration.unregister();
}
