import assert from "node:assert/strict";
import { test } from "node:test";

import { age, end, hear, listen, lose, retryMs, SILENT_MS } from "../../web/static/js/board/pulse.js";

const T = 1_000_000;

test("a page is live only once the hub has spoken", () => {
  const opening = listen(T, "12:00");
  assert.equal(opening.feed, "opening");
  assert.deepEqual(hear(opening, "12:01", T + 50), { feed: "live", heardAt: T + 50, at: "12:01", tries: 0, why: null });
});

test("a live page is called stale after 12 s of silence, since the hub's last word", () => {
  const live = hear(listen(T, "12:00"), "12:01", T);
  assert.equal(age(live, T + SILENT_MS - 1), live);
  const stale = age(live, T + SILENT_MS);
  assert.equal(stale.feed, "stale");
  assert.equal(stale.at, "12:01");
  assert.equal(age(stale, T + 99 * SILENT_MS), stale);
});

test("a page that never heard a word is stale too", () => {
  assert.equal(age(listen(T, "12:00"), T + SILENT_MS).feed, "stale");
});

test("a broken line fades first, and is stale when it was silent before", () => {
  const live = hear(listen(T, "12:00"), "12:01", T);
  assert.equal(lose(live, T + 100).feed, "fading");
  assert.equal(lose(lose(live, T + 100), T + SILENT_MS).feed, "stale");
  assert.equal(lose(lose(live, T), T).tries, 2);
  assert.equal(hear(lose(live, T), "12:02", T + 9).tries, 0);
});

test("a clock that was set back keeps no old numbers fresh", () => {
  const live = hear(listen(T, "12:00"), "12:01", T);
  assert.equal(age(live, T - 3_600_000).feed, "stale");
});

test("the end is the end", () => {
  const ended = end(hear(listen(T, "12:00"), "12:01", T), "signed_out");
  assert.equal(ended.feed, "ended");
  assert.equal(age(ended, T + SILENT_MS), ended);
  assert.equal(lose(ended, T), ended);
});

test("attempts come slower and spread, never slower than 19 s", () => {
  const middle = [1, 2, 3, 4, 5, 6, 60].map((tries) => retryMs(tries, 0.5));
  assert.deepEqual(middle, [300, 1000, 2000, 4000, 8000, 15000, 15000]);
  assert.equal(retryMs(60, 0), 11250);
  assert.equal(retryMs(60, 1), 18750);
});
