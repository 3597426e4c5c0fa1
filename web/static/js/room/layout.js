/**
 * Where each tile goes. Pure: a list of members, a mode and a box of pixels in; rectangles out,
 * most important first, never overlapping, never outside the box.
 */

/** @import {LayoutMode} from "./messages.js" */
import { bestColumns, cells, fitted, GAP, place, RATIO } from "./geometry.js";
import { MAX_TILES } from "./messages.js";

/**
 * @typedef {object} Placed
 * @property {string} member
 * @property {"camera" | "screen"} source
 * @property {"main" | "side" | "grid"} part
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */
/** @typedef {{tiles: Placed[], page: number, pages: number}} Arrangement */

/**
 * @typedef {object} Request
 * @property {LayoutMode} mode
 * @property {string | null} focus
 * @property {string | null} chair
 * @property {string | null} speaker
 * @property {string} self
 * @property {boolean} selfShown our own tile takes a place
 * @property {string[]} members others in the room who have a tile, in order
 * @property {string[]} screens members who share a screen
 * @property {number} width CSS pixels
 * @property {number} height CSS pixels
 * @property {number} page
 */

/** @typedef {{member: string, source: "camera" | "screen"}} Item */

/** Narrower than this a name cannot be read: three stand side by side on a telephone. */
const MIN_WIDTH = 112;
/** Beside a large picture there is room for a little more. */
const MIN_SIDE_WIDTH = 126;
/** Wider, a few small tiles take from the main picture what they do not need. */
const SIDE_WIDTH = 208;
/** Shares of the box that small tiles may take. */
const MOST_BESIDE = 0.42;
const MOST_BELOW = 0.62;

/** @param {Request} request @returns {Arrangement} */
export function arrange(request) {
  const main = mainItems(request);
  const taken = new Set(main.map((item) => item.member + item.source));
  const others = besideScreen(request)
    .filter((member) => !taken.has(`${member}camera`))
    .map(camera);
  const own = request.selfShown && !taken.has(`${request.self}camera`) ? [camera(request.self)] : [];
  if (request.mode === "single" && main.length) return onlyMain(main, request);
  return main.length ? withSide(main, others, own, request) : grid(others, own, request);
}

/** With a screen in the large place, who speaks is the first beside it. @param {Request} request */
function besideScreen({ members, screens, speaker }) {
  if (!screens.length || speaker === null || !members.includes(speaker)) return members;
  return [speaker, ...members.filter((member) => member !== speaker)];
}

/** @param {string} member @returns {Item} */
const camera = (member) => ({ member, source: "camera" });

/**
 * @param {Request} request
 * @returns {Item[]}
 */
function mainItems(request) {
  const here = (/** @type {string | null} */ member) =>
    member !== null && request.members.includes(member) ? member : null;
  const screen = request.screens[0];
  const screenItem = screen ? [/** @type {Item} */ ({ member: screen, source: "screen" })] : [];
  const first = here(request.chair) ?? here(request.speaker) ?? request.members[0] ?? null;
  switch (request.mode) {
    case "single": {
      const focus = request.focus === request.self ? request.self : here(request.focus);
      return focus ? [camera(focus)] : first ? [camera(first)] : [];
    }
    case "speaker": {
      const second = here(request.speaker);
      const both = screen && second ? [second] : [first, second === first ? null : second];
      return [...screenItem, ...both.filter((member) => member !== null).map(camera)].slice(0, 2);
    }
    case "lecture":
      return screenItem.length ? screenItem : first ? [camera(first)] : [];
    default:
      return screenItem;
  }
}

/**
 * @param {Item[]} main
 * @param {Request} request
 * @returns {Arrangement}
 */
function onlyMain(main, { width, height }) {
  return { tiles: place(main, "main", 0, 0, width, height, 1), page: 0, pages: 1 };
}

/**
 * Main tiles left or on top, the others beside or below: of the ways that hold everybody at a
 * legible size, the one with the largest main picture.
 *
 * @param {Item[]} main
 * @param {Item[]} others
 * @param {Item[]} own
 * @param {Request} request
 * @returns {Arrangement}
 */
function withSide(main, others, own, request) {
  const { width, height } = request;
  const count = others.length + own.length;
  if (count === 0) return onlyMain(main, request);
  const strip = bestStrip(main.length, count, width, height);
  const { items, page, pages } = paged(others, own, strip.capacity, request.page, main.length);
  const tiles = strip.beside
    ? [
        ...place(main, "main", 0, 0, width - strip.size - GAP, height, 1),
        ...cells(items, width - strip.size, 0, strip.size, height, strip),
      ]
    : stacked(main, items, strip, width, height);
  return { tiles, page, pages };
}

/**
 * Main tiles with the others right under them, both together in the middle of the box.
 *
 * @param {Item[]} main
 * @param {Item[]} items
 * @param {Strip} strip
 * @param {number} width
 * @param {number} height
 */
