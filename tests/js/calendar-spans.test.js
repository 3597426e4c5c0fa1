import assert from "node:assert/strict";
import { test } from "node:test";
import { isSame, keyed, readSpan, shifted, stretched, writeSpan } from "../../web/static/js/calendar/spans.js";

const week = {
  days: ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05", "2026-12-06"],
  from: 7 * 60,
  to: 18 * 60,
  timed: true,
};
const month = { ...week, from: 0, to: 24 * 60, timed: false };
const meeting = readSpan("2026-12-02T08:00", "2026-12-02T09:30");

test("a time is read and written as the server has it, past midnight too", () => {
  assert.deepEqual(meeting, { date: "2026-12-02", start: 480, end: 570 });
  const late = readSpan("2026-12-31T22:00", "2027-01-01T01:30");
  assert.deepEqual(late, { date: "2026-12-31", start: 1320, end: 1530 });
  assert.deepEqual(writeSpan(late), { starts: "2026-12-31T22:00", ends: "2027-01-01T01:30" });
});

test("a meeting keeps its length where it goes, and stays within what is shown", () => {
  assert.deepEqual(shifted(meeting, 4, 45, week), { date: "2026-12-04", start: 525, end: 615 });
  assert.deepEqual(shifted(meeting, 9, 5000, week), { date: "2026-12-06", start: 990, end: 1080 });
  assert.deepEqual(shifted(meeting, -1, -5000, week), { date: "2026-11-30", start: 420, end: 510 });
});

test("what lies outside of the hours that are shown does not jump", () => {
  const late = readSpan("2026-12-02T17:00", "2026-12-02T19:00");
  assert.deepEqual(shifted(late, 2, 0, week), late);
  assert.deepEqual(shifted(late, 2, 60, week), late);
  assert.deepEqual(stretched(late, 60, week), late);
});

test("a meeting is never shorter than a step, nor made so by a touch", () => {
  assert.equal(stretched(meeting, -5000, week).end, 495);
  assert.equal(stretched(meeting, 30, week).end, 600);
  const short = { ...meeting, end: meeting.start + 10 };
  assert.deepEqual(stretched(short, -15, week), short);
});

test("arrow keys move, with Shift they change the end", () => {
  assert.deepEqual(keyed(meeting, "ArrowDown", false, week), { ...meeting, start: 495, end: 585 });
  assert.deepEqual(keyed(meeting, "ArrowLeft", false, week), { ...meeting, date: "2026-12-01" });
  assert.deepEqual(keyed(meeting, "ArrowDown", true, week), { ...meeting, end: 585 });
  assert.equal(keyed(meeting, "ArrowLeft", true, week), null);
  assert.equal(keyed(meeting, "Enter", false, week), null);
  assert.equal(keyed(meeting, "constructor", false, week), null);
});

test("in a month they go by days and weeks, and not out of it", () => {
  assert.deepEqual(keyed(meeting, "ArrowRight", false, month), { ...meeting, date: "2026-12-03" });
  assert.deepEqual(keyed(meeting, "ArrowDown", false, month), meeting);
  assert.equal(keyed(meeting, "ArrowDown", true, month), null);
  const days = Array.from({ length: 35 }, (_, n) => `2026-12-${String(n + 1).padStart(2, "0")}`);
  const down = keyed(meeting, "ArrowDown", false, { ...month, days });
  assert.deepEqual(down, { ...meeting, date: "2026-12-09" });
});

test("two times are the same by all their parts", () => {
  assert.ok(isSame(meeting, { ...meeting }));
  for (const change of [{ date: "2026-12-03" }, { start: 1 }, { end: 1 }]) assert.ok(!isSame(meeting, { ...meeting, ...change }));
});
