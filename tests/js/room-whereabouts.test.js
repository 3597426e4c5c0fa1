import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyRoom, reduceRoom } from "../../web/static/js/room/state.js";
import { relayedWords } from "../../web/static/js/room/whereabouts.js";

const welcomed = (role, more) =>
  reduceRoom(emptyRoom(), {
    type: "welcome", member: "m", members: [{ id: "m", role }], room: null, ...more,
  });
const RELAYED = { hub: "hub-2", via: "hub-1" };

test("officers are told which hub runs a meeting that is relayed to them", () => {
  const words = relayedWords(welcomed("technician", RELAYED));
  assert.match(words, /hub-2.*hub-1/);
  assert.equal(relayedWords(welcomed("secretary", {})), "");
  assert.equal(relayedWords(welcomed("secretary", { hub: "", via: "" })), "");
});

test("people at a site are not", () => {
  assert.equal(relayedWords(welcomed("site", RELAYED)), "");
});
