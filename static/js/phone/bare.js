const START_OF_SCAN = 0xda;
const TELLING = new Set([0xe1, 0xed, 0xfe]); // EXIF and XMP, IPTC, comment

/**
 * A JPEG without what it tells about itself: Apple's encoder writes an EXIF segment even for a canvas.
 * @param {Uint8Array} jpeg
 * @returns {Promise<ArrayBuffer>} the same picture, not decoded and encoded again
 */
export function bare(jpeg) {
  const kept = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at] === 0xff && jpeg[at + 1] !== START_OF_SCAN) {
    const next = at + 2 + ((jpeg[at + 2] << 8) | jpeg[at + 3]);
    if (!TELLING.has(jpeg[at + 1])) kept.push(jpeg.subarray(at, next));
    at = next;
  }
  kept.push(jpeg.subarray(at));
  return new Blob(kept).arrayBuffer();
}
