import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { mock, test } from "node:test";

import { within } from "../../web/static/js/deadline.js";

/** Work that ends only by its signal. @param {AbortSignal} signal */
const forever = (signal) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason));
  });

test("work ends with its time, or with another signal, also one that has ended", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let ended = "";
  const late = within(1000, forever).catch((error) => (ended = error.name));
  mock.timers.tick(999);
  await Promise.resolve();
  assert.equal(ended, "");
  mock.timers.tick(1);
  await late;
  assert.equal(ended, "TimeoutError");
  mock.timers.reset();

  const given = new AbortController();
  const moved = within(60_000, forever, given.signal);
  given.abort(new Error("moved on"));
  await assert.rejects(moved, /moved on/);
  await assert.rejects(within(60_000, forever, given.signal), /moved on/);
});

test("nothing stays of work that is over, well or badly", async () => {
  const given = new AbortController();
  /** @type {AbortSignal | undefined} */
  let seen;
  const done = await within(60_000, async (signal) => {
    seen = signal;
    assert.equal(getEventListeners(given.signal, "abort").length, 1);
    return 7;
  }, given.signal);
  assert.equal(done, 7);
  assert.equal(seen?.aborted, true); // what was not read is let go
  await assert.rejects(within(60_000, () => Promise.reject(new Error("no")), given.signal), /no/);
  assert.equal(getEventListeners(given.signal, "abort").length, 0);
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length, 0);
});
