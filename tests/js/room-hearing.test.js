import assert from "node:assert/strict";
import { test } from "node:test";

import { hearingOf, MUTED_MS, newEar, reduceEar, SILENT_MS } from "../../web/static/js/room/hearing.js";

/** @param {...[object, number]} events each with its time */
const after = (...events) => events.reduce((ear, [event, at]) => reduceEar(ear, event, at), newEar());
const switched = (on) => ({ type: "switched", on });
const level = (rms, leads = false) => ({ type: "level", rms, leads });
const muted = (on) => ({ type: "muted", muted: on });
const SPEECH = 0.05;
const ROOM = 0.0005;

test("a microphone that was just switched on is expected to be heard within ten seconds", () => {
  const ear = after([switched(true), 1000], [level(ROOM), 5000]);
  assert.equal(hearingOf(ear, 1000 + SILENT_MS - 1), "none");
  assert.equal(hearingOf(ear, 1000 + SILENT_MS), "silent");
  assert.equal(hearingOf(reduceEar(ear, level(SPEECH), 11_500), 11_500), "none");
  assert.equal(hearingOf(reduceEar(ear, switched(false), 12_000), 60_000), "none");
});

test("who was heard and then listens is not told that they are silent", () => {
  const ear = after([switched(true), 0], [level(SPEECH), 2000], [level(ROOM, true), 30_000]);
  assert.equal(hearingOf(ear, 60_000), "none");
});

test("a headset that is switched off in the midst of a speech is told of", () => {
  const ear = after([switched(true), 0], [level(SPEECH), 2000], [level(0, true), 3000]);
  assert.equal(hearingOf(ear, 2000 + SILENT_MS), "silent");
  const listening = after([switched(true), 0], [level(SPEECH), 2000], [level(0, false), 3000]);
  assert.equal(hearingOf(listening, 60_000), "none");
});

test("who is invited is expected to speak again", () => {
  const ear = after([switched(true), 0], [level(SPEECH), 2000], [{ type: "invited" }, 20_000]);
  assert.equal(hearingOf(ear, 20_000 + SILENT_MS), "silent");
});

test("a microphone muted by the machine is told of once it stays so, and only while it is on", () => {
  const ear = after([switched(true), 0], [level(SPEECH), 1000], [muted(true), 2000]);
  assert.equal(hearingOf(ear, 2000), "none");
  assert.equal(hearingOf(ear, 2000 + MUTED_MS), "muted");
  assert.equal(hearingOf(reduceEar(ear, muted(false), 9000), 9000), "none");
  assert.equal(hearingOf(reduceEar(ear, switched(false), 9000), 9000), "none");
});

test("switching on a microphone that was muted all the time is told of at once", () => {
  const ear = after([muted(true), 0], [switched(true), 60_000]);
  assert.equal(hearingOf(ear, 60_000), "muted");
});
