// @ts-check
// Times of day on a calendar's grid: from a place in a column to a time, and steps between times.
// Pure.

/**
 * @typedef {{ column: number, minutes: number }} Slot a day's number and a time in minutes of the day
 * @typedef {{ columns: number, from: number, to: number }} Grid hours that are shown, and days
 */

// Meetings begin on the half hour; the form takes any minute.
export const STEP_MIN = 30;
const HOUR_MIN = 60;

/** How far down a column, 0 to 1, as the time whose step holds it. @param {number} share @param {Grid} grid */
export function minutesAt(share, grid) {
  const length = (grid.to - grid.from) * HOUR_MIN;
  const step = Math.floor((share * length) / STEP_MIN) * STEP_MIN;
  return grid.from * HOUR_MIN + Math.min(Math.max(step, 0), length - STEP_MIN);
}

/** The share of a column above a time, in per cent. @param {number} minutes @param {Grid} grid */
export function topOf(minutes, grid) {
  return ((minutes / HOUR_MIN - grid.from) / (grid.to - grid.from)) * 100;
}

/** @param {number} minutes */
export function timeText(minutes) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${two(Math.floor(minutes / HOUR_MIN))}:${two(minutes % HOUR_MIN)}`;
}

/** @type {Record<string, (slot: Slot, grid: Grid) => Slot>} */
const MOVES = {
  ArrowUp: (slot) => ({ ...slot, minutes: slot.minutes - STEP_MIN }),
  ArrowDown: (slot) => ({ ...slot, minutes: slot.minutes + STEP_MIN }),
  ArrowLeft: (slot) => ({ ...slot, column: slot.column - 1 }),
  ArrowRight: (slot) => ({ ...slot, column: slot.column + 1 }),
  Home: (slot, grid) => ({ ...slot, minutes: grid.from * HOUR_MIN }),
  End: (slot, grid) => ({ ...slot, minutes: grid.to * HOUR_MIN - STEP_MIN }),
};

/**
 * Where a key leads, within the grid; null for a key that leads nowhere.
 * @param {Slot} slot @param {string} key @param {Grid} grid @returns {Slot | null}
 */
export function moved(slot, key, grid) {
  const move = MOVES[key];
  if (!move) return null;
  const { column, minutes } = move(slot, grid);
  return {
    column: Math.min(Math.max(column, 0), grid.columns - 1),
    minutes: Math.min(Math.max(minutes, grid.from * HOUR_MIN), grid.to * HOUR_MIN - STEP_MIN),
  };
}
