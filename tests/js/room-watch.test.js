import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { LOOK_MS, SILENT_MS, feel, isBusy, newPulse, silenceMs } from "../../web/static/js/room/pulse.js";
import { RoomSocket } from "../../web/static/js/room/socket.js";
import { Watch } from "../../web/static/js/room/watch.js";

/** Feel a pulse at each look. @param {(number | null)[]} counts */
function felt(counts) {
  let pulse = newPulse();
  counts.forEach((count, index) => (pulse = feel(pulse, count, index * LOOK_MS)));
  return { pulse, now: (counts.length - 1) * LOOK_MS };
}
const rising = (length, step = 5) => Array.from({ length }, (_, index) => index * step);
const still = (count, length) => new Array(length).fill(count);
const QUIET_LOOKS = Math.ceil(SILENT_MS / LOOK_MS) + 1;

test("a connection that had packets all the time and has none is silent", () => {
  const { pulse, now } = felt([...rising(10), ...still(45, QUIET_LOOKS)]);
  assert.ok(silenceMs(pulse, now) >= SILENT_MS);
  assert.equal(silenceMs(pulse, now - SILENT_MS), 0);
});

test("it stays known as busy however long the silence lasts", () => {
  const { pulse, now } = felt([...rising(10), ...still(45, 100)]);
  assert.ok(isBusy(pulse));
  assert.ok(silenceMs(pulse, now) > 90 * LOOK_MS);
});

test("one packet a second, as of a connection with nothing to carry, is no busy one", () => {
  const slow = Array.from({ length: 30 }, (_, index) => Math.floor(index / 4));
  const { pulse, now } = felt([...slow, ...still(7, 20)]);
  assert.equal(silenceMs(pulse, now), 0);
});

test("a new connection, or one of which nothing is known, starts over", () => {
  const again = felt([...rising(10, 50), ...rising(2)]);
  assert.equal(isBusy(again.pulse), false);
  const unknown = felt([...rising(10), null, ...still(45, 20)]);
  assert.equal(silenceMs(unknown.pulse, unknown.now), 0);
});

/** A watch whose connections and socket are numbers of the test. */
function watching() {
  const did = [];
  const world = { sending: true, heardAt: 0, send: 0, sent: 0, receive: 0, now: 0 };
  const watch = new Watch({
    connection: () => null,
    doubt: () => did.push("doubt"),
    heardAt: () => world.heardAt,
    restart: (way) => did.push(`restart ${way}`),
  });
  const look = (times, { send = 0, receive: received = 0, socket = false } = {}) => {
    for (let time = 0; time < times; time += 1) {
      world.now += LOOK_MS;
      world.send += send;
      world.receive += received;
      if (socket) world.heardAt = world.now;
      world.sent += world.sending ? 10 : 0;
      const receive = { received: world.receive, sent: 0 };
      watch.judge({ send: { received: world.send, sent: world.sent }, receive }, world.now);
    }
  };
  return { did, world, look };
}

test("when nothing comes any more the socket is doubted within a second, and again later", () => {
  const { did, look } = watching();
  look(12, { send: 5, receive: 20, socket: true });
  assert.deepEqual(did, []);
  look(1000 / LOOK_MS);
  assert.deepEqual(did, ["doubt"]);
  look(4000 / LOOK_MS);
  assert.deepEqual(did, ["doubt"]);
  look(1000 / LOOK_MS);
  assert.deepEqual(did, ["doubt", "doubt"]);
});

test("where the socket answers, what is silent gets new paths", () => {
  const { did, look } = watching();
  look(12, { send: 5, receive: 20, socket: true });
  look(4);
  assert.deepEqual(did, ["doubt"]);
  look(1, { socket: true });
  assert.deepEqual(did, ["doubt", "restart send", "restart receive"]);
});

test("what still brings packets is left alone", () => {
  const { did, look } = watching();
  look(12, { send: 5, receive: 20, socket: true });
  look(8, { receive: 20, socket: true });
  assert.deepEqual(did, ["doubt", "restart send"]);
});

