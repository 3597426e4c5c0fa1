// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  boxState,
  chosenByLevel,
  isInReach,
  isLevelChosen,
  isLoaded,
  reduce,
  shortName,
  startPicking,
  tally,
} from "../../web/static/js/picker-state.js";

const levels = [
  { id: "commune", name: "Xã", rank: 4 },
  { id: "province", name: "Tỉnh", rank: 2 },
  { id: "district", name: "Huyện", rank: 3 },
];

/**
 * @param {string} id
 * @param {string | null} parent
 * @param {string} level
 * @param {number} kids
 * @param {Record<string, number>} below
 */
const unit = (id, parent, level, kids, below) => ({
  id,
  parent,
  level,
  kids,
  below,
  name: `Tên ${id}`,
  sites: [{ id: `s-${id}`, code: id, name: `Phòng họp ${id}` }],
});

const province = unit("p", null, "province", 2, { province: 1, district: 2, commune: 3 });
const districts = [
  unit("d1", "p", "district", 2, { district: 1, commune: 2 }),
  unit("d2", "p", "district", 1, { district: 1, commune: 1 }),
];
const communes = [
  unit("c1", "d1", "commune", 0, { commune: 1 }),
  unit("c2", "d1", "commune", 0, { commune: 1 }),
  unit("c3", "d2", "commune", 0, { commune: 1 }),
];

/** @param {Partial<Parameters<typeof startPicking>[0]>} [changes] */
const start = (changes = {}) =>
  startPicking({ host: "p", hostPath: ["p"], levels, limit: 100, chosen: [], ...changes });

/** @param {Partial<Parameters<typeof startPicking>[0]>} [changes] */
const whole = (changes = {}) =>
  reduce(start(changes), { type: "loaded", units: [province, ...districts, ...communes] });

test("a saved list adds its sites to those chosen, or none beyond the limit", () => {
  const site = (/** @type {string} */ id) => ({
    id, code: id, name: id, level: "commune", unitId: `u-${id}`, unitName: id, path: ["p", `u-${id}`],
  });
  const start = startPicking({ host: "p", hostPath: ["p"], levels, limit: 2, chosen: [site("a")] });
  const two = reduce(start, { type: "add", sites: [site("a"), site("b")] });
  assert.deepEqual([...two.chosen.keys()], ["a", "b"]);
  const three = reduce(two, { type: "add", sites: [site("c")] });
  assert.deepEqual([[...three.chosen.keys()], three.refused], [["a", "b"], 3]);
});

test("a whole subtree is chosen in one step", () => {
  const state = reduce(whole(), { type: "below", unit: "d1", level: null, on: true });
  assert.deepEqual([...state.chosen.keys()], ["s-d1", "s-c1", "s-c2"]);
});

test("a whole level below a unit is chosen without the unit itself", () => {
  const state = reduce(whole(), { type: "below", unit: "d1", level: "commune", on: true });
  assert.deepEqual([...state.chosen.keys()], ["s-c1", "s-c2"]);
  assert.ok(isLevelChosen(state, "d1", "commune"));
  assert.ok(!isLevelChosen(state, "p", "commune"));
});

test("boxes above a choice are mixed, the box of a full subtree is on", () => {
  const state = reduce(whole(), { type: "below", unit: "d1", level: null, on: true });
  const counts = tally(state);
  assert.equal(boxState(province, counts.get("p") ?? 0), "some");
  assert.equal(boxState(/** @type {any} */ (districts[0]), counts.get("d1") ?? 0), "all");
  assert.equal(boxState(/** @type {any} */ (districts[1]), counts.get("d2") ?? 0), "none");
});

test("taking one site out of a full subtree leaves it mixed", () => {
  let state = reduce(whole(), { type: "below", unit: "d1", level: null, on: true });
  state = reduce(state, { type: "site", unit: "c1", site: "s-c1", on: false });
  assert.equal(boxState(/** @type {any} */ (districts[0]), tally(state).get("d1") ?? 0), "some");
});

test("sites chosen before their units were loaded still colour the boxes", () => {
  const chosen = ["c1", "c2", "d1"].map((id) => ({
    id: `s-${id}`,
    code: id,
    name: id,
    level: id === "d1" ? "district" : "commune",
    unitId: id,
    unitName: id,
    path: id === "d1" ? ["p", "d1"] : ["p", "d1", id],
  }));
  const state = reduce(start({ chosen }), { type: "loaded", units: [province, ...districts] });
  assert.equal(boxState(/** @type {any} */ (districts[0]), tally(state).get("d1") ?? 0), "all");
});

test("a subtree that is not loaded yet says so, level by level", () => {
  const state = reduce(start(), { type: "loaded", units: [province, ...districts] });
  assert.ok(!isLoaded(state, "p", null));
  assert.ok(!isLoaded(state, "p", "commune"));
  assert.ok(isLoaded(state, "p", "district"));
});

test("loading the same units twice does not list a child twice", () => {
  const state = reduce(whole(), { type: "loaded", units: [province, ...districts] });
  assert.deepEqual(state.children.get("p"), ["d1", "d2"]);
});

test("a choice beyond the limit changes nothing and says how many it would be", () => {
  const before = reduce(whole({ limit: 3 }), { type: "site", unit: "c3", site: "s-c3", on: true });
  const after = reduce(before, { type: "below", unit: "d1", level: null, on: true });
  assert.equal(after.refused, 4);
  assert.deepEqual([...after.chosen.keys()], ["s-c3"]);
  assert.equal(reduce(after, { type: "remove", site: "s-c3" }).refused, 0);
});

test("chosen sites are grouped by level, highest first", () => {
  const state = reduce(whole(), { type: "below", unit: "p", level: null, on: true });
  const groups = chosenByLevel(state).map(({ level, sites }) => [level.id, sites.length]);
  assert.deepEqual(groups, [
    ["province", 1],
    ["district", 2],
    ["commune", 3],
  ]);
});

test("a site of an upper level is in reach of a district, a neighbour's is not", () => {
  let state = whole({ host: "d1", hostPath: ["p", "d1"] });
  state = reduce(state, { type: "below", unit: "p", level: null, on: true });
  const reach = [...state.chosen.values()].filter((site) => isInReach(state, site));
  assert.deepEqual(reach.map((site) => site.id).sort(), ["s-c1", "s-c2", "s-d1", "s-p"]);
});

test("clearing and removing leave the tree as it is", () => {
  let state = reduce(whole(), { type: "below", unit: "p", level: null, on: true });
  state = reduce(state, { type: "remove", site: "s-c1" });
  assert.equal(state.chosen.size, 5);
  state = reduce(state, { type: "clear" });
  assert.equal(state.chosen.size, 0);
  assert.equal(state.units.size, 6);
});

test("a name drops the kind that its level already says", () => {
  assert.equal(shortName("Huyện Nậm Pồ", "Huyện"), "Nậm Pồ");
  assert.equal(shortName("Thị xã Mường Lay", "Huyện"), "Thị xã Mường Lay");
});

test("children found by a search first and loaded later come in order of name", () => {
  let state = reduce(start(), { type: "loaded", units: [province, ...districts.slice(1)] });
  assert.ok(!isLoaded(state, "p", "district"));
  state = reduce(state, { type: "loaded", units: [province, ...districts] });
  assert.deepEqual(state.children.get("p"), ["d1", "d2"]);
});
