import assert from "node:assert/strict";
import { test } from "node:test";

import { bestColumns } from "../../web/static/js/room/geometry.js";
import { arrange } from "../../web/static/js/room/layout.js";

const names = (count) => Array.from({ length: count }, (_, index) => `m${index}`);
const request = (count, more = {}) => ({
  mode: "lecture",
  focus: null,
  chair: "m0",
  speaker: null,
  self: "me",
  selfShown: true,
  members: names(count),
  screens: [],
  width: 1342,
  height: 640,
  page: 0,
  ...more,
});
const BOXES = [
  [1342, 640], // a laptop
  [994, 640], // with the list open
  [374, 728], // a telephone
  [720, 300], // a telephone on its side
  [1900, 900],
];

for (const mode of ["lecture", "speaker", "grid", "single"]) {
  test(`${mode}: tiles stay in the box, apart from each other, and in 16:9`, () => {
    for (const [width, height] of BOXES) {
      for (const count of [0, 1, 2, 3, 5, 9, 15, 24, 45, 130]) {
        const { tiles } = arrange(request(count, { mode, width, height, speaker: "m1", focus: "m0" }));
        const where = `${mode} ${count} in ${width}x${height}`;
        for (const tile of tiles) {
          assert.ok(tile.x >= 0 && tile.y >= 0, where);
          assert.ok(tile.x + tile.width <= width + 1, `${where}: wide`);
          assert.ok(tile.y + tile.height <= height + 1, `${where}: high`);
          assert.ok(Math.abs(tile.width / tile.height - 16 / 9) < 0.05, `${where}: shape`);
        }
        tiles.forEach((one, index) => {
          for (const other of tiles.slice(index + 1)) {
            const apart =
              one.x + one.width <= other.x || other.x + other.width <= one.x ||
              one.y + one.height <= other.y || other.y + other.height <= one.y;
            assert.ok(apart, `${where}: ${one.member} over ${other.member}`);
          }
        });
      }
    }
  });

  test(`${mode}: every member is on exactly one page, ourselves on each`, () => {
    if (mode === "single") return;
    for (const [width, height] of BOXES) {
      const first = arrange(request(45, { mode, width, height, speaker: "m1" }));
      const seen = new Map();
      for (let page = 0; page < first.pages; page += 1) {
        const { tiles } = arrange(request(45, { mode, width, height, speaker: "m1", page }));
        assert.ok(tiles.filter(({ member }) => member !== "me").length <= 25);
        assert.ok(tiles.some(({ member }) => member === "me"));
        for (const { member, part } of tiles) {
          if (part !== "main") seen.set(member, (seen.get(member) ?? 0) + 1);
        }
      }
      seen.delete("me");
      assert.ok([...seen.values()].every((times) => times === 1));
      const mains = mode === "grid" ? 0 : mode === "speaker" ? 2 : 1;
      assert.equal(seen.size, 45 - mains);
    }
  });
}

test("lecture shows the chair by far the largest", () => {
  const { tiles } = arrange(request(15));
  assert.equal(tiles[0].member, "m0");
  assert.equal(tiles[0].part, "main");
  assert.ok(tiles[0].width > 4 * tiles[1].width);
  assert.equal(tiles.length, 16);
});

test("the chair's own page shows the speaker large", () => {
  const { tiles } = arrange(request(4, { chair: "me", speaker: "m2" }));
  assert.equal(tiles[0].member, "m2");
});

test("chair and speaker stand side by side", () => {
  const { tiles } = arrange(request(9, { mode: "speaker", speaker: "m3" }));
  assert.deepEqual(tiles.filter(({ part }) => part === "main").map(({ member }) => member), ["m0", "m3"]);
});

test("a shared screen takes the large place and its camera a small one", () => {
  const { tiles } = arrange(request(4, { screens: ["m2"] }));
  assert.deepEqual([tiles[0].member, tiles[0].source], ["m2", "screen"]);
  assert.ok(tiles.some((tile) => tile.member === "m2" && tile.source === "camera"));
});

test("beside a shared screen whoever speaks comes first", () => {
  const lecture = arrange(request(4, { screens: ["m2"], speaker: "m3" }));
  assert.equal(lecture.tiles[1].member, "m3");
  const { tiles } = arrange(request(4, { mode: "speaker", screens: ["m2"], speaker: "m3" }));
  assert.deepEqual(
    tiles.filter(({ part }) => part === "main").map(({ member, source }) => [member, source]),
    [["m2", "screen"], ["m3", "camera"]],
  );
  const silent = arrange(request(4, { mode: "speaker", screens: ["m2"], speaker: null }));
  assert.deepEqual(silent.tiles.slice(0, 2).map(({ member }) => member), ["m2", "m0"]);
});

test("a focus that is gone gives way to the chair", () => {
  const { tiles } = arrange(request(3, { mode: "single", focus: "gone" }));
  assert.deepEqual(tiles.map(({ member }) => member), ["m0"]);
});

test("alone, we see ourselves", () => {
  const { tiles } = arrange(request(0));
  assert.deepEqual(tiles.map(({ member }) => member), ["me"]);
});

test("a page beyond the last is the last", () => {
  const { page, pages } = arrange(request(45, { width: 374, height: 728, page: 99 }));
  assert.equal(page, pages - 1);
});

test("four tiles on a laptop make two rows of two", () => {
  assert.equal(bestColumns(4, 1342, 640), 2);
  assert.equal(bestColumns(4, 374, 728), 1);
});

test("a telephone held upright is filled by few tiles, and the main picture stays as wide as it", () => {
  for (const count of [1, 2, 3, 5]) {
    const { tiles } = arrange(request(count, { width: 374, height: 640 }));
    const used = tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0) / (374 * 640);
    assert.ok(used > 0.6, `${count}: ${used.toFixed(2)}`);
    assert.ok(tiles[0].width >= 373);
    assert.equal(tiles.length, count + 1);
  }
});
