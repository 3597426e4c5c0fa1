import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { KNOWN } from "../../web/static/js/room/features.js";
import { fingerprintOf, Recovery } from "../../web/static/js/room/recovery.js";
import { pauseMs, RoomSocket } from "../../web/static/js/room/socket.js";

/** A socket whose other end is the test. */
class FakeSocket {
  sent = [];
  closed = false;
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  says(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function start(refusal) {
  const sockets = [];
  const kept = new Map();
  const heard = [];
  const ups = [];
  const socket = new RoomSocket({
    url: "ws://hub/socket",
    appVersion: "1",
    memory: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    },
    open: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1);
    },
    random: () => 1,
    refusal,
    onMessage: (message) => heard.push(message),
    onUp: (up) => ups.push(up),
  });
  socket.connect();
  return { socket, sockets, heard, ups, kept };
}
const WELCOME = { type: "welcome", resume: "token", heartbeat_s: 5 };
const greet = (fake) => {
  fake.onopen();
  fake.says(WELCOME);
};

test("pauses grow to eight seconds and are spread by half", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 40].map((n) => pauseMs(n, 1)), [500, 1000, 2000, 4000, 8000, 8000]);
  assert.equal(pauseMs(2, 0), 1000);
});

test("nothing is sent before the welcome; after a loss the last token resumes the seat", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { socket, sockets, ups } = start();
  assert.equal(socket.send({ type: "hand", raised: true }), false);
  greet(sockets[0]);
  assert.equal(sockets[0].sent[0].resume, "");
  assert.equal(socket.send({ type: "hand", raised: true }), true);
  sockets[0].onclose();
  assert.equal(socket.up, false);
  mock.timers.tick(499);
  assert.equal(sockets.length, 1);
  mock.timers.tick(1);
  greet(sockets[1]);
  assert.equal(sockets[1].sent[0].resume, "token");
  assert.deepEqual(ups, [true, false, true]);
  socket.stop(false);
  mock.timers.reset();
});

test("hello offers versions and features; a hub that knows no such fields gets a plain one", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { socket, sockets, heard } = start();
  const refusal = { type: "problem", code: "bad_message", message: "oldest", about: "hello" };
  sockets[0].onopen();
  assert.deepEqual(sockets[0].sent[0], {
    type: "hello",
    version: 1,
    app_version: "1",
    resume: "",
    oldest: 1,
    features: KNOWN,
  });
  sockets[0].says(refusal);
  assert.deepEqual(sockets[0].sent[1], { type: "hello", version: 1, app_version: "1", resume: "" });
  assert.deepEqual(heard, []);
  // A hub that takes neither is not asked for ever, and its words are shown.
  sockets[0].says(refusal);
  assert.equal(sockets[0].sent.length, 2);
  assert.equal(heard.at(-1).code, "bad_message");
  sockets[0].says(WELCOME);
  assert.equal(socket.up, true);
  socket.stop(false);
  mock.timers.reset();
});

test("a handshake nobody answers is given up and tried again", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { socket, sockets } = start();
  mock.timers.tick(10_000);
  assert.equal(sockets[0].closed, true);
  mock.timers.tick(500);
  assert.equal(sockets.length, 2);
  socket.stop(false);
  mock.timers.reset();
});

test("a network that returns ends the pause", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { socket, sockets } = start();
  greet(sockets[0]);
  socket.drop();
  socket.hurry();
  assert.equal(sockets.length, 2);
  socket.stop(false);
  mock.timers.reset();
});

test("a final goodbye ends it, and leaving forgets the token", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const ended = start();
  greet(ended.sockets[0]);
  ended.sockets[0].says({ type: "closed", reason: "ended", message: "", retry: false });
  mock.timers.tick(60_000);
  assert.equal(ended.sockets.length, 1);
  assert.equal(ended.heard.at(-1).reason, "ended");
  const left = start();
  greet(left.sockets[0]);
  left.socket.stop(true);
  assert.equal(left.sockets[0].sent.at(-1).type, "leave");
  assert.equal(left.kept.size, 0);
  mock.timers.reset();
});

test("a hub that refuses the handshake is asked why, and its no is final", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const no = { type: "closed", reason: "revoked", message: "Hết hạn", retry: false };
  const { sockets, heard } = start(async () => no);
  sockets[0].onclose();
  mock.timers.tick(500);
  sockets[1].onclose();
  await Promise.resolve();
  await Promise.resolve();
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 2);
  assert.deepEqual(heard, [no]);
  mock.timers.reset();
});

test("a short disconnection is left to heal, a longer one restarts ICE, then all is rebuilt", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const did = [];
  const recovery = new Recovery({
    restart: () => did.push("restart"),
    rebuild: () => did.push("rebuild"),
    canSignal: () => true,
    isConnected: () => false,
  });
  recovery.changed("disconnected");
  mock.timers.tick(1000);
  recovery.changed("connected");
  mock.timers.tick(60_000);
  assert.deepEqual(did, []);
  recovery.changed("disconnected");
  mock.timers.tick(1200);
  assert.deepEqual(did, ["restart"]);
  mock.timers.tick(6000);
  assert.deepEqual(did, ["restart", "rebuild"]);
  recovery.changed("connected");
  recovery.resumed();
  assert.deepEqual(did, ["restart", "rebuild", "restart"]);
  recovery.stop();
  mock.timers.reset();
});

test("without a socket nothing is tried", () => {
  const recovery = new Recovery({
    restart: () => assert.fail("restart"),
    rebuild: () => assert.fail("rebuild"),
    canSignal: () => false,
    isConnected: () => false,
  });
  recovery.changed("failed");
  recovery.stop();
});

test("the other end is known by its fingerprint", () => {
  assert.equal(fingerprintOf("v=0\r\na=fingerprint:sha-256 AB:CD\r\na=x\r\n"), "sha-256 AB:CD");
  assert.equal(fingerprintOf("v=0\r\n"), "");
});

test("a restart under which the connection never broke needs no new one", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const did = [];
  let connected = true;
  const recovery = new Recovery({
    restart: () => did.push("restart"),
    rebuild: () => did.push("rebuild"),
    canSignal: () => true,
    isConnected: () => connected,
  });
  recovery.resumed();
  mock.timers.tick(60_000);
  assert.deepEqual(did, ["restart"]);
  recovery.hurry();
  connected = false;
  mock.timers.tick(60_000);
  assert.deepEqual(did.slice(0, 3), ["restart", "restart", "rebuild"]);
  recovery.stop();
  mock.timers.reset();
});