test("others who fall silent are no reason for doubt while the hub answers what we send", () => {
  const { did, look } = watching();
  look(12, { send: 5, receive: 20, socket: true });
  look(40, { send: 5, socket: true });
  assert.deepEqual(did, []);
});

test("who only listens asks once when all fall silent", () => {
  const { did, world, look } = watching();
  world.sending = false;
  look(12, { receive: 20, socket: true });
  look(60, { socket: true });
  assert.deepEqual(did, ["doubt"]);
  look(12, { receive: 20, socket: true });
  look(60, { socket: true });
  assert.deepEqual(did, ["doubt", "doubt"]);
});

test("who sends nothing, because all is off or nobody looks, is not answered: no silence", () => {
  const { did, world, look } = watching();
  look(12, { send: 5, socket: true });
  world.sending = false;
  look(30, { socket: true });
  assert.deepEqual(did, []);
});

/** Sockets whose other end is the test, and a clock that it moves. */
function sockets(t) {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  let now = 1;
  t.mock.method(performance, "now", () => now);
  const made = [];
  const ups = [];
  const socket = new RoomSocket({
    url: "ws://hub/socket",
    appVersion: "1",
    memory: { getItem: () => "token", setItem: () => {}, removeItem: () => {} },
    open: () => {
      const fake = { sent: [], closed: false };
      fake.send = (text) => fake.sent.push(JSON.parse(text));
      fake.close = () => (fake.closed = true);
      fake.says = (message) => fake.onmessage?.({ data: JSON.stringify(message) });
      made.push(fake);
      return fake;
    },
    random: () => 1,
    onMessage: () => {},
    onUp: (up) => ups.push(up),
  });
  t.after(() => {
    socket.stop(false);
    mock.timers.reset();
  });
  const greet = (fake) => {
    fake.onopen();
    fake.says({ type: "welcome", resume: "token", heartbeat_s: 5 });
  };
  return { socket, made, ups, greet, pass: (ms) => (now += ms) };
}

test("a socket in doubt that answers stays, and the second one is dropped", (t) => {
  const { socket, made, ups, greet, pass } = sockets(t);
  socket.connect();
  greet(made[0]);
  pass(1000);
  socket.doubt();
  assert.equal(made[0].sent.at(-1).type, "ping");
  assert.equal(made.length, 2);
  pass(10);
  made[0].says({ type: "pong", at: 0 });
  assert.equal(made[1].closed, true);
  assert.deepEqual(ups, [true]);
  assert.equal(socket.up, true);
});

test("a socket in doubt that does not answer gives way to the second one, in the same seat", (t) => {
  const { socket, made, ups, greet, pass } = sockets(t);
  socket.connect();
  greet(made[0]);
  pass(1000);
  socket.doubt();
  socket.doubt();
  assert.equal(made.length, 2);
  pass(50);
  greet(made[1]);
  assert.deepEqual([made[0].closed, made[1].closed], [true, false]);
  assert.equal(made[1].sent[0].resume, "token");
  assert.deepEqual(ups, [true, false, true]);
  made[0].says({ type: "pong", at: 0 });
  assert.equal(socket.up, true);
});

test("a second socket that fails changes nothing, and the first can be doubted again", (t) => {
  const { socket, made, ups, greet, pass } = sockets(t);
  socket.connect();
  greet(made[0]);
  pass(1000);
  socket.doubt();
  made[1].onclose();
  assert.deepEqual(ups, [true]);
  socket.doubt();
  assert.equal(made.length, 3);
});

test("a network that comes does not wait for a handshake that was begun without it", (t) => {
  const { socket, made, pass } = sockets(t);
  socket.connect();
  pass(100);
  socket.hurry();
  assert.equal(made.length, 1);
  pass(1000);
  socket.hurry();
  assert.equal(made.length, 2);
  assert.equal(made[0].closed, true);
});
