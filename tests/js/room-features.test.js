import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FeatureViews } from "../../web/static/js/room/feature-views.js";
import { FEATURES } from "../../web/static/js/room/features.js";
import { emptyRoom, reduceRoom } from "../../web/static/js/room/state.js";

/** As much of an element as views touch when they are built and drawn. */
class Box {
  dataset = {};
  classList = { add() {}, toggle() {} };
  style = {};
  title = "";
  textContent = "";
  hidden = false;
  #heard = {};
  addEventListener(type, act) {
    this.#heard[type] = act;
  }
  click() {
    this.#heard.click?.();
  }
  querySelector() {
    return null;
  }
  querySelectorAll() {
    return [];
  }
  append() {}
  before() {}
  after() {}
  setAttribute() {}
  replaceChildren() {}
  close() {}
}

const member = (id, more = {}) => ({
  id, name: id, role: "site", chair: false, presence: "present",
  microphone: false, camera: false, screen: false, hand_at: null, ...more,
});
const stateOf = (...members) =>
  reduceRoom(emptyRoom(), {
    type: "welcome", member: "me", may_drive: true, may_end: true, members,
    room: { chair: "c", layout: { mode: "grid", focus: "shown" } },
  });

/** What the page was asked to do. */
let told;
let boxes;
let keys;
let views;

beforeEach(() => {
  told = [];
  boxes = new Map();
  keys = new Map();
  const types = ["HTMLElement", "HTMLButtonElement", "HTMLDialogElement", "HTMLInputElement", "HTMLFormElement"];
  for (const type of types) globalThis[type] = Box;
  globalThis.window = { isSecureContext: false };
  globalThis.document = {
    getElementById: (id) => boxes.get(id) ?? boxes.set(id, new Box()).get(id),
    createElement: () => new Box(),
    createElementNS: () => new Box(),
    head: new Box(),
  };
  const note = (what) => (...more) => (told.push([what, ...more]), true);
  views = new FeatureViews({
    meeting: "m",
    time: String,
    addKey: (code, act) => keys.set(code, act),
    ...Object.fromEntries(
      ["send", "extend", "notify", "settle", "switchTo", "expectVoice", "publish", "back"].map((what) => [what, note(what)]),
    ),
  });
});

test("what a secretary may do about a member comes from the features, in one order", () => {
  const names = (one) => views.acts(one, stateOf(one)).map(({ name }) => name);
  assert.deepEqual(names(member("shown", { chair: true })), []);
  assert.deepEqual(names(member("a")), ["focus", "send-out"]);
  assert.deepEqual(names(member("a", { hand_at: 1, microphone: true, screen: true })), [
    "invite", "lower", "mute", "unshare", "focus", "send-out",
  ]);
  assert.deepEqual(names(member("a", { device: true })), ["unmute", "focus", "send-out"]);
  assert.deepEqual(names(member("o", { role: "secretary" })), ["focus"]);
  assert.deepEqual(names(member("a", { presence: "absent", sent_out: true, hand_at: 1 })), ["let-in"]);
});

test("acts say to the hub what they are", () => {
  const one = member("a", { hand_at: 1, microphone: true, screen: true });
  for (const act of views.acts(one, stateOf(one)).slice(0, 5)) act.run();
  assert.deepEqual(told.map(([, message]) => message), [
    { type: "invite", member: "a" },
    { type: "lower_hand", member: "a" },
    { type: "mute", member: "a", source: "microphone" },
    { type: "mute", member: "a", source: "screen" },
    { type: "layout", mode: "single", focus: "a" },
  ]);
});

test("what the secretary switched off is told, and switched off here too", () => {
  views.hear({ type: "muted", source: "microphone" });
  views.hear({ type: "muted", source: "screen" }); // of ours nothing is shown
  assert.deepEqual(told.map(([what]) => what), ["notify", "switchTo"]);
  assert.deepEqual(told[1], ["switchTo", "microphone", false]);
});

test("who has the word switches their microphone on by one click, or has it on already", () => {
  views.hear({ type: "invited" });
  const [, notice] = told.find(([what]) => what === "notify");
  notice.answers[0].run();
  assert.deepEqual(told.at(-1), ["switchTo", "microphone", true]);
  views.render({ ...stateOf(member("me")), microphone: true });
  assert.deepEqual(told.at(-1), ["settle", "floor"]);
  views.hear({ type: "invited" });
  assert.equal(told.at(-1)[1].answers, undefined);
});

test("the hand goes up and down by its button and its key", () => {
  views.render(stateOf(member("me")));
  boxes.get("tool-hand").click();
  views.render(stateOf(member("me", { hand_at: 3 })));
  keys.get("KeyH")();
  assert.deepEqual(told, [
    ["send", { type: "hand", raised: true }],
    ["send", { type: "hand", raised: false }],
  ]);
});

test("each feature has a name of its own", () => {
  assert.equal(new Set(FEATURES.map(({ name }) => name)).size, FEATURES.length);
});
