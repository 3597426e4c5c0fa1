import assert from "node:assert/strict";
import { test } from "node:test";

import { Patience } from "../../web/static/js/room/patience.js";

const line = (freezeCount, nackCount, mid = "v0") => ({
  type: "inbound-rtp", kind: "video", mid, freezeCount, nackCount,
});
const after = (patience, ...digests) => digests.map((stats) => patience.judge([stats].flat()));

test("a picture that stands still where packets are missed waits longer, up to a limit", () => {
  const told = after(new Patience(), line(0, 0), line(2, 5), line(3, 9), line(4, 12), line(5, 20));
  assert.deepEqual(told, [[], [["v0", 300]], [["v0", 450]], [], []]);
});

test("one that stands still for another reason does not", () => {
  assert.deepEqual(after(new Patience(), line(0, 0), line(1, 0), line(2, 0)), [[], [], []]);
});

test("after a minute of flow it waits less, step by step", () => {
  const patience = new Patience();
  after(patience, line(0, 0), line(1, 5));
  const told = Array.from({ length: 30 }, () => patience.judge([line(1, 5)])).flat();
  assert.deepEqual(told, [["v0", 150], ["v0", 0]]);
});

test("a new connection begins without", () => {
  const patience = new Patience();
  after(patience, line(3, 3), line(4, 5));
  assert.deepEqual(patience.judge([line(0, 0)]), []);
  assert.deepEqual(patience.judge([line(1, 2)]), [["v0", 300]]);
});

test("lines are judged each for itself, and sound not at all", () => {
  const sound = { ...line(9, 9, "a0"), kind: "audio" };
  const told = after(new Patience(), [line(0, 0), line(0, 0, "v1"), sound], [line(1, 1), line(0, 9, "v1")]);
  assert.deepEqual(told, [[], [["v0", 300]]]);
});
