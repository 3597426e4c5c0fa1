import assert from "node:assert/strict";
import { test } from "node:test";

import { EventReader } from "../../web/static/js/board/events.js";

const TEXT = 'event: snapshot\ndata: {"at":"12:00"}\n\n: a comment\n\nevent: beat\ndata: {}\n\n';
const WHOLE = [
  { name: "snapshot", data: '{"at":"12:00"}' },
  { name: "beat", data: "{}" },
];

test("events come whole however the text is cut", () => {
  for (let at = 0; at <= TEXT.length; at += 1) {
    const reader = new EventReader();
    assert.deepEqual([...reader.read(TEXT.slice(0, at)), ...reader.read(TEXT.slice(at))], WHOLE, `cut at ${at}`);
  }
});

test("each way to end a line ends one, also when cut in its middle", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = TEXT.replaceAll("\n", end);
    for (let at = 0; at <= text.length; at += 1) {
      const reader = new EventReader();
      // A last CR waits for what may be its LF.
      const found = [...reader.read(text.slice(0, at)), ...reader.read(text.slice(at)), ...reader.read("x")];
      assert.deepEqual(found, WHOLE);
    }
  }
});

test("lines of data are joined; an event without data is none; without a name it is a message", () => {
  const reader = new EventReader();
  assert.deepEqual(reader.read("data: a\ndata:b\n\nevent: empty\n\nid: 7\nretry: 1\n\n"), [{ name: "message", data: "a\nb" }]);
});

test("an event without end is not kept for ever", () => {
  const reader = new EventReader();
  assert.throws(() => reader.read("data: " + "x".repeat(9_000_000)), RangeError);
});
