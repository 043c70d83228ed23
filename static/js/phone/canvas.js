/**
 * A drawing surface that stands in no document.
 * @param {number} width pixels
 * @param {number} height pixels
 * @returns {OffscreenCanvas|HTMLCanvasElement}
 */
export function canvas(width, height) {
  if (globalThis.OffscreenCanvas) return new OffscreenCanvas(width, height);
  // Safari before 16.4; an element never attached is the only surface it has.
  return Object.assign(globalThis.document.createElement('canvas'), { width, height });
}

/**
 * @param {OffscreenCanvas|HTMLCanvasElement} surface
 * @param {number} quality 0 to 1
 * @returns {Promise<Blob|null>} of the type the encoder really wrote, which need not be JPEG
 */
export function encode(surface, quality) {
  if (surface.convertToBlob) return surface.convertToBlob({ type: 'image/jpeg', quality });
  return new Promise((done) => { surface.toBlob(done, 'image/jpeg', quality); });
}
