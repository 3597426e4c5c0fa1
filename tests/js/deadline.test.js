import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { deadline } from "../../web/static/js/deadline.js";

test("a signal ends with its time, or with another signal, also one that has ended", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const late = deadline(1000);
  mock.timers.tick(999);
  assert.equal(late.aborted, false);
  mock.timers.tick(1);
  assert.equal(late.reason.name, "TimeoutError");
  mock.timers.reset();

  const given = new AbortController();
  const signal = deadline(60_000, given.signal);
  assert.equal(signal.aborted, false);
  given.abort(new Error("moved on"));
  assert.equal(signal.reason.message, "moved on");
  assert.equal(deadline(60_000, given.signal).aborted, true);
});
