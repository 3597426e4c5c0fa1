/** The table of the board: brings what stands in the document to what should be shown. */

import { setData, setText, swapIcon, make, icon } from "../room/dom.js";
import { language, t, tn } from "../i18n.js";
import { countTrouble, TROUBLE } from "./state.js";

/** @typedef {import("./state.js").Row} Row */
/** @typedef {import("./state.js").Section} Section */
/** @typedef {import("./state.js").Standing} Standing */
/** @typedef {import("./state.js").Counts} Counts */
/** @typedef {{key: Standing, word: string, icon: string}} Kind */

const COLUMNS = 10;

export class Table {
  #table;
  #rowPattern;
  #groupPattern;
  #kinds;
  #unit;

  /**
   * @param {HTMLTableElement} table
   * @param {HTMLTemplateElement} rowPattern
   * @param {HTMLTemplateElement} groupPattern
   * @param {readonly Kind[]} kinds
   * @param {string} unit the scope's own, which is not seen "by itself" again
   */
  constructor(table, rowPattern, groupPattern, kinds, unit) {
    this.#table = table;
    this.#rowPattern = rowPattern;
    this.#groupPattern = groupPattern;
    this.#kinds = new Map(kinds.map((kind) => [kind.key, kind]));
    this.#unit = unit;
  }

  /**
   * @param {readonly Section[]} sections
   * @param {Counts} counts
   * @param {boolean} foldable whether groups can be opened and closed
   */
  show(sections, counts, foldable) {
    const old = new Map([...this.#table.tBodies].map((body) => [body.dataset.section, body]));
    const bodies = sections.map((section) => {
      const body = old.get(section.key) ?? make("tbody", section.key === TROUBLE ? "trouble-part" : "");
      setData(body, "section", section.key);
      const head = section.group
        ? this.#groupHead(body.rows[0], section, foldable)
        : this.#troubleHead(body.rows[0], countTrouble(counts));
      arrange(body, [head, ...this.#rows(body, section.rows ?? [])]);
      return body;
    });
    for (const body of [...this.#table.tBodies]) if (!bodies.includes(body)) body.remove();
    bodies.forEach((body, at) => {
      if (this.#table.tBodies[at] !== body) this.#table.insertBefore(body, this.#table.tBodies[at] ?? null);
    });
  }

  /** @param {HTMLTableSectionElement} body @param {readonly Row[]} rows */
  #rows(body, rows) {
    const old = new Map([...body.rows].map((row) => [row.dataset.site, row]));
    return rows.map((row) => this.#row(old.get(row.id), row));
  }

  /** @param {HTMLTableRowElement | undefined} old @param {Row} row */
  #row(old, row) {
    const made = old ?? clone(this.#rowPattern);
    if (!made.classList.contains(`is-${row.standing}`)) {
      for (const kind of this.#kinds.keys()) made.classList.toggle(`is-${kind}`, kind === row.standing);
      if (old) mark(made);
    }
    setData(made, "site", row.id);
    const state = made.querySelector("[data-state]");
    if (state) {
      state.setAttribute("class", `state state-${row.standing}`);
      swapIcon(state, this.#kinds.get(row.standing)?.icon ?? "circle-dashed");
    }
    for (const name of /** @type {const} */ (["word", "since", "name", "unit", "notes", "meeting"])) {
      setText(part(made, name), row[name]);
    }
    part(made, "name").setAttribute("href", `/board/sites/${encodeURIComponent(row.id)}`);
    for (const cell of made.querySelectorAll("[data-cell]")) {
      if (!(cell instanceof HTMLElement)) continue;
      const name = cell.dataset["cell"] ?? "";
      setText(cell, row.cells[name] ?? "–");
      const found = row.marks[name];
      if (found) setData(cell, "mark", found);
      else delete cell.dataset["mark"];
    }
    return made;
  }

  /** @param {HTMLTableRowElement | undefined} old @param {Section} section @param {boolean} foldable */
  #groupHead(old, section, foldable) {
    const head = old ?? clone(this.#groupPattern);
    const group = section.group;
    if (!group) return head;
    const toggle = part(head, "toggle");
    toggle.dataset["toggle"] = group.id;
    toggle.setAttribute("aria-expanded", String(section.rows !== null));
    if (foldable) toggle.setAttribute("href", `#${group.id}`);
    else toggle.removeAttribute("href");
    setText(part(head, "name"), group.name);
    setText(part(head, "total"), tn("%(num)s điểm cầu", group.total, { num: group.total.toLocaleString(language()) }));
    this.#tally(part(head, "tally"), group.counts);
    const own = part(head, "own");
    own.hidden = group.id === this.#unit;
    own.setAttribute("href", `/board?unit=${encodeURIComponent(group.id)}`);
    return head;
  }

  /** @param {HTMLElement} holder @param {Counts} counts */
  #tally(holder, counts) {
    const kinds = [...this.#kinds.values()].filter((kind) => counts[kind.key]);
    const key = kinds.map((kind) => `${kind.key}${counts[kind.key]}`).join();
    if (holder.dataset["told"] === key) return;
    holder.dataset["told"] = key;
    holder.replaceChildren(
      ...kinds.map((kind) =>
        make(
          "span",
          `tally state-${kind.key}`,
          icon(kind.icon),
          make("b", "", String(counts[kind.key])),
          ` ${kind.word}`,
        ),
      ),
    );
  }

  /** @param {HTMLTableRowElement | undefined} old @param {number} count */
  #troubleHead(old, count) {
    const head = old ?? make("tr", "");
    if (head.dataset["told"] === String(count)) return head;
    head.dataset["told"] = String(count);
    head.className = count ? "trouble-head" : "trouble-head trouble-none";
    const cell = make("th", "");
    cell.colSpan = COLUMNS;
    cell.scope = "rowgroup";
    if (count) cell.append(t("Cần xử lý"), " ", make("span", "trouble-number", String(count)));
    else cell.append(icon("circle-check"), t("Không điểm cầu nào cần xử lý"));
    head.replaceChildren(cell);
    return head;
  }
}

/** Show for a moment that a row has changed. @param {HTMLElement} row */
function mark(row) {
  row.classList.remove("just-changed");
  void row.offsetWidth; // lets the animation begin anew
  row.classList.add("just-changed");
}

/**
 * Bring rows in order, touching only those that are out of place, so that neither the eye nor
 * the keyboard loses its row.
 *
 * @param {HTMLTableSectionElement} body
 * @param {HTMLTableRowElement[]} rows
 */
function arrange(body, rows) {
  const kept = new Set(rows);
  for (const row of [...body.rows]) if (!kept.has(row)) row.remove();
  rows.forEach((row, at) => {
    if (body.rows[at] !== row) body.insertBefore(row, body.rows[at] ?? null);
  });
}

/** @param {HTMLTemplateElement} pattern @returns {HTMLTableRowElement} */
function clone(pattern) {
  const row = pattern.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLTableRowElement)) throw new Error(`no row in #${pattern.id}`);
  return row;
}

/** @param {HTMLElement} holder @param {string} name @returns {HTMLElement} */
function part(holder, name) {
  const found = holder.querySelector(`[data-f="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`no part ${name}`);
  return found;
}
