import { aside } from './aside.js';

const WORKER = new URL('picture-worker.js', import.meta.url);
let previous = Promise.resolve();

/**
 * Makes the picture that is kept: an upright JPEG on white, without EXIF, of at most 400 KB where that can be had at
 * quality 0.6 and 1280 px. Never enlarges. The source stays usable; an ImageBitmap is the caller's to close.
 * @param {Blob|ImageBitmap} source
 * @param {object} [wish]
 * @param {number} [wish.edge] longest side in pixels
 * @param {number} [wish.quality] 0 to 1
 * @returns {Promise<{bytes: ArrayBuffer, type: 'image/jpeg', width: number, height: number, sha256: string, blurred: boolean}>}
 *   `sha256` of `bytes`, in hex; `blurred` a guess
 * @throws {Error} with `.reason` 'unreadable' (no picture this browser can open) | 'not_jpeg' (this browser writes
 *   none) | 'stuck' (the worker died, as a rule for want of memory)
 */
export function shrink(source, { edge = 1600, quality = 0.8 } = {}) {
  // In turn, because two 12-megapixel pictures open at once are too much for a cheap phone.
  const mine = previous.then(() => shrunk({ source, edge, quality }));
  previous = mine.catch(() => {});
  return mine;
}

async function shrunk(order) {
  const press = await aside(WORKER, async (same) => (await import('./press.js')).press(same));
  try {
    return await press.ask(order);
  } finally {
    press.close(); // ends the worker, which gives the decoded picture's memory back at once
  }
}
