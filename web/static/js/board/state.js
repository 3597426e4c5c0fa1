/** What the board knows and what of it is shown. Pure. */

import { fold } from "../fold.js";

/** @typedef {"lost" | "poor" | "fair" | "missing" | "awaited" | "good" | "absent"} Standing */
/** @typedef {Readonly<Partial<Record<Standing, number>>>} Counts */
/**
 * A site's line: `Row` of web/pages/board/rows.py.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} code
 * @property {string} name
 * @property {string} unit
 * @property {string} group
 * @property {number} position
 * @property {string} folded
 * @property {Standing} standing
 * @property {string} word
 * @property {boolean} trouble
 * @property {string} meeting
 * @property {string} since
 * @property {string} notes
 * @property {Record<string, string>} cells
 * @property {Record<string, string>} marks
 */
/** @typedef {{id: string, name: string, level: string, total: number, counts: Counts}} Group */
/** @typedef {{at: string, full: boolean, total: number, counts: Counts, groups: Group[], rows: Row[], cut: number}} Snapshot */
/** @typedef {{at: string, counts: Counts, groups: Record<string, Counts>, rows: Row[], gone: string[], cut: number}} Update */
/**
 * @typedef {object} Board
 * @property {boolean} full all rows are here, so narrowing is done here
 * @property {number} total
 * @property {Counts} counts
 * @property {readonly Group[]} groups
 * @property {ReadonlyMap<string, Row>} rows
 * @property {number} cut rows that were found and did not fit
 */
/** @typedef {{state: Standing | "", sought: string, opened: ReadonlySet<string>}} Asked */
/**
 * One part of the table: `rows` is null where a group is closed.
 *
 * @typedef {{key: string, group: Group | null, rows: readonly Row[] | null}} Section
 */

export const TROUBLE = "trouble";
/** @type {readonly Standing[]} worst first */
const STANDINGS = ["lost", "poor", "fair", "missing", "awaited", "good", "absent"];
const TROUBLED = STANDINGS.slice(0, 4);
// As on the server: more cannot be called up.
const MAX_TROUBLE = 200;

/** @param {Snapshot} told @returns {Board} */
export function begin(told) {
  const { full, total, counts, groups, cut } = told;
  return { full, total, counts, groups, cut, rows: new Map(told.rows.map((row) => [row.id, row])) };
}

/** @param {Board} board @param {Update} told @returns {Board} */
export function update(board, told) {
  const rows = new Map(board.rows);
  for (const row of told.rows) rows.set(row.id, row);
  for (const id of told.gone) rows.delete(id);
  const groups = board.groups.map((group) => ({
    ...group,
    counts: told.groups[group.id] ?? group.counts,
  }));
  return { ...board, counts: told.counts, cut: told.cut, groups, rows };
}

/** @param {Counts} counts */
export function countTrouble(counts) {
  return TROUBLED.reduce((sum, standing) => sum + (counts[standing] ?? 0), 0);
}

/** @param {Asked} asked */
export function isNarrowed(asked) {
  return asked.state !== "" || fold(asked.sought) !== "";
}

/**
 * The parts of the table in order. Narrowed, there are only the groups with a match, open.
 *
 * @param {Board} board
 * @param {Asked} asked
 * @returns {Section[]}
 */
export function project(board, asked) {
  const narrowed = isNarrowed(asked);
  const words = fold(asked.sought).split(" ").filter(Boolean);
  const rows = [...board.rows.values()].filter(
    (row) =>
      (!asked.state || row.standing === asked.state) &&
      words.every((word) => row.folded.includes(word)),
  );
  rows.sort((one, other) => one.position - other.position);
  /** @type {Map<string, Row[]>} */
  const byGroup = new Map();
  for (const row of rows) {
    const found = byGroup.get(row.group);
    if (found) found.push(row);
    else byGroup.set(row.group, [row]);
  }
  /** @type {Section[]} */
  const sections = board.groups.map((group) => ({
    key: group.id,
    group,
    rows: narrowed || asked.opened.has(group.id) ? (byGroup.get(group.id) ?? []) : null,
  }));
  if (narrowed) return sections.filter((section) => section.rows?.length);
  const trouble = rows.filter((row) => row.trouble).sort(byStanding).slice(0, MAX_TROUBLE);
  return [{ key: TROUBLE, group: null, rows: trouble }, ...sections];
}

/** @param {Row} one @param {Row} other */
function byStanding(one, other) {
  return (
    STANDINGS.indexOf(one.standing) - STANDINGS.indexOf(other.standing) ||
    one.position - other.position
  );
}

/**
 * Sites whose standing became one to act on, for being said aloud.
 *
 * @param {Board} before
 * @param {Board} now
 * @returns {Row[]} worst first
 */
export function newlyTroubled(before, now) {
  const found = [...now.rows.values()].filter((row) => {
    const was = before.rows.get(row.id)?.standing;
    return row.trouble && was !== undefined && worse(row.standing, was);
  });
  return found.sort(byStanding);
}

/** @param {Standing} standing @param {Standing} than */
function worse(standing, than) {
  return STANDINGS.indexOf(standing) < STANDINGS.indexOf(than);
}

/**
 * The page's own address, and the part of the stream's that narrows a large board.
 *
 * @param {string} unit id, or empty for the viewer's own
 * @param {Asked} asked
 * @param {boolean} withOpened
 */
export function queryOf(unit, asked, withOpened) {
  const query = new URLSearchParams();
  if (unit) query.set("unit", unit);
  if (asked.state) query.set("state", asked.state);
  if (asked.sought.trim()) query.set("q", asked.sought.trim());
  if (withOpened) query.set("open", [...asked.opened].sort().join(","));
  const text = query.toString();
  return text && `?${text}`;
}
