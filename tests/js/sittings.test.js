// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document ??= /** @type {any} */ ({ querySelectorAll: () => [] });
const { dayAfter, daysBetween, nextDay, sameDay } = await import("../../web/static/js/sittings.js");

test("the day after a Friday is a Monday", () => {
  assert.equal(nextDay("2026-12-07"), "2026-12-08");
  assert.equal(nextDay("2026-12-11"), "2026-12-14");
});

test("another day has the sittings of the last one", () => {
  const all = [
    { date: "2026-12-07", start: "13:00", end: "17:00" },
    { date: "2026-12-08", start: "08:00", end: "11:30" },
    { date: "2026-12-08", start: "14:00", end: "17:00" },
  ];
  assert.deepEqual(dayAfter(all), [
    { date: "2026-12-09", start: "08:00", end: "11:30" },
    { date: "2026-12-09", start: "14:00", end: "17:00" },
  ]);
  assert.deepEqual(dayAfter([{ date: "", start: "08:00", end: "09:00" }]), []);
});

test("after a morning comes an afternoon, after that an evening", () => {
  const date = "2026-12-07";
  assert.deepEqual(sameDay({ date, start: "08:00", end: "11:30" }), { date, start: "14:00", end: "17:00" });
  assert.deepEqual(sameDay({ date, start: "14:00", end: "17:00" }), { date, start: "17:30", end: "18:30" });
});

test("days between go both ways", () => {
  assert.equal(daysBetween("2026-12-30", "2027-01-02"), 3);
  assert.equal(daysBetween("2027-01-02", "2026-12-30"), -3);
});
