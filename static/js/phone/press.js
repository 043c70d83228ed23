import { bare } from './bare.js';
import { canvas, encode } from './canvas.js';
import { hex, sha256 } from './digest.js';
import { looksBlurred } from './sharpness.js';
import { trouble } from './trouble.js';

const LIMIT = 400_000; // bytes
const SMALL_EDGE = 1280; // pixels
const LOOKED_AT = 512; // pixels, for sharpness
const LOWER = [0.7, 0.6];

/** The work of `picture.js`, for either thread. */
export async function press({ source, edge, quality }) {
  const picture = source instanceof Blob ? await decode(source) : source;
  try {
    const jpeg = await fitting(picture, edge, quality);
    return { ...jpeg, type: 'image/jpeg', sha256: hex(await sha256(jpeg.bytes)) };
  } finally {
    if (picture !== source) picture.close?.();
  }
}

/** Whether this thread can do it without a document. */
export function able() {
  if (!globalThis.OffscreenCanvas?.prototype.convertToBlob) return Promise.resolve(false);
  return upright(new ImageData(1, 1)).then(() => true, () => false);
}

async function decode(file) {
  try {
    return await upright(file).catch((error) => {
      // A TypeError is not about the file: older browsers do not know the word 'from-image'.
      if (error instanceof TypeError) return element(file);
      throw error;
    });
  } catch (error) {
    throw trouble('unreadable', error);
  }
}

async function upright(source) {
  return createImageBitmap(source, { imageOrientation: 'from-image' });
}

async function element(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode().finally(() => URL.revokeObjectURL(image.src));
  return image;
}

async function fitting(picture, edge, quality) {
  const qualities = [quality, ...LOWER.filter((lower) => lower < quality)];
  const surface = drawn(picture, edge);
  const blurred = looksBlurred(pixels(drawn(surface, LOOKED_AT)));
  const jpeg = await firstSmall(surface, qualities);
  if (jpeg.bytes.byteLength <= LIMIT || edge <= SMALL_EDGE) return { ...jpeg, blurred };
  return { ...(await firstSmall(drawn(picture, SMALL_EDGE), qualities.slice(-1))), blurred };
}

function pixels(surface) {
  return surface.getContext('2d').getImageData(0, 0, surface.width, surface.height);
}

function drawn(picture, edge) {
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const surface = canvas(width, height);
  const pen = surface.getContext('2d', { alpha: false });
  pen.fillStyle = '#fff'; // under transparent PNGs, which would turn black
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, width, height);
  return surface;
}

async function firstSmall(surface, qualities) {
  let bytes;
  for (const quality of qualities) {
    bytes = await jpegOf(surface, quality);
    if (bytes.byteLength <= LIMIT) break;
  }
  return { bytes, width: surface.width, height: surface.height };
}

async function jpegOf(surface, quality) {
  const blob = await encode(surface, quality);
  const bytes = new Uint8Array(await (blob ?? new Blob()).arrayBuffer());
  // Browsers hand out PNG, without a word, for a type they do not write.
  if (blob?.type !== 'image/jpeg' || bytes[0] !== 0xff || bytes[1] !== 0xd8) throw trouble('not_jpeg');
  return bare(bytes);
}
