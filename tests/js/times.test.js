// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { endsNextDay, itemTimes, lengthOf, moveEnd, nameDate, readMinutes } from "../../web/static/js/times.js";

test("times are read as minutes, nonsense as null", () => {
  assert.equal(readMinutes("08:30"), 510);
  assert.equal(readMinutes("08:30:00"), 510);
  assert.equal(readMinutes("24:00"), null);
  assert.equal(readMinutes(""), null);
});

test("moving the start keeps the length", () => {
  assert.equal(moveEnd("08:00", "09:30", "14:00"), "15:30");
});

test("moving the start late carries the end over midnight", () => {
  assert.equal(moveEnd("08:00", "10:00", "23:00"), "01:00");
  assert.equal(moveEnd("23:45", "02:45", "22:00"), "01:00");
});

test("an end before the start is meant for the next day, if that is no longer than half a day", () => {
  assert.equal(lengthOf("22:00", "01:00"), 180);
  assert.ok(endsNextDay("22:00", "01:00"));
  assert.equal(lengthOf("14:00", "13:30"), null);
  assert.ok(!endsNextDay("14:00", "13:30"));
  assert.ok(!endsNextDay("08:00", "09:30"));
});

test("an end that was wrong stays as it was typed", () => {
  assert.equal(moveEnd("08:00", "07:00", "09:00"), "07:00");
  assert.equal(moveEnd("", "07:00", "09:00"), "07:00");
});

test("the length is known only when the end is after the start", () => {
  assert.equal(lengthOf("08:00", "09:30"), 90);
  assert.equal(lengthOf("08:00", "08:00"), null);
});

test("agenda items follow each other until a length is missing", () => {
  assert.deepEqual(itemTimes("08:00", [15, null, 20]), ["08:00", "08:15", ""]);
});

test("a date is named by weekday", () => {
  assert.deepEqual(nameDate("2026-11-26", "vi"), { weekday: "Thứ Năm", date: "26/11/2026" });
  assert.equal(nameDate("2026-11-29", "vi")?.weekday, "Chủ Nhật");
  assert.equal(nameDate("2026-11-26", "en")?.weekday, "Thursday");
  assert.equal(nameDate("26/11", "vi"), null);
});
