// @ts-check
// The sittings after the first on the meeting form: another one on the same day, or the next day as
// the last one; they go along when the meeting goes to another day.

import { DateField, timeField } from "./date-field.js";
import { addDays, readDay, readTime, writeDay } from "./dates.js";
import { language } from "./i18n.js";
import { weekdayOf } from "./repeat.js";
import { lengthOf, nameDate, readMinutes, writeMinutes } from "./times.js";

const DAY_MS = 86_400_000;
const FRIDAY = 4;
// After lunch, where the morning ended before.
const AFTERNOON = { start: "14:00", end: "17:00" };
const BREAK_MIN = 30;
const HOUR_MIN = 60;

/** @typedef {{date: string, start: string, end: string}} Times as they can be read, else "" */

/** The next day on which offices are open in most weeks. @param {string} iso @returns {string} */
export function nextDay(iso) {
  let next = addDays(iso, 1);
  while (weekdayOf(next) > FRIDAY) next = addDays(next, 1);
  return next;
}

/**
 * The sittings of the last day once more, on the next one.
 * @param {Times[]} all in order, the first one too @returns {Times[]}
 */
export function dayAfter(all) {
  const last = all.at(-1);
  if (!last?.date) return [];
  const next = nextDay(last.date);
  return all.filter(({ date }) => date === last.date).map((one) => ({ ...one, date: next }));
}

/** Another sitting on the day of the last one. @param {Times} last @returns {Times} */
export function sameDay(last) {
  const end = readMinutes(last.end);
  const lunch = readMinutes(AFTERNOON.start) ?? 0;
  if (end === null || end <= lunch) return { date: last.date, ...AFTERNOON };
  const start = end + BREAK_MIN;
  return { date: last.date, start: writeMinutes(start), end: writeMinutes(start + HOUR_MIN) };
}

/** By how many days one day is after another. @param {string} from @param {string} to @returns {number} */
export function daysBetween(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

export class Sittings {
  /**
   * @param {HTMLElement} root holds [data-rows], a template of a row, [data-add]
   * @param {{first: () => Times, onChange: () => void}} options `first`: the first sitting
   */
  constructor(root, { first, onChange }) {
    this.root = root;
    this.first = first;
    this.onChange = onChange;
    this.rows = /** @type {HTMLElement} */ (root.querySelector("[data-rows]"));
    this.template = /** @type {HTMLTemplateElement} */ (root.querySelector("template"));
    this.limit = Number(root.dataset.limit);
    this.adders = /** @type {HTMLElement} */ (root.querySelector("[data-add]"));
    this.adders.hidden = false;
    this.day = first().date;
    for (const row of this.items()) {
      if (!["date", "start", "end"].some((name) => this.field(row, name).value.trim())) row.remove();
      else this.#live(row);
    }
    root.addEventListener("click", (event) => this.#onClick(event));
    root.addEventListener("input", () => this.refresh());
    this.refresh();
  }

  /** @returns {HTMLElement[]} */
  items() {
    return /** @type {HTMLElement[]} */ ([...this.rows.children]);
  }

  /** @param {HTMLElement} row @param {string} name @returns {HTMLInputElement} */
  field(row, name) {
    return /** @type {HTMLInputElement} */ (row.querySelector(`[name='sitting_${name}']`));
  }

  /** @param {HTMLElement} row @returns {Times} */
  times(row) {
    const text = (/** @type {string} */ name) => this.field(row, name).value;
    return { date: readDay(text("date")), start: readTime(text("start")), end: readTime(text("end")) };
  }

  /** As the hub is asked: of each its begin and end. @returns {[string, string][]} */
  question() {
    return this.items().map((row) => {
      const { date, start, end } = this.times(row);
      return [`${date}T${start}`, `${date}T${end}`];
    });
  }

  /** The first sitting is on another day: the others go as far. */
  follow() {
    const { date } = this.first();
    if (!date || date === this.day) return;
    if (this.day) this.shift(daysBetween(this.day, date));
    this.day = date;
    this.refresh();
  }

  /** @param {number} days */
  shift(days) {
    for (const row of this.items()) {
      const { date } = this.times(row);
      if (date) this.field(row, "date").value = writeDay(addDays(date, days));
    }
  }

  refresh() {
    const full = this.items().length + 1 >= this.limit;
    for (const button of this.adders.querySelectorAll("button")) button.disabled = full;
    for (const row of this.items()) {
      const { date, start, end } = this.times(row);
      const said = /** @type {HTMLElement} */ (row.querySelector("[data-said]"));
      const named = nameDate(date, language());
      said.textContent = named && lengthOf(start, end) !== null ? named.weekday : "";
    }
  }

  /** @param {Event} event */
  #onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const all = [this.first(), ...this.items().map((row) => this.times(row))];
    const last = all.at(-1);
    if ("addDay" in button.dataset) this.#add(dayAfter(all));
    else if ("addSame" in button.dataset && last) this.#add([sameDay(last)]);
    else if ("remove" in button.dataset) {
      button.closest("[data-row]")?.remove();
      this.adders.querySelector("button")?.focus();
    } else return;
    this.refresh();
    this.onChange();
  }

  /** @param {Times[]} wanted */
  #add(wanted) {
    const room = this.limit - 1 - this.items().length;
    for (const { date, start, end } of wanted.slice(0, Math.max(0, room))) {
      this.rows.append(this.template.content.cloneNode(true));
      const row = this.items().at(-1);
      if (!row) return;
      this.field(row, "date").value = date ? writeDay(date) : "";
      this.field(row, "start").value = start;
      this.field(row, "end").value = end;
      this.#live(row);
      this.field(row, "date").focus();
    }
  }

  /** What stood in the page from the start is dressed already. @param {HTMLElement} row */
  #live(row) {
    const remove = /** @type {HTMLElement} */ (row.querySelector("[data-remove]"));
    remove.hidden = false;
    const date = this.field(row, "date");
    if (date.closest(".day-box")) return;
    new DateField(date, this.root.dataset.sprite ?? "");
    for (const name of ["start", "end"]) timeField(this.field(row, name));
  }
}
