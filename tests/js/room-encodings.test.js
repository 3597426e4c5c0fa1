import assert from "node:assert/strict";
import { test } from "node:test";

import { withActive } from "../../web/static/js/room/encodings.js";

const THREE = ["q", "h", "f"].map((rid) => ({ rid, active: true, maxBitrate: 1 }));

/** @param {{active?: boolean}[] | null} encodings */
const actives = (encodings) => encodings?.map(({ active }) => active) ?? null;

test("only what is wanted is sent, and nothing else of an encoding changes", () => {
  const made = withActive(THREE, ["q"]);
  assert.deepEqual(actives(made), [true, false, false]);
  assert.deepEqual(made?.map(({ rid, maxBitrate }) => [rid, maxBitrate]), [["q", 1], ["h", 1], ["f", 1]]);
  assert.deepEqual(actives(withActive(THREE, [])), [false, false, false]);
});

test("nothing is set where nothing changes", () => {
  assert.equal(withActive(THREE, ["f", "h", "q"]), null);
  assert.equal(withActive(THREE, null), null);
  assert.equal(withActive([{}], null), null);
});

test("a sender without simulcast has one layer without a name", () => {
  assert.deepEqual(actives(withActive([{ active: true }], [])), [false]);
  assert.deepEqual(actives(withActive([{ active: false }], [""])), [true]);
});

test("all run again for a hub that has said nothing", () => {
  assert.deepEqual(actives(withActive([{ rid: "q", active: false }], null)), [true]);
});
