// The phone's own database, one per person. Every write is strict: what is reported as saved survives a power cut.
// (Chromium's default "relaxed" lost every value of the last seconds when the power was cut.)

const VERSION = 3;
const STORES = { meta: "key", visits: "id", photos: "sha256", outbox: "key", activities: "id", lists: "visit" };
const LATE_MS = 5000;
const LET_GO = new Set(["InvalidStateError", "AbortError"]); // not by the work itself: it is done once more

/** Opens lazily, and again whenever the browser has closed the connection under us (iOS does, after the camera). A page
 *  that is laid away for the back button lets go of its transactions: what WebKit freezes in the middle would hold up
 *  every later page (measured: for as long as it lay there). They are done again when it is shown again. */
export class Store {
  #name;
  #opening = null;
  #running = new Set();
  #shown; // while the page is laid away: until it is back

  /** @param {string} person id of whoever's records these are; nobody sees another person's
   *  @param {(late: boolean) => void} onLate the database does not answer; and: now it does */
  constructor(person, onLate = () => {}) {
    [this.#name, this.onLate] = [`wujin-${person}`, onLate];
    globalThis.addEventListener?.("pagehide", ({ persisted }) => persisted && this.#leave());
  }

  /** One row of `name`, or undefined. */
  get(name, key) {
    return this.read([name], (tx) => tx[name].get(key));
  }

  /** Every row of `name`, in key order. */
  all(name) {
    return this.read([name], (tx) => tx[name].all());
  }

  put(name, row) {
    return this.write([name], (tx) => tx[name].put(row));
  }

  /** @param {(tx: object) => any} work may await only requests of this transaction */
  read(names, work) {
    return this.#run(names, "readonly", work);
  }

  /** Resolves after the transaction is complete and durable, never on a request's success. */
  write(names, work) {
    return this.#run(names, "readwrite", work);
  }

  async close() {
    (await this.#opening)?.close();
    this.#opening = null;
  }

  async #run(names, mode, work) {
    const late = setTimeout(() => this.onLate(true), LATE_MS);
    try {
      return await this.#tried(names, mode, work);
    } finally {
      clearTimeout(late);
      this.onLate(false);
    }
  }

  async #tried(names, mode, work, again = true) {
    try {
      return await transact(await this.#open(), names, mode, work, this.#running);
    } catch (error) {
      if (!again || !LET_GO.has(error.name)) throw error;
      if (error.name === "InvalidStateError") this.#opening = null;
      return this.#tried(names, mode, work, Boolean(this.#shown));
    }
  }

  #leave() {
    this.#shown = new Promise((shown) => addEventListener("pageshow", shown, { once: true })).then(() => (this.#shown = undefined));
    for (const tx of this.#running) abort(tx);
    this.close();
  }

  async #open() {
    await this.#shown;
    this.#opening ??= connect(this.#name, () => (this.#opening = null)).catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }
}

function connect(name, onGone) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request.result, request.transaction, oldVersion);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      db.onclose = onGone;
      db.onversionchange = () => {
        db.close();
        onGone();
      };
      resolve(db);
    };
  });
}

/** Only ever adds: a phone may come with unsent records in any schema we ever released. */
function upgrade(db, tx, from) {
  for (const [name, keyPath] of Object.entries(STORES)) {
    if (!db.objectStoreNames.contains(name)) db.createObjectStore(name, { keyPath });
  }
  if (from === 1) giveActivities(tx);
  if (from === 2) giveLists(tx);
}

/** In version 1 a draft carried its activity inside; since 2 the activity is a row of its own. */
function giveActivities(tx) {
  tx.objectStore("visits").getAll().onsuccess = ({ target }) => {
    for (const { state, activity_id: id, started_at, area, place_type, activity } of target.result) {
      if (state === "draft") tx.objectStore("activities").put({ ...activity, id, state: "open", started_at, area, place_type });
    }
  };
}

/** In version 2 a visit carried its checklist inside, and every tap wrote it again; since 3 it is a row of its own. */
function giveLists(tx) {
  const visits = tx.objectStore("visits");
  visits.getAll().onsuccess = ({ target }) => {
    for (const { list, ...visit } of target.result) {
      if (list) tx.objectStore("lists").put({ ...list, visit: visit.id });
      if (visit.before) delete visit.before.list;
      visits.put(visit);
    }
  };
}

function transact(db, names, mode, work, running) {
  return new Promise((resolve, reject) => {
    const tx = db.transaction(names, mode, { durability: "strict" });
    let answer;
    running.add(tx);
    tx.oncomplete = () => (running.delete(tx), resolve(answer));
    tx.onabort = () => (running.delete(tx), reject(tx.error ?? new DOMException("aborted", "AbortError")));
    const stores = Object.fromEntries(names.map((name) => [name, verbs(tx.objectStore(name))]));
    Promise.resolve(work(stores)).then(
      (value) => (answer = value),
      (error) => {
        reject(error);
        abort(tx);
      },
    );
  });
}

function abort(tx) {
  try {
    tx.abort();
  } catch {} // it has already ended
}

function verbs(store) {
  return {
    get: (key) => settled(store.get(key)),
    all: () => settled(store.getAll()),
    put: (row) => settled(store.put(row)),
    delete: (key) => settled(store.delete(key)),
  };
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
