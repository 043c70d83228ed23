// Laid into every page of a phone under drill (see pocket.py): drives the app's own modules and tells what it holds.
globalThis.pocket = (() => {
  const app = () => document.querySelector("wujin-app");
  const base = () => document.querySelector("script[type=module]").src.replace("/js/app.js", "");
  const told = (line) => console.log(`told ${JSON.stringify(line)}`);
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const digest = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));
  const rest = (ms) => new Promise((rested) => setTimeout(rested, ms));
  const settled = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

  const visitsOf = () => import(`${base()}/js/outbox/visits.js`);
  const place = (name) => {
    const { names, unit } = app().pack;
    return { venue: null, title: name, place_text: name, place_type: "village", venue_kind: names.venue_kind[0].code, area: unit.area, template: null };
  };

  /** A real JPEG of about that many bytes: noise does not get smaller. */
  async function picture(size) {
    const side = Math.max(16, Math.round(Math.sqrt(size / 1.15)));
    const surface = new OffscreenCanvas(side, side);
    const noise = new ImageData(side, side);
    for (let at = 0; at < noise.data.length; at += 65_536) crypto.getRandomValues(noise.data.subarray(at, at + 65_536));
    for (let at = 3; at < noise.data.length; at += 4) noise.data[at] = 255;
    surface.getContext("2d").putImageData(noise, 0, 0);
    const bytes = new Uint8Array(await (await surface.convertToBlob({ type: "image/jpeg", quality: 0.8 })).arrayBuffer());
    return { sha256: await digest(bytes), bytes: bytes.buffer, type: "image/jpeg" };
  }

  async function photo(visits, id, size) {
    const made = await picture(size);
    await visits.addPhoto(app().store, id, made,
      { taken_at: Date.now(), mono_ms: 1, capture: "file", position: null, no_position: "no_signal", item: null, caption: "" });
    return made.sha256;
  }

  async function step(visits, id, number, size) {
    if (number % 4 === 3) return told({ photo: await photo(visits, id, size), visit: id });
    const note = String(Math.random());
    await visits.change(app().store, id, (draft) => (draft.answers[`T-${number}`] = { value: "ok", note }));
    told({ visit: id, answer: `T-${number}`, note });
  }

  /** Answers, photos, a finished visit now and then, until the page dies or stop() is said. */
  async function work({ photo_bytes, pace }) {
    const visits = await visitsOf();
    globalThis.working = true;
    for (let round = 0; globalThis.working; round++) {
      const id = await visits.begin(app().store, app().pack, place(`x${round}`));
      for (let number = 0; number < 12 && globalThis.working; number++) {
        await step(visits, id, number, photo_bytes / 2 + Math.floor(Math.random() * photo_bytes));
        if (pace) await rest(pace);
      }
      await visits.finish(app().store, app().pack, id, { last: true });
      told({ claim: id });
    }
  }

  async function capture({ count }) {
    const visits = await visitsOf();
    for (let number = 0; number < count; number++) {
      const id = await visits.begin(app().store, app().pack, place("x"));
      await visits.finish(app().store, app().pack, id, { last: number % 2 === 0 });
    }
    globalThis.done = true;
  }

  async function fivePhotos({ size }) {
    const visits = await visitsOf();
    const id = await visits.begin(app().store, app().pack, place("x"));
    for (let number = 0; number < 5; number++) await photo(visits, id, size);
    await visits.finish(app().store, app().pack, id, { last: true });
  }

  /** A visit with so many items and photos; → its id. */
  async function large({ items, photos, size }) {
    const visits = await visitsOf();
    const id = await visits.begin(app().store, app().pack, { ...place("large"), template: "small_shop" });
    const { checklists } = app().pack;
    const list = checklists.small_shop;
    const many = Array.from({ length: items }, (_, number) => ({ ...list.items[number % list.items.length], code: `B-${number}`, season: undefined }));
    await visits.changeList(app().store, id, "small_shop", { ...list, items: many });
    for (let number = 0; number < photos; number++) await photo(visits, id, size);
    return id;
  }

  /** What the store holds, read past the app: answers by visit, photos that are what their name says, the outbox. */
  async function holds() {
    const db = await settled(indexedDB.open(`wujin-${localStorage.getItem("wujin.who")}`));
    const rows = (name) => settled(db.transaction(name).objectStore(name).getAll());
    const [kept, pictures, items] = [await rows("visits"), await rows("photos"), await rows("outbox")];
    db.close();
    const notes = (answers) => Object.fromEntries(Object.entries(answers).map(([code, { note }]) => [code, note]));
    const whole = await Promise.all(pictures.map(async ({ sha256, bytes }) => [sha256, (await digest(bytes)) === sha256]));
    const claims = items.filter(({ kind }) => kind !== "photo").map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
    return {
      visits: Object.fromEntries(kept.map(({ id, answers }) => [id, notes(answers)])), photos: Object.fromEntries(whole),
      outbox: items.map(({ key, kind, id, state }) => ({ key, kind, id, state })), seqs: claims.map(({ seq }) => seq),
      weight: pictures.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    };
  }

  /** Ask for a new release; what became of its worker: installed, redundant … One that failed may be gone before we look. */
  async function update() {
    const registration = await navigator.serviceWorker.getRegistration();
    const found = new Promise((seen) => registration.addEventListener("updatefound", () => seen(registration.installing), { once: true }));
    const asked = registration.update().catch(() => {}).then(() => rest(1000)).then(() => registration.waiting);
    const worker = registration.installing ?? registration.waiting ?? (await Promise.race([found, asked]));
    while (worker?.state === "installing") await new Promise((changed) => worker.addEventListener("statechange", changed, { once: true }));
    return worker?.state ?? "no new worker";
  }

  const send = () => app().courier.send(true);
  const begin = (work, how) => void work(how); // returns at once; the page goes on by itself
  return { base, begin, capture, fivePhotos, holds, large, send, sendOften: () => void setInterval(send, 60), stop: () => (globalThis.working = false), update, work };
})();
