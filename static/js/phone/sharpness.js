const TILES = 4; // each way: a sharp thing before a soft ground is a sharp picture
const SOFT = 60; // sharp street photos have 400 and more in their best tile, out of focus by 0.5 % of their width 12 at most
const FLAT = 150; // a bare wall or the dark tells nothing

/**
 * Whether a picture is probably out of focus: the variance of the Laplacian of its grey in the sharpest tile. A hint only.
 * @param {ImageData} picture 512 pixels on its longer side
 */
export function looksBlurred({ data, width, height }) {
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at++) grey[at] = 0.3 * data[4 * at] + 0.59 * data[4 * at + 1] + 0.11 * data[4 * at + 2];
  const edge = (at) => 4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
  if (spread((at) => grey[at], width, 0, 0, width, height) < FLAT) return false;
  const [wide, high] = [Math.floor(width / TILES), Math.floor(height / TILES)];
  const tiles = Array.from({ length: TILES ** 2 }, (_, tile) => [(tile % TILES) * wide, Math.floor(tile / TILES) * high]);
  return !tiles.some(([left, top]) => spread(edge, width, left + 1, top + 1, wide - 2, high - 2) >= SOFT); // without the rim
}

/** Variance of `value` over a rectangle. */
function spread(value, width, left, top, wide, high) {
  let sum = 0;
  let squares = 0;
  for (let row = top; row < top + high; row++) {
    for (let at = row * width + left; at < row * width + left + wide; at++) {
      const one = value(at);
      sum += one;
      squares += one * one;
    }
  }
  return squares / (wide * high) - (sum / (wide * high)) ** 2;
}
