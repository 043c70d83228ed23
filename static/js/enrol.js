/**
 * Before the phone is bound it makes its own key (P-256, not extractable) and sends only the public half. A browser
 * that cannot, or takes too long, enrols without one: its visits are then unsigned, and nothing else changes.
 */
const DATABASE = 'wujin-key';
const STORE = 'keys';
const NAME = 'device';
const PATIENCE_MS = 20_000;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };

const form = document.getElementById('enrol');
form?.addEventListener('submit', confirmed, { once: true });

async function confirmed(event) {
  event.preventDefault();
  const button = form.querySelector('button[type="submit"]');
  button.disabled = true;
  button.textContent = form.dataset.working;
  // Asked on a press, because some browsers answer only then; 我的 shows what came of it.
  navigator.storage?.persist?.().catch(() => {});
  form.elements.public_key.value = await Promise.race([publicKey().catch(() => ''), later(PATIENCE_MS)]);
  form.submit();
}

/** The public key as base64url; one that this browser already holds is used again. */
async function publicKey() {
  const database = await open();
  try {
    const pair = await kept(database) ?? await made(database);
    return base64url(pair.publicKeyRaw);
  } finally {
    database.close();
  }
}

async function made(database) {
  const { privateKey, publicKey: open } = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify']);
  const pair = { privateKey, publicKeyRaw: new Uint8Array(await crypto.subtle.exportKey('raw', open)) };
  const writing = database.transaction(STORE, 'readwrite', { durability: 'strict' });
  writing.objectStore(STORE).put(pair, NAME);
  await new Promise((resolve, reject) => {
    writing.oncomplete = resolve;
    writing.onabort = () => reject(writing.error);
  });
  return pair;
}

function kept(database) {
  return answer(database.transaction(STORE).objectStore(STORE).get(NAME));
}

function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answer(request);
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function later(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms, ''); });
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
