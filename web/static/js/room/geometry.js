/**
 * Rectangles of 16:9 in boxes of pixels. Pure; used by layout.js.
 */

/** @import {Item, Placed, Strip} from "./layout.js" */

export const GAP = 8;
export const RATIO = 16 / 9;

/**
 * @param {number} count
 * @param {number} width
 * @param {number} height
 */
export function bestColumns(count, width, height) {
  let best = 1;
  let bestWidth = 0;
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const tileWidth = fitted(count, columns, width, height);
    if (tileWidth > bestWidth + 0.5) {
      best = columns;
      bestWidth = tileWidth;
    }
  }
  return best;
}

/**
 * @param {number} count
 * @param {number} columns
 * @param {number} width
 * @param {number} height
 */
export function fitted(count, columns, width, height) {
  const rows = Math.ceil(count / columns);
  const byWidth = (width - GAP * (columns - 1)) / columns;
  const byHeight = ((height - GAP * (rows - 1)) / rows) * RATIO;
  return Math.min(byWidth, byHeight);
}

/**
 * Rows of equal 16:9 tiles, centred in a box, the last row centred too.
 *
 * @param {Item[]} items
 * @param {Placed["part"]} part
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @param {number} columns 1 for main tiles: then the number of columns is chosen here
 * @returns {Placed[]}
 */
export function place(items, part, left, top, width, height, columns) {
  const count = items.length;
  const across = part === "main" ? bestColumns(count, width, height) : columns;
  const rows = Math.ceil(count / across);
  const tileWidth = Math.floor(Math.max(1, fitted(count, across, width, height)));
  const tileHeight = Math.floor(Math.max(1, tileWidth / RATIO));
  const usedHeight = rows * tileHeight + GAP * (rows - 1);
  const y0 = top + Math.max(0, (height - usedHeight) / 2);
  return items.map((item, index) => {
    const row = Math.floor(index / across);
    const inRow = Math.min(across, count - row * across);
    const usedWidth = inRow * tileWidth + GAP * (inRow - 1);
    const x0 = left + Math.max(0, (width - usedWidth) / 2);
    return {
      ...item,
      part,
      x: Math.floor(x0 + (index % across) * (tileWidth + GAP)),
      y: Math.floor(y0 + row * (tileHeight + GAP)),
      width: tileWidth,
      height: tileHeight,
    };
  });
}

/**
 * @param {Item[]} items
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @param {Strip} strip
 * @returns {Placed[]}
 */
export function cells(items, left, top, width, height, { columns, tileWidth }) {
  const tileHeight = Math.floor(tileWidth / RATIO);
  const rows = Math.ceil(items.length / columns);
  const usedHeight = rows * tileHeight + GAP * (rows - 1);
  const y0 = top + Math.max(0, (height - usedHeight) / 2);
  const usedWidth = Math.min(columns, items.length) * (tileWidth + GAP) - GAP;
  const x0 = left + Math.max(0, (width - usedWidth) / 2);
  return items.map((item, index) => ({
    ...item,
    part: /** @type {const} */ ("side"),
    x: Math.floor(x0 + (index % columns) * (tileWidth + GAP)),
    y: Math.floor(y0 + Math.floor(index / columns) * (tileHeight + GAP)),
    width: tileWidth,
    height: tileHeight,
  }));
}
