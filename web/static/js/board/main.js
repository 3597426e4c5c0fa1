/** The link board: what is heard is kept, what is asked for is shown. */

import { byId } from "../room/dom.js";
import { language, t, tn } from "../i18n.js";
import { Drawer } from "./drawer.js";
import { Head } from "./head.js";
import { begin, isNarrowed, newlyTroubled, project, queryOf, update } from "./state.js";
import { BoardStream } from "./stream.js";
import { Table } from "./table.js";

/** @typedef {import("./state.js").Asked} Asked */
/** @typedef {import("./state.js").Board} Board */
/** @typedef {{unit: string, state: Asked["state"], sought: string, opened: string[], full: boolean, at: string, own: string, standings: import("./table.js").Kind[]}} Boot */

// A large board is asked anew for every search: after the typing, not during it.
const TYPING_MS = 300;

/** @type {Boot} */
const boot = JSON.parse(byId("boot", HTMLScriptElement).textContent ?? "");
/** @type {Asked} */
let asked = { state: boot.state, sought: boot.sought, opened: new Set(boot.opened) };
/** @type {Board | null} */
let board = null;
let full = boot.full;
// The address says which groups are open only once somebody opened or closed one.
let opensSaid = new URLSearchParams(location.search).has("open");

const head = new Head();
const drawer = new Drawer();
const found = document.querySelector("#board table");
const table =
  found instanceof HTMLTableElement
    ? new Table(
        found,
        byId("row-pattern", HTMLTemplateElement),
        byId("group-pattern", HTMLTemplateElement),
        boot.standings,
        boot.own,
      )
    : null;
const stream = new BoardStream(boot.at, take, (pulse) => head.showFeed(pulse));

/** @param {string} name @param {any} told */
function take(name, told) {
  const before = board;
  if (name === "snapshot") board = begin(told);
  else if (name === "rows" && board) board = update(board, told);
  if (!board) return;
  full = board.full;
  if (before) head.speak(newlyTroubled(before, board));
  show();
}

function show() {
  if (!board) return;
  const sections = project(board, asked);
  const narrowed = isNarrowed(asked);
  table?.show(sections, board.counts, !narrowed);
  head.showCounts(board, asked);
  byId("plain", HTMLElement).hidden = !narrowed;
  byId("total", HTMLElement).textContent = tn("%(num)s điểm cầu", board.total, { num: board.total.toLocaleString(language()) });
  if (!table) return;
  byId("nothing", HTMLElement).hidden = sections.length > 0;
  const cut = byId("cut", HTMLElement);
  cut.hidden = board.cut === 0;
  cut.textContent = t("Còn %(count)s điểm cầu nữa không hiện hết ở đây. Xin chọn một đơn vị hoặc tìm hẹp hơn.", {
    count: board.cut,
  });
}

function listen() {
  // A full board is told of everything and narrows it here.
  const query = full ? queryOf(boot.unit, { ...asked, state: "", sought: "" }, false) : queryOf(boot.unit, asked, true);
  stream.open(`/board/stream${query}`);
}

/** @param {Partial<Asked>} change */
function ask(change) {
  asked = { ...asked, ...change };
  history.replaceState(history.state, "", `/board${queryOf(boot.unit, asked, opensSaid)}${location.hash}`);
  show();
  if (!full) listen();
}

/** @param {string} group */
function toggle(group) {
  const opened = new Set(asked.opened);
  if (!opened.delete(group)) opened.add(group);
  opensSaid = true;
  ask({ opened });
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("a") : null;
  // Whoever wants a new tab gets the page of it.
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey || !board) return;
  const site = target.closest("tr")?.dataset["site"];
  const standing = target.dataset["standing"];
  if (site && target.dataset["f"] === "name") drawer.open(site, target);
  else if (target.dataset["toggle"] && !isNarrowed(asked)) toggle(target.dataset["toggle"]);
  else if (standing) ask({ state: standing === asked.state ? "" : /** @type {Asked["state"]} */ (standing) });
  else if (target.id === "plain") clear();
  else return;
  event.preventDefault();
});

const search = byId("search", HTMLFormElement);
const field = search.querySelector("input[type=search]");
let typing = 0;
search.querySelector("button")?.setAttribute("hidden", "");
search.addEventListener("submit", (event) => {
  if (!board) return;
  event.preventDefault();
  seek();
});
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(seek, full ? 0 : TYPING_MS);
});

function seek() {
  if (field instanceof HTMLInputElement && field.value !== asked.sought) ask({ sought: field.value });
}

function clear() {
  if (field instanceof HTMLInputElement) field.value = "";
  ask({ state: "", sought: "" });
}

listen();
