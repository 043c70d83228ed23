// Is there room for one more photo? Asked by really writing one: what estimate() promises is not what the disk gives.

const PHOTO_BYTES = 600_000;

/** @returns {Promise<boolean>} false only when the browser says that its room is used up; any other fault is not ours to judge */
export async function hasRoom(store) {
  try {
    await store.put("meta", { key: "rehearsal", bytes: noise() });
    await store.write(["meta"], (tx) => tx.meta.delete("rehearsal"));
    return true;
  } catch (error) {
    return !isFull(error);
  }
}

export function isFull(error) {
  return error?.name === "QuotaExceededError";
}

/** Random, because a disk packs zeros into nothing. */
function noise() {
  const bytes = new Uint8Array(PHOTO_BYTES);
  for (let at = 0; at < PHOTO_BYTES; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes.buffer;
}
