import assert from "node:assert/strict";
import { test } from "node:test";

import { changes } from "../../web/static/js/room/announce.js";
import { floorQueue } from "../../web/static/js/room/features/floor.js";
import { sharing } from "../../web/static/js/room/features/screen.js";
import { attendance, ordered } from "../../web/static/js/room/members.js";
import { aboutOf, groups } from "../../web/static/js/room/roster.js";
import { pickSpeaker } from "../../web/static/js/room/speaking.js";
import { emptyRoom, reduceRoom, slotOf } from "../../web/static/js/room/state.js";
import { createStore } from "../../web/static/js/room/store.js";
import { viewOf } from "../../web/static/js/room/view.js";

const member = (id, more = {}) => ({
  id,
  name: id,
  unit: id,
  level: "Xã",
  rank: 4,
  role: "site",
  chair: false,
  presence: "present",
  microphone: false,
  camera: true,
  screen: false,
  hand_at: null,
  ...more,
});
const welcome = (members, more = {}) => ({
  type: "welcome",
  member: "me",
  resume: "token",
  resumed: false,
  may_drive: false,
  may_end: false,
  heartbeat_s: 5,
  digest_s: 5,
  room: { meeting_id: "m", title: "Giao ban", chair: "c", starts_at: 0, ends_at: 1, layout: { mode: "lecture", focus: null } },
  members,
  ...more,
});
const slot = (mid, who, source = "camera") => ({ mid, kind: "video", member: who, source });
const run = (...messages) => messages.reduce(reduceRoom, emptyRoom());

test("a welcome tells everything there is to know", () => {
  const state = run(welcome([member("me"), member("c", { chair: true })], { may_drive: true }));
  assert.equal(state.self, "me");
  assert.equal(state.mayDrive, true);
  assert.deepEqual(Object.keys(state.members), ["me", "c"]);
});

test("a hub that kept our connections keeps our slots, one that lost them does not", () => {
  const before = [welcome([member("me")]), { type: "slots", slots: [slot("v0", "c")] }];
  assert.equal(slotOf(run(...before, welcome([], { resumed: true })).slots, "c", "camera"), "v0");
  assert.equal(slotOf(run(...before, welcome([])).slots, "c", "camera"), null);
});

test("a member is replaced as a whole and goes when it is gone", () => {
  const came = run(welcome([member("me")]), { type: "member", member: member("a", { hand_at: 5 }) });
  assert.equal(came.members.a.hand_at, 5);
  assert.equal(reduceRoom(came, { type: "member_gone", member: "a" }).members.a, undefined);
});

test("audio only takes the own camera with it", () => {
  const state = run({ type: "local.camera", on: true }, { type: "local.audio_only", on: true });
  assert.equal(state.camera, false);
});

test("a hub that comes back is no goodbye, one that says no is", () => {
  assert.equal(run({ type: "closed", reason: "stopping", message: "", retry: true }).closed, null);
  assert.equal(run({ type: "closed", reason: "ended", message: "", retry: false }).closed.reason, "ended");
});

test("messages of a newer hub change nothing", () => {
  const state = run(welcome([]));
  assert.equal(reduceRoom(state, { type: "vote" }), state);
});

test("the chair comes first, then levels, then names as Vietnamese sorts them", () => {
  const members = [
    member("đ", { name: "Xã Đà" }),
    member("d", { name: "Xã Dào" }),
    member("h", { rank: 3, name: "Huyện" }),
    member("c", { chair: true, name: "Xã Z" }),
  ];
  const state = run(welcome(members));
  assert.deepEqual(ordered(state.members).map(({ id }) => id), ["c", "h", "d", "đ"]);
});

test("the floor queue is in order of hands, without those who left", () => {
  const state = run(
    welcome([
      member("b", { hand_at: 20 }),
      member("a", { hand_at: 10 }),
      member("x", { hand_at: 1, presence: "left" }),
    ]),
  );
  assert.deepEqual(floorQueue(state.members).map(({ id }) => id), ["a", "b"]);
});

test("the list groups hands, those here and those away, and counts sites only", () => {
  const state = run(
    welcome([
      member("a", { hand_at: 10 }),
      member("b", { presence: "reconnecting" }),
      member("o", { role: "secretary" }),
      member("z", { presence: "absent" }),
    ]),
  );
  const { waiting, here, away } = groups(state);
  const [{ title, members }] = waiting;
  assert.deepEqual([waiting.length, title, members.length], [1, "Xin phát biểu (1)", 1]);
  assert.deepEqual([here.length, away.length], [2, 1]);
  assert.deepEqual(attendance(state), { here: 2, invited: 3 });
});

