import assert from "node:assert/strict";
import { test } from "node:test";

import { nthOf, weekdayOf } from "../../web/static/js/repeat.js";

test("a day of the week counts from Monday, whatever the browser's zone", () => {
  assert.equal(weekdayOf("2026-12-07"), 0);
  assert.equal(weekdayOf("2026-12-06"), 6);
});

test("a fifth day of the week in the month is its last", () => {
  assert.equal(nthOf("2026-12-07"), "1");
  assert.equal(nthOf("2026-12-28"), "4");
  assert.equal(nthOf("2026-12-29"), "-1");
});
