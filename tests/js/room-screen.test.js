import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { mayShare, ScreenShare } from "../../web/static/js/room/features/screen.js";

const makeTrack = (kind) => ({ kind, contentHint: "", onended: null, stopped: false, stop() { this.stopped = true; } });

/** What the browser answers to "what do you want to share?". */
let answer;
let told;
let screen;

beforeEach(() => {
  const tracks = { video: makeTrack("video"), audio: makeTrack("audio") };
  answer = async () => ({
    getTracks: () => [tracks.video, tracks.audio],
    getVideoTracks: () => [tracks.video],
    getAudioTracks: () => [tracks.audio],
  });
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { mediaDevices: { getDisplayMedia: (wish) => answer(wish) } },
  });
  told = { sent: [], lines: {}, on: [], notices: [], tracks };
  screen = new ScreenShare({
    send: (message) => told.sent.push(message),
    publish: async (source, track) => {
      told.lines[source] = track;
    },
    onChange: () => told.on.push(screen.isOn),
    onNotice: (text) => told.notices.push(text),
  });
});

test("a screen is asked for, told to the room and sent with its sound", async () => {
  await screen.start();
  assert.deepEqual(told.sent, [{ type: "screen", on: true }]);
  assert.deepEqual(told.lines, { screen: told.tracks.video, screen_audio: told.tracks.audio });
  assert.equal(told.tracks.video.contentHint, "text");
  await screen.start(); // nothing twice
  screen.repeat();
  assert.deepEqual(told.sent.length, 2);
});

test("who closes the browser's question hears no words about it", async () => {
  answer = async () => {
    throw new DOMException("", "NotAllowedError");
  };
  await screen.start();
  answer = async () => {
    throw new DOMException("", "NotFoundError");
  };
  await screen.start();
  assert.deepEqual(told.sent, []);
  assert.equal(told.notices.length, 1);
});

test("our button and the browser's own both end it for the room", async () => {
  for (const end of [() => screen.stop(), () => told.tracks.video.onended()]) {
    await screen.start();
    await end();
    assert.deepEqual(told.sent.at(-1), { type: "screen", on: false });
    assert.deepEqual(told.lines, { screen: null, screen_audio: null });
    assert.ok(told.tracks.video.stopped && told.tracks.audio.stopped);
  }
  assert.deepEqual(told.on, [true, false, true, false]);
});

test("what the secretary or the room ended is not told back", async () => {
  await screen.start();
  await screen.muted();
  assert.equal(told.notices.length, 1);
  await screen.start();
  await screen.refused();
  await screen.refused();
  assert.deepEqual(told.sent, [{ type: "screen", on: true }, { type: "screen", on: true }]);
  assert.deepEqual(told.on, [true, false, true, false]);
  screen.repeat();
  assert.equal(told.sent.length, 2);
});

test("phones and plain http have no screens to share", () => {
  globalThis.window = { isSecureContext: true };
  assert.equal(mayShare(), true);
  globalThis.window = { isSecureContext: false };
  assert.equal(mayShare(), false);
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices: {} } });
  globalThis.window = { isSecureContext: true };
  assert.equal(mayShare(), false);
});
