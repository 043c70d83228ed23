// GET only; a table of rules; never touches the outbox. VERSION and SHELL are written above this line by the server.

const CACHE = `wujin-${VERSION}`;
const BOOK = "wujin-served"; // which release served before this one

const RULES = [
  { when: (url) => url.pathname.startsWith("/static/"), answer: fromCache },
  { when: (url, request) => request.mode === "navigate" && /^\/(field|v)\//.test(url.pathname), answer: shell },
  { when: (url, request) => request.mode === "navigate", answer: networkOrOffline },
];

self.addEventListener("install", (event) => event.waitUntil(precache()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOlder()));
self.addEventListener("message", (event) => event.data === "take-over" && self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has("HX-Request")) return;
  const rule = RULES.find(({ when }) => when(url, request));
  if (rule) event.respondWith(rule.answer(request));
});

// One failure fails the whole install. Pages are asked for anew: the browser's own cache may hold yesterday's; a file
// under /static/<version>/ never changes, so it is not fetched twice over a slow line.
async function precache() {
  const cache = await caches.open(CACHE);
  const asked = (path) => new Request(path, { cache: path.startsWith("/static/") ? "default" : "reload" });
  await cache.addAll(SHELL.map(asked));
}

/** The release before stays: a page of it may still stand open, and wants its parts with no signal too. */
async function forgetOlder() {
  const book = await caches.open(BOOK);
  const before = await (await book.match("/served"))?.text();
  const kept = [BOOK, CACHE, `wujin-${before}`];
  await book.put("/served", new Response(VERSION));
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("wujin-") && !kept.includes(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromCache(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function shell() {
  return (await (await caches.open(CACHE)).match("/field/")) ?? fetch("/field/");
}

async function networkOrOffline(request) {
  try {
    return await fetch(request);
  } catch {
    return (await (await caches.open(CACHE)).match("/offline")) ?? Response.error();
  }
}
