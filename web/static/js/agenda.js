// @ts-check
// The agenda on the meeting form: rows that are added, removed and moved, with their times.

import { t } from "./i18n.js";
import { itemTimes, lengthOf } from "./times.js";

export class AgendaEditor {
  /**
   * @param {HTMLElement} root holds [data-rows], a template of a row, [data-add], [data-total]
   * @param {{start: () => string, end: () => string}} times of the meeting, "HH:MM"
   */
  constructor(root, times) {
    this.root = root;
    this.times = times;
    this.rows = /** @type {HTMLElement} */ (root.querySelector("[data-rows]"));
    this.template = /** @type {HTMLTemplateElement} */ (root.querySelector("template"));
    this.adder = /** @type {HTMLButtonElement} */ (root.querySelector("[data-add]"));
    this.total = /** @type {HTMLElement} */ (root.querySelector("[data-total]"));
    this.limit = Number(root.dataset.limit);
    root.classList.add("is-live");
    this.adder.hidden = false;
    for (const row of this.items().slice(1)) if (this.isBlank(row)) row.remove();
    this.adder.addEventListener("click", () => this.add());
    this.rows.addEventListener("click", (event) => this.onClick(event));
    this.rows.addEventListener("keydown", (event) => this.onKey(event));
    this.rows.addEventListener("input", () => this.refresh());
    this.refresh();
  }

  /** @returns {HTMLElement[]} */
  items() {
    return /** @type {HTMLElement[]} */ ([...this.rows.children]);
  }

  /** @param {HTMLElement} row @param {string} name @returns {HTMLInputElement} */
  field(row, name) {
    return /** @type {HTMLInputElement} */ (row.querySelector(`[name='agenda_${name}']`));
  }

  /** @param {HTMLElement} row */
  isBlank(row) {
    return ["title", "presenter", "minutes"].every((name) => !this.field(row, name).value.trim());
  }

  add() {
    const count = this.items().length;
    if (count >= this.limit) return;
    this.rows.append(this.template.content.cloneNode(true));
    this.refresh();
    const row = this.items().at(-1);
    if (row) this.field(row, "title").focus();
  }

  /** @param {Event} event */
  onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const row = button?.closest("[data-row]");
    if (!button || !(row instanceof HTMLElement)) return;
    const act = button.dataset.act;
    if (act === "up" || act === "down") {
      this.move(row, act);
      button.focus();
    }
    if (act === "remove") this.remove(row);
  }

  /** Enter adds a row instead of sending the form; Alt with an arrow moves it. @param {KeyboardEvent} event */
  onKey(event) {
    const row = event.target instanceof Element ? event.target.closest("[data-row]") : null;
    if (!(row instanceof HTMLElement) || !(event.target instanceof HTMLInputElement)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.add();
    }
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const held = event.target;
      this.move(row, event.key === "ArrowUp" ? "up" : "down");
      held.focus();
    }
  }

  /** @param {HTMLElement} row @param {"up" | "down"} where */
  move(row, where) {
    const other = where === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (where === "up") other.before(row);
    else other.after(row);
    this.refresh();
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (next instanceof HTMLElement) {
      row.remove();
      this.field(next, "title").focus();
    } else {
      for (const name of ["title", "presenter", "minutes"]) this.field(row, name).value = "";
      this.field(row, "title").focus();
    }
    this.refresh();
  }

  /** Numbers, times and the total, after any change. */
  refresh() {
    const rows = this.items();
    const lengths = rows.map((row) => Number(this.field(row, "minutes").value) || null);
    const starts = itemTimes(this.times.start(), lengths);
    rows.forEach((row, index) => {
      const set = (/** @type {string} */ key, /** @type {string} */ text) => {
        const place = row.querySelector(`[data-${key}]`);
        if (place) place.textContent = text;
      };
      set("number", `${index + 1}`);
      set("time", lengths.some((length) => length !== null) ? (starts[index] ?? "") : "");
      const up = /** @type {HTMLButtonElement} */ (row.querySelector("[data-act='up']"));
      const down = /** @type {HTMLButtonElement} */ (row.querySelector("[data-act='down']"));
      up.disabled = index === 0;
      down.disabled = index === rows.length - 1;
    });
    this.adder.disabled = rows.length >= this.limit;
    this.showTotal(lengths);
  }

  /** @param {(number | null)[]} lengths */
  showTotal(lengths) {
    const sum = lengths.reduce((/** @type {number} */ all, length) => all + (length ?? 0), 0);
    const room = lengthOf(this.times.start(), this.times.end());
    this.total.hidden = sum === 0;
    this.total.classList.toggle("is-over", room !== null && sum > room);
    this.total.textContent =
      room === null
        ? t("Tổng %(sum)s phút", { sum })
        : t("Tổng %(sum)s trên %(room)s phút", { sum, room });
  }
}
