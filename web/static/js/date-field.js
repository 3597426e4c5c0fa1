// @ts-check
// Fields for a day and for a time of day. The browser's own follow its language: in English they
// read 12/03/2026 and 02:00 PM, where an invitation says 03/12/2026 and 14:00.

import { addDays, addMonths, dayOf, readComing, readDay, readTime, weeksOf, writeDay } from "./dates.js";
import { language, t } from "./i18n.js";
import { el, icon } from "./picker-parts.js";
import { readMinutes, writeMinutes } from "./times.js";

const STEP_MIN = 5;
/** @type {Record<string, (iso: string) => string>} */
const MOVES = {
  ArrowLeft: (iso) => addDays(iso, -1),
  ArrowRight: (iso) => addDays(iso, 1),
  ArrowUp: (iso) => addDays(iso, -7),
  ArrowDown: (iso) => addDays(iso, 7),
  PageUp: (iso) => addMonths(iso, -1),
  PageDown: (iso) => addMonths(iso, 1),
};

/** As a person's change: what listens to the form hears it. @param {HTMLInputElement} input @param {string} value */
function put(input, value) {
  if (input.value === value) return;
  input.value = value;
  for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
}

/**
 * Read, spell out in full on leaving, and step by the arrow keys.
 * @param {HTMLInputElement} input
 * @param {(text: string) => string} spell "" for what cannot be read
 * @param {(text: string, step: number) => string} step one up is 1
 */
function tidy(input, spell, step) {
  input.addEventListener("change", () => {
    const whole = spell(input.value);
    if (whole && whole !== input.value) input.value = whole;
    input.setAttribute("aria-invalid", String(Boolean(input.value) && !whole));
  }, { capture: true });
  input.addEventListener("keydown", (event) => {
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    // Where a change sends the form, a step on the way must not.
    const next = up && !event.altKey && !("submits" in input.dataset) ? step(input.value, up) : "";
    if (!next) return;
    event.preventDefault();
    put(input, next);
  });
}

/** @param {HTMLInputElement} input */
export function timeField(input) {
  tidy(input, readTime, (text, up) => {
    const at = readMinutes(readTime(text));
    return at === null ? "" : writeMinutes(at + up * STEP_MIN);
  });
}

export class DateField {
  #input;
  #button;
  #sheet = el("div", { class: "day-sheet", role: "dialog", "aria-label": t("Chọn ngày") }, []);
  #at = "";

  /** @param {HTMLInputElement} input @param {string} sprite */
  constructor(input, sprite) {
    this.#input = input;
    this.sprite = sprite;
    this.#button = el("button", { type: "button", class: "day-open", "aria-label": t("Chọn ngày"), "aria-expanded": "false" }, [icon(sprite, "calendar-days")]);
    const box = el("span", { class: "day-box" }, []);
    input.before(box);
    box.append(input, this.#button, this.#sheet);
    this.#sheet.hidden = true;
    // A plan is for a day to come; a filter looks back as well, and wants the year.
    const read = (/** @type {string} */ text) =>
      "submits" in input.dataset ? readDay(text) : readComing(text, dayOf(new Date()));
    tidy(input, (text) => (read(text) ? writeDay(read(text)) : ""), (text, up) => {
      const iso = readDay(text);
      return iso && writeDay(addDays(iso, up));
    });
    this.#button.addEventListener("click", () => (this.#sheet.hidden ? this.#open() : this.#close()));
    input.addEventListener("keydown", (event) => {
      if (event.altKey && event.key === "ArrowDown") this.#open();
    });
    this.#sheet.addEventListener("click", (event) => this.#onClick(event));
    box.addEventListener("keydown", (event) => this.#onKey(event));
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !box.contains(event.target)) this.#close();
    });
  }

  #open() {
    // The user's own clock gives the month to begin with; the field itself is never filled from it.
    this.#at = readDay(this.#input.value) || dayOf(new Date());
    this.#sheet.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#draw();
  }

  #close() {
    this.#sheet.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
  }

  /** @param {Event} event */
  #onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    if (button.dataset.months) {
      this.#at = addMonths(this.#at, Number(button.dataset.months));
      this.#draw(button.dataset.months);
    } else if (button.dataset.day) this.#choose(button.dataset.day);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (this.#sheet.hidden) return;
    if (event.key === "Escape") {
      this.#close();
      this.#button.focus();
      return;
    }
    const move = MOVES[event.key];
    if (!move || !(event.target instanceof HTMLElement) || !event.target.dataset.day) return;
    event.preventDefault();
    this.#at = move(this.#at);
    this.#draw();
  }

  /** @param {string} iso */
  #choose(iso) {
    this.#close();
    put(this.#input, writeDay(iso));
    this.#input.focus();
  }

  /** @param {string} [turned] which of the two arrows keeps the focus */
  #draw(turned) {
    const say = (/** @type {Intl.DateTimeFormatOptions} */ how, /** @type {string} */ iso) =>
      new Intl.DateTimeFormat(language(), { ...how, timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));
    const weeks = weeksOf(this.#at);
    const turn = (/** @type {string} */ months, /** @type {string} */ sign, /** @type {string} */ label) =>
      el("button", { type: "button", class: "day-turn", "data-months": months, "aria-label": label }, [icon(this.sprite, sign)]);
    const head = el("div", { class: "day-head" }, [
      turn("-1", "chevron-left", t("Tháng trước")),
      el("strong", { "aria-live": "polite" }, [say({ month: "long", year: "numeric" }, this.#at)]),
      turn("1", "chevron-right", t("Tháng sau")),
    ]);
    const names = (weeks[0] ?? []).map((iso) => el("th", { scope: "col" }, [say({ weekday: "narrow" }, iso)]));
    const rows = weeks.map((week) => el("tr", {}, week.map((iso) => el("td", {}, [this.#day(iso, say)]))));
    this.#sheet.replaceChildren(head, el("table", {}, [
      el("thead", {}, [el("tr", {}, names)]),
      el("tbody", {}, rows),
    ]));
    const held = turned ? `[data-months="${turned}"]` : `[data-day="${this.#at}"]`;
    const target = this.#sheet.querySelector(held);
    if (target instanceof HTMLElement) target.focus();
  }

  /** @param {string} iso @param {(how: Intl.DateTimeFormatOptions, iso: string) => string} say */
  #day(iso, say) {
    const chosen = iso === readDay(this.#input.value);
    return el("button", {
      type: "button",
      class: iso.slice(0, 7) === this.#at.slice(0, 7) ? "day" : "day day-other",
      "data-day": iso,
      "aria-label": say({ dateStyle: "full" }, iso),
      "aria-pressed": String(chosen),
      tabindex: iso === this.#at ? "0" : "-1",
    }, [String(Number(iso.slice(8)))]);
  }
}

for (const input of document.querySelectorAll("input[data-day]")) {
  if (input instanceof HTMLInputElement) new DateField(input, input.dataset.day ?? "");
}
for (const input of document.querySelectorAll("input[data-time]")) {
  if (input instanceof HTMLInputElement) timeField(input);
}