test("the last speaker stays shown through a pause, but neither the chair nor ourselves", () => {
  const state = run(welcome([member("me"), member("a"), member("c", { chair: true })]));
  assert.equal(pickSpeaker({ ...state, dominant: "a" }, null), "a");
  assert.equal(pickSpeaker({ ...state, dominant: "c" }, "a"), "a");
  assert.equal(pickSpeaker({ ...state, dominant: "me" }, "a"), "a");
  assert.equal(pickSpeaker({ ...state, dominant: null }, "gone"), null);
});

test("the view asks for cameras that are on, in device pixels, never for our own", () => {
  const state = run(welcome([member("me"), member("a"), member("b", { camera: false })]));
  const tiles = ["a", "b", "me"].map((who) => ({
    member: who, source: "camera", part: "grid", x: 0, y: 0, width: 320, height: 180,
  }));
  assert.deepEqual(viewOf(state, tiles, 1.5), [{ member: "a", source: "camera", height_px: 270 }]);
  assert.deepEqual(viewOf({ ...state, audioOnly: true }, tiles, 1), []);
});

test("letters are asked for larger than they are shown, so that none is enlarged", () => {
  const state = run(welcome([member("me"), member("a", { screen: true })]));
  const tiles = [{ member: "a", source: "screen", part: "main", x: 0, y: 0, width: 960, height: 540 }];
  assert.deepEqual(viewOf(state, tiles, 1), [{ member: "a", source: "screen", height_px: 675 }]);
});

test("whose screen is shown is known, and announced", () => {
  const shared = run(welcome([member("me"), member("a", { screen: true })]));
  assert.equal(sharing(shared.members)?.id, "a");
  const gone = reduceRoom(shared, { type: "member", member: member("a", { presence: "left", screen: true }) });
  assert.equal(sharing(gone.members), null);
  const before = run(welcome([member("me"), member("a")]));
  assert.deepEqual(changes(before, shared), ["a đang chia sẻ màn hình"]);
});

test("what is announced is what changed, in few words when much did", () => {
  const before = run(welcome([member("me"), member("a", { presence: "absent" })]));
  const came = reduceRoom(before, { type: "member", member: member("a") });
  assert.deepEqual(changes(before, came), ["a đã vào họp"]);
  const many = ["b", "d", "e", "f"].reduce(
    (state, id) => reduceRoom(state, { type: "member", member: member(id) }),
    before,
  );
  assert.deepEqual(changes(before, many), ["4 điểm cầu đã vào họp"]);
  assert.deepEqual(changes(emptyRoom(), before), ["Đã vào phòng họp."]);
  assert.deepEqual(changes(before, before), []);
});

test("a burst of actions is told once, with the state before it", async () => {
  const store = createStore((sum, step) => sum + step, 0);
  const told = [];
  store.listen((now, before) => told.push([before, now]));
  store.dispatch(1);
  store.dispatch(2);
  await Promise.resolve();
  assert.deepEqual(told, [[0, 3]]);
});

test("the list says where a device sends, and who listens by devices", () => {
  assert.equal(aboutOf(member("a")), "Xã");
  assert.equal(aboutOf(member("a", { device: true })), "Xã · thiết bị WHIP");
  assert.equal(aboutOf(member("a", { presence: "absent", players: 2 })), "Xã · 2 thiết bị thu");
});

test("the camera given up with the pictures is remembered until they come back", () => {
  const given = run({ type: "local.camera", on: true }, { type: "local.audio_only", on: true });
  assert.deepEqual([given.camera, given.cameraBefore], [false, true]);
  const again = reduceRoom(given, { type: "local.audio_only", on: true });
  assert.equal(again.cameraBefore, true);
  assert.equal(reduceRoom(again, { type: "local.audio_only", on: false }).cameraBefore, false);
  assert.equal(run({ type: "local.audio_only", on: true }).cameraBefore, false);
});

test("a state that is older than what was heard is passed over; a welcome begins anew", () => {
  const room = (title) => ({ meeting_id: "m", title, chair: null, starts_at: 0, ends_at: 1, layout: {} });
  const greet = (seq) => welcome([member("me")], { room: room("at the door"), seq });
  let state = reduceRoom(emptyRoom(), greet(4));
  state = reduceRoom(state, { type: "room", room: room("newer"), seq: 6 });
  state = reduceRoom(state, { type: "room", room: room("older"), seq: 5 });
  assert.deepEqual([state.room.title, state.seq], ["newer", 6]);
  // What a hub of before tells has no number.
  state = reduceRoom(state, { type: "room", room: room("plain") });
  assert.deepEqual([state.room.title, state.seq], ["plain", 6]);
  state = reduceRoom(state, greet(2));
  assert.deepEqual([state.room.title, state.seq], ["at the door", 2]);
});
