import { aside } from './aside.js';
import { nativeReader } from './native.js';

const WORKER = new URL('scanner-worker.js', import.meta.url);
const HAVE_CURRENT_DATA = 2;
const REST_MS = 60; // between frames: leaves a cheap phone time to draw the preview
const CROP = 640; // pixels; scaling down also smooths the blur and noise that defeat the full frame
const WHOLE_EVERY = 5;
const STILL_WIDTHS = [Infinity, 1600, 800];

/**
 * Looks for a QR code in the frames of a playing video until it has one.
 * @param {HTMLVideoElement} video
 * @param {object} how
 * @param {(text: string) => void} how.onCode called at most once
 * @param {AbortSignal} [how.signal] ends the search
 * @returns {Promise<void>} settles when the search is over
 */
export async function scan(video, { onCode, signal }) {
  const reader = await readers();
  try {
    for (let frame = 1; !signal?.aborted; frame += 1) {
      const text = video.readyState < HAVE_CURRENT_DATA ? null : await reader.frame(video, frame);
      if (text && !signal?.aborted) return onCode(text);
      await new Promise((rested) => { setTimeout(rested, REST_MS); });
    }
  } finally {
    reader.close();
  }
}

/**
 * Looks for a QR code in a still picture.
 * @param {Blob} blob
 * @returns {Promise<string|null>} null when there is none, or no picture
 */
export async function decodePicture(blob) {
  const reader = await readers();
  try {
    return await reader.still(blob);
  } catch {
    return null;
  } finally {
    reader.close();
  }
}

async function readers() {
  let native = await nativeReader();
  let vendor = null;
  const ask = async (question, transfer) => {
    vendor ??= aside(WORKER, async (same) => (await import('./qr.js')).read(same));
    return (await vendor).ask(question, transfer);
  };
  const askNative = (picture) => native?.(picture).catch(() => { native = null; });
  return {
    frame: async (video, count) => (await askNative(video)) || (native ? null : vendorFrame(video, count, ask)),
    still: async (blob) => (await askNative(blob)) || ask({ picture: blob, widths: STILL_WIDTHS, retry_ms: 500 }),
    close: () => vendor?.then(({ close }) => close()),
  };
}

async function vendorFrame(video, count, ask) {
  const whole = count % WHOLE_EVERY === 0;
  const area = whole ? [] : middle(video);
  const picture = await createImageBitmap(video, ...area).catch(() => null); // the camera was let go meanwhile
  return picture && ask({ picture, widths: [whole ? Infinity : CROP], retry_ms: 40 }, [picture]);
}

/** The middle half of the frame, never less than the crop it is drawn into: [left, top, width, height] in pixels. */
function middle({ videoWidth, videoHeight }) {
  const side = Math.max(CROP, Math.round(videoWidth / 2));
  const [width, height] = [Math.min(side, videoWidth), Math.min(side, videoHeight)];
  return [Math.floor((videoWidth - width) / 2), Math.floor((videoHeight - height) / 2), width, height];
}
