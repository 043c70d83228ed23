import { canvas } from './canvas.js';

const CELLS = 28; // along the longer side: a face that fills a third of the picture becomes nine squares wide at most

/**
 * Cells over a picture, each of which can be made one plain colour. What lies under a cell is gone, not softened:
 * softening can be undone, an average cannot.
 * @param {number} width pixels
 * @param {number} height pixels
 */
export function gridOf(width, height) {
  const side = Math.ceil(Math.max(width, height) / CELLS);
  return { side, width, height, across: Math.ceil(width / side), down: Math.ceil(height / side) };
}

/** The cells (numbers, row by row) that a finger at x, y covers; coordinates in picture pixels. */
export function under({ side, across, down }, x, y) {
  const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
  return block({ across, down }, column - 1, row - 1, column + 1, row + 1);
}

/** The cells of one half: 'top', 'bottom', 'left' or 'right'. */
export function half({ across, down }, which) {
  const [middle, centre] = [Math.ceil(across / 2), Math.ceil(down / 2)];
  const [left, top] = [which === 'right' ? across - middle : 0, which === 'bottom' ? down - centre : 0];
  return block({ across, down }, left, top, which === 'left' ? middle - 1 : across - 1, which === 'top' ? centre - 1 : down - 1);
}

/** The cells under a finger's way from one point to the next, however fast it moved. */
export function along(grid, from, to) {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / grid.side) || 1;
  const at = (step) => under(grid, from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps);
  return Array.from({ length: steps }, (_, step) => at(step + 1)).flat();
}

/**
 * One pixel a cell. In steps of a half, because a browser that shrinks by forty at once looks at few pixels only; and
 * always to the full edge, because a half-transparent last pixel would let through what it covers.
 */
export function coarse(picture, { width, height, across, down }) {
  let [from, wide, high] = [picture, width, height];
  while (wide > across || high > down) {
    const [w, h] = [Math.max(across, Math.ceil(wide / 2)), Math.max(down, Math.ceil(high / 2))];
    const surface = canvas(w, h);
    surface.getContext('2d', { alpha: false }).drawImage(from, 0, 0, wide, high, 0, 0, w, h);
    [from, wide, high] = [surface, w, h];
  }
  return from;
}

/** Draws `picture` with these cells plain, each in its colour of `plain` (from coarse()). */
export function draw(pen, picture, plain, { side, width, height, across }, cells) {
  pen.drawImage(picture, 0, 0, width, height);
  pen.imageSmoothingEnabled = false;
  for (const cell of cells) {
    const [column, row] = [cell % across, Math.floor(cell / across)];
    pen.drawImage(plain, column, row, 1, 1, column * side, row * side, side, side);
  }
}

function block({ across, down }, left, top, right, bottom) {
  const cells = [];
  for (let row = Math.max(0, top); row <= Math.min(down - 1, bottom); row++) {
    for (let column = Math.max(0, left); column <= Math.min(across - 1, right); column++) cells.push(row * across + column);
  }
  return cells;
}
