import { decodeQR } from '../../vendor/qr-0.7.0.min.js';
import { canvas } from './canvas.js';

const MAX_SIDE = 4096; // the decoder refuses larger pictures

/**
 * The work of `scanner.js`, for either thread. Closes a bitmap that it is given.
 * @param {object} question
 * @param {ImageBitmap|Blob} question.picture
 * @param {number[]} question.widths pixels, tried in turn; larger than the picture means its own width
 * @param {number} question.retry_ms time for the decoder's second thoughts at each width
 * @returns {Promise<string|null>}
 */
export async function read({ picture, widths, retry_ms }) {
  const bitmap = picture instanceof Blob ? await createImageBitmap(picture) : picture;
  try {
    return firstCode(bitmap, widths, retry_ms);
  } finally {
    bitmap.close();
  }
}

/** Whether this thread can do it without a document. */
export async function able() {
  return Boolean(globalThis.OffscreenCanvas && globalThis.createImageBitmap);
}

function firstCode(bitmap, widths, retry_ms) {
  for (const width of widths) {
    const text = decode(pixels(bitmap, width), retry_ms);
    if (text) return text;
  }
  return null;
}

function pixels(bitmap, wanted) {
  const scale = Math.min(1, wanted / bitmap.width, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const pen = canvas(width, height).getContext('2d', { willReadFrequently: true });
  pen.drawImage(bitmap, 0, 0, width, height);
  return pen.getImageData(0, 0, width, height);
}

function decode(image, timeLimit) {
  try {
    return decodeQR(image, { effort: Infinity, timeLimit });
  } catch {
    return null; // its way of saying that there is no code in the picture
  }
}
