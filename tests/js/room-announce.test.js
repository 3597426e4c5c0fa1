import assert from "node:assert/strict";
import test from "node:test";

import { moved, spanOf } from "../../web/static/js/room/announce.js";
import { emptyRoom } from "../../web/static/js/room/state.js";

const WORDS = { language: "vi", timezone: "Asia/Ho_Chi_Minh" };
const START = Date.UTC(2026, 10, 25, 1, 0) / 1000; // 08:00 in Việt Nam

/** @param {number} starts_at @param {number} [length_s] */
function at(starts_at, length_s = 3600) {
  /** @type {import("../../web/static/js/room/messages.js").Room} */
  const room = {
    meeting_id: "m",
    title: "Giao ban",
    chair: null,
    starts_at,
    ends_at: starts_at + length_s,
    layout: { mode: "grid", focus: null },
  };
  return { ...emptyRoom(), welcomed: true, room };
}

test("a moved meeting is told in the hub's time zone, with its day", () => {
  const said = moved(at(START), at(START + 86_400 + 1800), WORDS);
  assert.match(said, /^Giờ họp đã đổi: 08:30 – 09:30, Thứ Năm, 26\/11\/2026\.$/i);
});

test("a meeting that is longer has moved too", () => {
  assert.equal(moved(at(START), at(START, 7200), WORDS), "Cuộc họp kéo dài đến 10:00.");
  assert.match(moved(at(START, 7200), at(START, 3600), WORDS), /08:00 – 09:00/);
});

test("the header's times are the meeting's, whatever the machine is set to", () => {
  assert.equal(spanOf({ starts_at: START, ends_at: START + 5400 }, WORDS), "08:00 – 09:30");
  const late = { starts_at: START + 15 * 3600, ends_at: START + 17 * 3600 };
  assert.equal(spanOf(late, WORDS), "23:00 – 01:00 hôm sau");
});

test("nothing is said of a room that is only entered, or whose layout changes", () => {
  assert.equal(moved(emptyRoom(), at(START), WORDS), "");
  assert.equal(moved(at(START), at(START), WORDS), "");
});
