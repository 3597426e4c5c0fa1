// @ts-check
// A meeting's time as it is taken along in the calendar. Pure.

import { addDays } from "../dates.js";
import { timeText } from "./slots.js";

/**
 * @typedef {{ date: string, start: number, end: number }} Span minutes of that day; an end past
 *   midnight counts on
 * @typedef {{ days: readonly string[], from: number, to: number, timed: boolean }} Field what is
 *   shown: days, the minutes of a day, and whether times can be told apart there
 */

// A quarter of an hour: what people plan by.
export const STEP_MIN = 15;
const DAY_MIN = 24 * 60;
const DAYS_A_WEEK = 7;
const PLAIN = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})$/;

/** @param {string} starts "2026-12-02T08:00" @param {string} ends @returns {Span} */
export function readSpan(starts, ends) {
  const [date, start] = read(starts);
  const [last, end] = read(ends);
  let days = 0;
  while (last > addDays(date, days)) days += 1;
  return { date, start, end: end + days * DAY_MIN };
}

/** @param {string} text @returns {[string, number]} */
function read(text) {
  const found = PLAIN.exec(text);
  return [found?.[1] ?? "", Number(found?.[2]) * 60 + Number(found?.[3])];
}

/** @param {Span} span @returns {{ starts: string, ends: string }} as `readSpan` takes them */
export function writeSpan(span) {
  const { starts, ends, last } = textsOf(span);
  return { starts: `${span.date}T${starts}`, ends: `${last}T${ends}` };
}

/** @param {Span} span @returns {{ starts: string, ends: string, last: string }} "08:00", "09:30" */
export function textsOf({ date, start, end }) {
  return { starts: timeText(start), ends: timeText(end % DAY_MIN), last: addDays(date, Math.floor(end / DAY_MIN)) };
}

/** @param {Span} a @param {Span} b */
export function isSame(a, b) {
  return a.date === b.date && a.start === b.start && a.end === b.end;
}

/**
 * As long as it is, some minutes and on another of the days that are shown; within the hours that
 * are shown, if it was.
 * @param {Span} span @param {number} day @param {number} minutes @param {Field} field @returns {Span}
 */
export function shifted(span, day, minutes, field) {
  const length = span.end - span.start;
  const latest = Math.max(field.to - length, span.start);
  const start = Math.max(Math.min(span.start + minutes, latest), Math.min(field.from, span.start));
  const date = field.days[Math.max(0, Math.min(day, field.days.length - 1))] ?? span.date;
  return { date, start, end: start + length };
}

/**
 * Some minutes longer or shorter, at least one step.
 * @param {Span} span @param {number} minutes @param {Field} field @returns {Span}
 */
export function stretched(span, minutes, field) {
  const latest = Math.max(field.to, span.end);
  const end = Math.max(Math.min(span.end + minutes, latest), Math.min(span.start + STEP_MIN, span.end));
  return { ...span, end };
}

/** @type {ReadonlyMap<string, readonly [number, number]>} days, steps */
const WAYS = new Map([
  ["ArrowUp", [0, -1]],
  ["ArrowDown", [0, 1]],
  ["ArrowLeft", [-1, 0]],
  ["ArrowRight", [1, 0]],
]);

/**
 * Where a key takes a meeting; with Shift up and down change its end. In a month the keys go by
 * days and weeks. Null for a key that does nothing here.
 * @param {Span} span @param {string} key @param {boolean} shift @param {Field} field
 * @returns {Span | null}
 */
export function keyed(span, key, shift, field) {
  const [days, steps] = WAYS.get(key) ?? [0, 0];
  if (!days && !steps) return null;
  const day = field.days.indexOf(span.date);
  if (!field.timed) {
    const to = day + days + steps * DAYS_A_WEEK;
    return shift ? null : to in field.days ? shifted(span, to, 0, field) : span;
  }
  if (!shift) return shifted(span, day + days, steps * STEP_MIN, field);
  return days ? null : stretched(span, steps * STEP_MIN, field);
}
