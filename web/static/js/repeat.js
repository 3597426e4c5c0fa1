// @ts-check
// "Lặp lại" in a meeting's form: shows what belongs to the chosen way, and the next dates with the
// days off among them, as the hub reckons them.

import { sayWho } from "./conflicts.js";
import { readDay } from "./dates.js";
import { postJson } from "./http.js";
import { t } from "./i18n.js";
import { el, icon } from "./picker-parts.js";

// Somebody who types a number of weeks is done within this.
const PAUSE_MS = 400;
const DAYS_A_WEEK = 7;

/** @typedef {import("./conflicts.js").Clash} Clash */
/**
 * What /api/meetings/dates answers; texts are ready to show.
 * @typedef {{said: string, error: string, meets_off: boolean, puts_off: boolean,
 *   dates: {day: string, off: string, moved: string, left_out: boolean, clashes: Clash[]}[]}} Dates
 */

/** @param {string} iso @returns {number} 0 is Monday */
export function weekdayOf(iso) {
  return (new Date(`${iso}T00:00:00Z`).getUTCDay() + DAYS_A_WEEK - 1) % DAYS_A_WEEK;
}

/**
 * Which of its days of the week in the month a day is; a fifth one counts as the last.
 * @param {string} iso @returns {string}
 */
export function nthOf(iso) {
  const nth = Math.ceil(Number(iso.slice(8)) / DAYS_A_WEEK);
  return nth > 4 ? "-1" : String(nth);
}

/**
 * The dates as a list, with who is taken on which.
 * @param {Pick<Dates, "said" | "puts_off" | "dates">} found @param {string} sprite
 * @returns {HTMLElement[]}
 */
export function datesShown({ said, puts_off, dates }, sprite) {
  const rows = dates.map((one) => {
    const row = el("li", { class: one.left_out ? "is-left-out" : "" }, [el("span", {}, [one.day])]);
    if (one.off) row.append(el("span", { class: "repeat-holiday" }, [icon(sprite, "circle-alert"), one.off]));
    if (one.moved) row.append(el("span", {}, [t("→ họp %(day)s", { day: one.moved })]));
    if (one.left_out) row.append(el("span", {}, [t("không họp")]));
    for (const clash of one.clashes) row.append(clashShown(clash, sprite));
    return row;
  });
  const shown = [el("p", {}, [icon(sprite, "repeat"), el("strong", {}, [said])]), el("ol", {}, rows)];
  if (puts_off) {
    const text = t("Những buổi sau có điểm cầu, phòng họp hoặc người chủ trì không rảnh sẽ được lập ở trạng thái hoãn, chờ xếp giờ mới.");
    shown.push(el("p", { class: "repeat-puts-off" }, [icon(sprite, "triangle-alert"), text]));
  }
  return shown;
}

/** @param {Clash} clash @param {string} sprite */
function clashShown(clash, sprite) {
  const said = [t("Trùng giờ với"), ` ${clash.title} · ${clash.when}: ${sayWho(clash)}`];
  return el("span", { class: "repeat-clash" }, [icon(sprite, "triangle-alert"), el("span", {}, said)]);
}

export class Repeat {
  /**
   * @param {HTMLElement} place
   * @param {HTMLFormElement} form
   * @param {{sprite: string, ask: () => Record<string, unknown>}} options `ask` gives what
   *   /api/meetings/conflicts is asked for the meeting itself
   */
  constructor(place, form, { sprite, ask }) {
    this.place = place;
    this.form = form;
    this.sprite = sprite;
    this.ask = ask;
    this.timer = 0;
    this.last = "";
    this.date = this.#date();
    this.running = /** @type {AbortController | null} */ (null);
    this.output = /** @type {HTMLElement} */ (place.querySelector("[data-dates]"));
    form.addEventListener("input", () => this.refresh());
    form.addEventListener("change", () => this.refresh());
    this.refresh();
  }

  refresh() {
    const way = this.#text("repeat");
    const ends = this.#text("repeat_ends");
    this.#follow(way);
    // Of one meeting alone nothing comes again.
    this.place.hidden = this.#text("scope") === "one";
    for (const one of this.#parts("[data-repeats]")) one.hidden = !way;
    for (const one of this.#parts("[data-for]")) one.hidden = !(one.dataset.for ?? "").split(" ").includes(way);
    for (const one of this.#parts("[data-ends]")) one.hidden = one.dataset.ends !== ends;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  /** The day of the meeting is one of its days: while it stands alone it goes along. @param {string} way */
  #follow(way) {
    const date = this.#date();
    if (!date) return;
    const boxes = this.#weekdays();
    const checked = boxes.filter((box) => box.checked);
    const moves = this.place.dataset.follow === "yes" && this.date && checked.length === 1
      && checked[0]?.value === String(weekdayOf(this.date));
    if (way === "week" && (checked.length === 0 || moves)) {
      for (const box of boxes) box.checked = box.value === String(weekdayOf(date));
    }
    const nth = this.form.elements.namedItem("repeat_nth");
    if (nth instanceof HTMLSelectElement && (!nth.value || (date !== this.date && this.place.dataset.follow === "yes"))) {
      nth.value = nthOf(date);
    }
    this.date = date;
  }

  async #ask() {
    const way = this.#text("repeat");
    const asked = {
      date: this.#date(),
      repeat: way,
      repeat_interval: this.#text("repeat_interval"),
      repeat_weekday: this.#weekdays().flatMap((box) => (box.checked ? [box.value] : [])),
      repeat_nth: this.#text("repeat_nth"),
      repeat_ends: this.#text("repeat_ends"),
      repeat_until: this.#text("repeat_until"),
      repeat_count: this.#text("repeat_count"),
      repeat_off_days: this.#text("repeat_off_days"),
      meeting: way ? this.ask() : null,
    };
    const body = JSON.stringify(asked);
    if (body === this.last) return;
    this.last = body;
    this.running?.abort();
    if (!way || !asked.date) {
      this.output.hidden = true;
      return;
    }
    const running = (this.running = new AbortController());
    try {
      this.#show(await postJson("/api/meetings/dates", asked, { signal: running.signal }));
    } catch {
      if (running.signal.aborted) return;
      this.last = ""; // the next change asks again; saving checks in any case
      this.output.hidden = true;
    }
  }

  /** @param {Dates} found */
  #show({ said, error, meets_off, puts_off, dates }) {
    for (const one of this.#parts("[data-off]")) one.hidden = !meets_off;
    this.output.hidden = false;
    if (error) {
      this.output.replaceChildren(el("p", { class: "muted" }, [error]));
      return;
    }
    this.output.replaceChildren(...datesShown({ said, puts_off, dates }, this.sprite));
  }

  #date() {
    return readDay(this.#text("date"));
  }

  /** @param {string} name */
  #text(name) {
    const field = this.form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
      return field.value;
    }
    return "";
  }

  #weekdays() {
    return /** @type {HTMLInputElement[]} */ ([...this.place.querySelectorAll("input[name=repeat_weekday]")]);
  }

  /** @param {string} selector */
  #parts(selector) {
    return /** @type {HTMLElement[]} */ ([...this.place.querySelectorAll(selector)]);
  }
}
