import assert from "node:assert/strict";
import { test } from "node:test";

import { recallStay, rememberStay } from "../../web/static/js/room/stay.js";

const STAY = { microphone: true, camera: false, audioOnly: true };
const memory = () => {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
};
const left = () => {
  const kept = memory();
  rememberStay(kept, "briefing", STAY, 1_000);
  return kept;
};

test("a page loaded anew within the grace goes back as it left", () => {
  assert.deepEqual(recallStay(left(), "briefing", 3_000, "reload"), STAY);
});

test("a stay is recalled once", () => {
  const kept = left();
  recallStay(kept, "briefing", 3_000, "reload");
  assert.equal(recallStay(kept, "briefing", 3_100, "reload"), null);
});

test("after the grace, or by another way, it is a new visit", () => {
  assert.equal(recallStay(left(), "briefing", 61_000, "reload"), null);
  assert.equal(recallStay(left(), "briefing", 3_000, "navigate"), null);
  assert.equal(recallStay(left(), "briefing", 3_000, "back_forward"), null);
});

test("a clock that was set back proves nothing", () => {
  assert.equal(recallStay(left(), "briefing", 500, "reload"), null);
});

test("another meeting's stay is not this one's", () => {
  assert.equal(recallStay(left(), "plenary", 3_000, "reload"), null);
});
