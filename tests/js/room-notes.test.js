import assert from "node:assert/strict";
import { test } from "node:test";

import { hearParts } from "../../web/static/js/room/features.js";
import { unread } from "../../web/static/js/room/features/notes.js";
import { emptyRoom, reduceRoom } from "../../web/static/js/room/state.js";

const note = (id) => ({ id, at: id, name: "Thư ký", text: `Lời ${id}` });
const hear = (...messages) => messages.reduce(reduceRoom, emptyRoom()).parts.notes;
const ids = (lines) => lines.map(({ id }) => id);

test("lines are kept in their order, each once, and no more than the hub keeps", () => {
  const part = hear({ type: "notes", notes: [note(1), note(4)] }, { type: "note", note: note(5), seq: 5 });
  assert.deepEqual(ids(part.notes), [1, 4, 5]);
  const repeated = hear({ type: "notes", notes: [note(1)] }, { type: "note", note: note(1) });
  assert.deepEqual(ids(repeated.notes), [1]);
  const many = Array.from({ length: 60 }, (_, index) => ({ type: "note", note: note(index + 1) }));
  assert.deepEqual([hear(...many).notes.length, hear(...many).notes[0].id], [50, 11]);
});

test("what comes after the last one that was waved away is unread", () => {
  assert.deepEqual(ids(unread([note(1), note(4), note(6)], 1)), [4, 6]);
});

test("an answer is kept for who asked by a request", () => {
  assert.deepEqual(hear({ type: "done", request: "note-1" }).answer, { request: "note-1", error: "" });
  const problem = { type: "problem", code: "forbidden", message: "Không được.", about: "note" };
  assert.equal(hear(problem).answer, null);
  assert.equal(hear({ ...problem, request: "note-2" }).answer.error, "Không được.");
});

test("a welcome is counted: what was sent before it may never be answered", () => {
  const welcome = { type: "welcome", member: "a-1", members: [], room: null };
  assert.equal(hear(welcome, welcome).welcomes, 2);
});

test("parts that nothing was said about stay the same object", () => {
  const { parts } = emptyRoom();
  assert.equal(hearParts(parts, { type: "pong", at: 1 }), parts);
});
