// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { addDays, addMonths, dayOf, readComing, readDay, readTime, weeksOf, writeDay } from "../../web/static/js/dates.js";

test("a day is read with the day first, however it is set apart", () => {
  for (const text of ["3/12/2026", "03/12/2026", "3.12.2026", "03-12-2026", "03122026", " 2026-12-03 "]) {
    assert.equal(readDay(text), "2026-12-03", text);
  }
});

test("what is no day is none", () => {
  for (const text of ["", "31/11/2026", "29/02/2026", "12/13/2026", "hôm nay", "1/1/26"]) {
    assert.equal(readDay(text), "", text);
  }
  assert.equal(readDay("29/02/2028"), "2028-02-29");
});

test("a day without a year is the next such one, today too", () => {
  for (const [text, day] of [["30/11", "2026-11-30"], ["3.12", "2026-12-03"], ["29/11", "2027-11-29"], ["29/2", "2028-02-29"], ["1/1/2025", "2025-01-01"]]) {
    assert.equal(readComing(text ?? "", "2026-11-30"), day, text);
  }
  for (const text of ["31/11", "30/13", "30/", "30/11/", ""]) assert.equal(readComing(text, "2026-11-30"), "", text);
});

test("a day is written as it is read", () => {
  assert.equal(writeDay("2026-12-03"), "03/12/2026");
});

test("a day is that of the browser's clock, also early in the morning", () => {
  const zone = process.env.TZ;
  process.env.TZ = "Asia/Ho_Chi_Minh";
  try {
    assert.equal(dayOf(new Date("2026-12-02T23:30:00Z")), "2026-12-03");
    assert.equal(dayOf(new Date("2026-12-02T16:59:00Z")), "2026-12-02");
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test("hours are read as they are said", () => {
  for (const [text, time] of [["8", "08:00"], ["8:5", "08:05"], ["8h30", "08:30"], ["14h", "14:00"], ["0830", "08:30"], ["730", "07:30"], ["14.15", "14:15"]]) {
    assert.equal(readTime(text ?? ""), time, text);
  }
  for (const text of ["", "24:00", "8:60", "8 giờ", "99"]) assert.equal(readTime(text), "", text);
});

test("days and months go on over their ends", () => {
  assert.equal(addDays("2026-12-31", 1), "2027-01-01");
  assert.equal(addMonths("2026-01-31", 1), "2026-02-28");
  assert.equal(addMonths("2026-01-15", -1), "2025-12-15");
});

test("a month is whole weeks from Monday on", () => {
  const weeks = weeksOf("2026-12-03");
  assert.equal(weeks[0]?.[0], "2026-11-30");
  assert.equal(weeks.at(-1)?.at(-1), "2027-01-03");
  assert.ok(weeks.every((week) => week.length === 7));
  assert.equal(weeksOf("2026-02-10").length, 5);
});
