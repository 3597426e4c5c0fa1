import assert from "node:assert/strict";
import { test } from "node:test";
import { minutesAt, moved, timeText, topOf } from "../../web/static/js/calendar/slots.js";

const grid = { columns: 7, from: 7, to: 18 };

test("a place in a column is the half hour that holds it", () => {
  assert.equal(timeText(minutesAt(0, grid)), "07:00");
  assert.equal(timeText(minutesAt(2.2 / 11, grid)), "09:00");
  assert.equal(timeText(minutesAt(2.6 / 11, grid)), "09:30");
  assert.equal(timeText(minutesAt(1, grid)), "17:30");
  assert.equal(timeText(minutesAt(-0.2, grid)), "07:00");
});

test("a time stands where its hour is", () => {
  assert.equal(topOf(7 * 60, grid), 0);
  assert.equal(topOf(18 * 60, grid), 100);
});

test("arrow keys step by half hours and days, and stay within the grid", () => {
  const slot = { column: 6, minutes: 17 * 60 + 30 };
  assert.deepEqual(moved(slot, "ArrowUp", grid), { column: 6, minutes: 17 * 60 });
  assert.deepEqual(moved(slot, "ArrowDown", grid), slot);
  assert.deepEqual(moved(slot, "ArrowRight", grid), slot);
  assert.deepEqual(moved(slot, "ArrowLeft", grid), { column: 5, minutes: slot.minutes });
  assert.deepEqual(moved(slot, "Home", grid), { column: 6, minutes: 7 * 60 });
  assert.equal(moved(slot, "a", grid), null);
});
