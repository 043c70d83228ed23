// The device's own key, made at enrolment and never readable; and the check of what the station signed.

import { base64url, fromBase64url } from "../phone/digest.js";
import { canonical } from "./canonical.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** base64url signature over `bytes`, or null where this browser has no key: then the record goes unsigned. */
export async function sign(bytes) {
  try {
    const key = await deviceKey();
    return key && base64url(new Uint8Array(await crypto.subtle.sign(SIGNING, key, bytes)));
  } catch {
    return null;
  }
}

/** Did the owner of `serverKey` (raw P-256, base64url) sign this statement? Extra unsigned fields must be gone already. */
export async function verifies(serverKey, { sig, ...statement }) {
  try {
    const key = await crypto.subtle.importKey("raw", fromBase64url(serverKey), CURVE, false, ["verify"]);
    return await crypto.subtle.verify(SIGNING, key, fromBase64url(sig), new TextEncoder().encode(canonical(statement)));
  } catch {
    return false;
  }
}

function deviceKey() {
  return new Promise((resolve) => {
    const request = indexedDB.open("wujin-key", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys");
    request.onerror = () => resolve(null);
    request.onsuccess = () => {
      const found = request.result.transaction("keys").objectStore("keys").get("device");
      found.onsuccess = () => resolve(found.result?.privateKey ?? null);
      found.onerror = () => resolve(null);
      found.transaction.oncomplete = () => request.result.close();
    };
  });
}
