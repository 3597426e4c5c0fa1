import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { begin, countTrouble, isNarrowed, newlyTroubled, project, queryOf, TROUBLE, update } from "../../web/static/js/board/state.js";

const TROUBLED = ["lost", "poor", "fair", "missing"];
let position = 0;
const row = (id, standing, group = "huyen", folded = id) => ({
  id, group, standing, folded, name: id, code: id, unit: "", word: standing, meeting: "", since: "", notes: "",
  trouble: TROUBLED.includes(standing), position: (position += 1), cells: {}, marks: {},
});
const group = (id, counts) => ({ id, name: id, level: "", total: 3, counts });
const ROWS = [row("tinh", "good", "tinh"), row("a", "poor", "huyen", "xa cha nua"), row("b", "good", "huyen", "xa si pa phin"), row("c", "lost", "huyen", "xa cha to")];
const BOARD = begin({
  at: "12:00", full: true, total: 4, cut: 0, counts: { good: 2, poor: 1, lost: 1 },
  groups: [group("tinh", { good: 1 }), group("huyen", { good: 1, poor: 1, lost: 1 })], rows: ROWS,
});
const asked = (more = {}) => ({ state: "", sought: "", opened: new Set(["huyen"]), ...more });
const shape = (sections) => sections.map(({ key, rows }) => [key, rows && rows.map(({ id }) => id)]);

test("trouble stands first, worst first; then the groups, closed ones without rows", () => {
  assert.deepEqual(shape(project(BOARD, asked())), [
    [TROUBLE, ["c", "a"]],
    ["tinh", null],
    ["huyen", ["a", "b", "c"]],
  ]);
});

test("narrowed, only groups with a match are there, open", () => {
  assert.deepEqual(shape(project(BOARD, asked({ state: "good" }))), [["tinh", ["tinh"]], ["huyen", ["b"]]]);
  assert.deepEqual(shape(project(BOARD, asked({ sought: "Chà  NƯA" }))), [["huyen", ["a"]]]);
  assert.deepEqual(shape(project(BOARD, asked({ sought: "cha", state: "lost" }))), [["huyen", ["c"]]]);
  assert.deepEqual(project(BOARD, asked({ sought: "khong co" })), []);
  assert.equal(isNarrowed(asked({ sought: "  " })), false);
});

test("an update changes rows and counts, forgets who went, and leaves the old board alone", () => {
  const now = update(BOARD, {
    at: "12:01", cut: 2, counts: { good: 3 }, groups: { huyen: { good: 2 } },
    rows: [{ ...ROWS[1], standing: "good", trouble: false }], gone: ["c"],
  });
  assert.deepEqual(shape(project(now, asked())), [[TROUBLE, []], ["tinh", null], ["huyen", ["a", "b"]]]);
  assert.deepEqual(now.groups.map(({ counts }) => counts), [{ good: 1 }, { good: 2 }]);
  assert.equal(now.cut, 2);
  assert.equal(BOARD.rows.size, 4);
});

test("what is said aloud is who got worse, worst first, and not who was there before", () => {
  const now = update(BOARD, {
    at: "", cut: 0, counts: {}, groups: {}, gone: [],
    rows: [
      { ...ROWS[0], standing: "fair", trouble: true },
      { ...ROWS[1], standing: "lost" },
      { ...ROWS[3], standing: "poor" },
      row("new", "lost"),
    ],
  });
  assert.deepEqual(newlyTroubled(BOARD, now).map(({ id }) => id), ["a", "tinh"]);
});

test("trouble is counted over the whole board, not over the rows that are here", () => {
  assert.equal(countTrouble({ lost: 1, missing: 2, awaited: 5, good: 9 }), 3);
});

test("the address holds what was asked for and nothing else", () => {
  assert.equal(queryOf("", asked(), false), "");
  assert.equal(queryOf("u1", asked({ state: "poor", sought: " chà " }), false), "?unit=u1&state=poor&q=ch%C3%A0");
  assert.equal(queryOf("", asked({ opened: new Set(["b", "a"]) }), true), "?open=a%2Cb");
  assert.equal(queryOf("", asked({ opened: new Set() }), true), "?open=");
});

test("the order of standings and what counts as trouble are the server's", () => {
  const python = readFileSync(new URL("../../monitoring/overview.py", import.meta.url), "utf-8");
  const listed = (name) => [...python.split(`${name}: `)[1].split("\n\n")[0].matchAll(/"(\w+)"/g)].map((found) => found[1]);
  const standings = listed("STANDINGS");
  const all = begin({ ...BOARD, rows: standings.map((standing) => row(standing, standing)), groups: [] });
  assert.deepEqual(project(all, asked())[0].rows.map(({ id }) => id), ["lost", "poor", "fair", "missing"]);
  assert.deepEqual(standings.slice(0, 4), ["lost", "poor", "fair", "missing"]);
  assert.equal(countTrouble(Object.fromEntries(standings.map((name) => [name, 1]))), 4);
});