function stacked(main, items, strip, width, height) {
  const upper = height - strip.size - GAP;
  const across = bestColumns(main.length, width, upper);
  const rows = Math.ceil(main.length / across);
  const mainTile = fitted(main.length, across, width, upper);
  const used = Math.min(upper, Math.floor((rows * mainTile) / RATIO + GAP * (rows - 1)));
  const top = Math.floor((upper - used) / 2);
  return [
    ...place(main, "main", 0, top, width, used, 1),
    ...cells(items, 0, top + used + GAP, width, strip.size, strip),
  ];
}

/**
 * @typedef {object} Strip where the small tiles go
 * @property {boolean} beside at the right; otherwise below
 * @property {number} size its width (beside) or height (below)
 * @property {number} columns
 * @property {number} capacity
 * @property {number} tileWidth
 */

/**
 * @param {number} mains
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Strip}
 */
function bestStrip(mains, count, width, height) {
  const all = [1, 2, 3, 4, 5, 6].flatMap((lanes) => [
    ...sideStrip(lanes, count, width, height),
    ...lowerStrip(lanes, mains, count, width, height),
  ]);
  const score = (/** @type {Strip} */ { beside, size, capacity, tileWidth }) => {
    const main = beside
      ? mainWidth(mains, width - size - GAP, height)
      : mainWidth(mains, width, height - size - GAP);
    // Turning pages costs more than any size of the main picture brings.
    return Math.min(count, capacity) * 100_000 + main + tileWidth / 1000;
  };
  const none = { beside: true, size: MIN_WIDTH, columns: 1, capacity: 1, tileWidth: MIN_WIDTH };
  return all.reduce((best, strip) => (score(strip) > score(best) ? strip : best), all[0] ?? none);
}

/**
 * @param {number} mains
 * @param {number} width
 * @param {number} height
 */
function mainWidth(mains, width, height) {
  return fitted(mains, bestColumns(mains, width, height), width, height);
}

/** Of main tiles one above the other, each as wide as the box. @param {number} mains @param {number} width */
function mainHeight(mains, width) {
  return mains * Math.ceil(width / RATIO) + GAP * (mains - 1);
}

/**
 * @param {number} columns
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Strip[]} none if it would take too much
 */
function sideStrip(columns, count, width, height) {
  const rows = Math.min(Math.ceil(count / columns), rowsIn(height, MIN_SIDE_WIDTH));
  const byHeight = ((height - GAP * (rows - 1)) / rows) * RATIO;
  const tileWidth = Math.floor(Math.min(SIDE_WIDTH - 20 * (columns - 1), byHeight));
  const size = columns * tileWidth + GAP * (columns - 1);
  if (rows < 1 || tileWidth < MIN_WIDTH || size > width * MOST_BESIDE) return [];
  return [{ beside: true, size, columns, capacity: columns * rows, tileWidth }];
}

/**
 * @param {number} rows
 * @param {number} mains
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Strip[]}
 */
function lowerStrip(rows, mains, count, width, height) {
  const most = Math.max(1, Math.floor((width + GAP) / (MIN_WIDTH + GAP)));
  const columns = Math.min(Math.ceil(count / rows), most);
  const share = (width - GAP * (columns - 1)) / columns;
  // On a telephone held upright the main picture is as wide as the screen and leaves half of it
  // empty: the others grow into that, as long as they take nothing from it.
  const free = height - mainHeight(mains, width) - GAP * rows;
  const widest = Math.max(SIDE_WIDTH, (free / rows) * RATIO);
  const tileWidth = Math.floor(Math.min(widest, share));
  const size = Math.ceil(rows * (tileWidth / RATIO) + GAP * (rows - 1));
  const isGrown = tileWidth > SIDE_WIDTH;
  if (tileWidth < MIN_WIDTH || (!isGrown && size > height * MOST_BELOW)) return [];
  return [{ beside: false, size, columns, capacity: columns * rows, tileWidth }];
}

/**
 * @param {number} height
 * @param {number} tileWidth
 */
function rowsIn(height, tileWidth) {
  return Math.floor((height + GAP) / (tileWidth / RATIO + GAP));
}

/**
 * @param {Item[]} others
 * @param {Item[]} own
 * @param {Request} request
 * @returns {Arrangement}
 */
function grid(others, own, request) {
  const { width, height } = request;
  const columns = Math.max(1, Math.floor((width + GAP) / (MIN_WIDTH + GAP)));
  const rows = Math.max(1, Math.floor((height + GAP) / (MIN_WIDTH / RATIO + GAP)));
  const { items, page, pages } = paged(others, own, columns * rows, request.page, 0);
  return { tiles: place(items, "grid", 0, 0, width, height, bestColumns(items.length, width, height)), page, pages };
}

/**
 * One page of the others; our own tile has a place on every page.
 *
 * @param {Item[]} others
 * @param {Item[]} own
 * @param {number} capacity
 * @param {number} wanted
 * @param {number} mains
 */
function paged(others, own, capacity, wanted, mains) {
  // Our own picture comes from the camera, not from the hub: it takes none of its slots.
  const size = Math.max(1, Math.min(capacity - own.length, MAX_TILES - mains));
  const pages = Math.max(1, Math.ceil(others.length / size));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  const items = [...others.slice(page * size, (page + 1) * size), ...own];
  return { items, page, pages };
}
