import assert from "node:assert/strict";
import { test } from "node:test";

import { AWAY_MS, chairGoneWords, newChairWatch, watchChair } from "../../web/static/js/room/chair-watch.js";
import { emptyRoom } from "../../web/static/js/room/state.js";

const room = (presence, more = {}) => ({
  ...emptyRoom(),
  welcomed: true,
  self: "a-thuky",
  mayDrive: true,
  room: { chair: "s-huyen" },
  members: { "s-huyen": { id: "s-huyen", name: "Phòng họp huyện", presence } },
  ...more,
});

/** What is told, of presences each with its time. @param {[string, number][]} steps */
function told(steps, more = {}) {
  let watch = newChairWatch();
  const news = [];
  for (const [presence, at] of steps) {
    const next = watchChair(watch, room(presence, more), at);
    watch = next.watch;
    if (next.news) news.push([next.news, at]);
  }
  return news;
}

test("a chair that left is told of at once, once, and its return too", () => {
  const steps = [["present", 0], ["left", 100], ["left", 200], ["present", 300], ["present", 400]];
  assert.deepEqual(told(steps), [["gone", 100], ["back", 300]]);
});

test("a line that is lost is told of when it stays away", () => {
  const short = [["present", 0], ["reconnecting", 100], ["present", 100 + AWAY_MS - 1]];
  assert.deepEqual(told(short), []);
  const long = [["present", 0], ["reconnecting", 100], ["reconnecting", 100 + AWAY_MS]];
  assert.deepEqual(told(long), [["gone", 100 + AWAY_MS]]);
});

test("a chair that has not come yet, or who does not drive, is told nothing", () => {
  assert.deepEqual(told([["absent", 0], ["absent", 60_000]]), []);
  assert.deepEqual(told([["present", 0], ["left", 100]], { mayDrive: false }), []);
});

test("the words name whom to call", () => {
  const phones = [{ name: "", number: "0215 3 001 001" }, { name: "Lò Văn Sơn", number: "0900 000 001" }];
  const state = room("left", { contacts: { "s-huyen": phones } });
  assert.equal(
    chairGoneWords(state).replaceAll("\u00a0", " "),
    "Điểm cầu chủ trì Phòng họp huyện đã rời họp. Gọi: 0215 3 001 001, Lò Văn Sơn 0900 000 001",
  );
});
