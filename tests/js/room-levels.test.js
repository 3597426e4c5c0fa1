// Levels of members in the page's language.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nameLevels } from "../../web/static/js/room/levels.js";

const LEVELS = { Huyện: "District" };
const member = { id: "a", name: "Phòng họp", unit: "Huyện Nậm Pồ", level: "Huyện" };

test("members of a welcome and members that change are of levels in the page's language", () => {
  const welcome = nameLevels({ type: "welcome", members: [member] }, LEVELS);
  assert.equal(welcome.members[0].level, "District");
  assert.equal(nameLevels({ type: "member", member }, LEVELS).member.level, "District");
  assert.equal(member.level, "Huyện");
});

test("a level without a name in the language keeps its own, and other messages pass", () => {
  assert.equal(nameLevels({ type: "member", member }, {}).member.level, "Huyện");
  const gone = { type: "member_gone", member: "a" };
  assert.equal(nameLevels(gone, LEVELS), gone);
});
