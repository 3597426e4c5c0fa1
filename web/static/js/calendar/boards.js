// @ts-check
// Where meetings are taken to: columns of hours (a day, a week), or squares of days (a month). Both
// say what lies under the pointer, and draw the ghost.

import { el } from "../picker-parts.js";
import { topOf } from "./slots.js";
import { STEP_MIN, shifted, stretched, textsOf } from "./spans.js";

/**
 * @typedef {import("./spans.js").Span} Span
 * @typedef {import("./spans.js").Field} Field
 * @typedef {{ x: number, y: number }} Point of the window
 * @typedef {{ element: HTMLElement, field: Field, grips: boolean,
 *   under: (from: Span, press: Point, at: Point, stretch: boolean) => Span,
 *   draw: (span: Span, title: string) => void, clear: () => void }} Board
 */

/** @param {HTMLElement} element @param {string} query @returns {HTMLElement[]} */
const all = (element, query) =>
  [...element.querySelectorAll(query)].filter((one) => one instanceof HTMLElement);
const dayOf = (/** @type {HTMLElement} */ one) => one.dataset.date ?? "";

/** @param {Span} span */
export function clockText(span) {
  const { starts, ends } = textsOf(span);
  return `${starts}–${ends}`;
}

/** @param {HTMLElement} element the calendar of a day or a week @returns {Board} */
export function columnsBoard(element) {
  const columns = all(element, ".cal-column");
  const grid = {
    columns: columns.length,
    from: Number(element.dataset.hoursFrom),
    to: Number(element.dataset.hoursTo),
  };
  const field = { days: columns.map(dayOf), from: grid.from * 60, to: grid.to * 60, timed: true };
  const ghost = el("div", { class: "cal-ghost", "aria-hidden": "true" }, []);

  /** @param {number} x */
  function columnAt(x) {
    const right = columns.findIndex((one) => x < one.getBoundingClientRect().right);
    return right < 0 ? columns.length - 1 : right;
  }

  return {
    element,
    field,
    grips: true,
    under(from, press, at, stretch) {
      const height = columns[0]?.getBoundingClientRect().height || 1;
      const steps = Math.round((((at.y - press.y) / height) * (field.to - field.from)) / STEP_MIN);
      if (stretch) return stretched(from, steps * STEP_MIN, field);
      return shifted(from, columnAt(at.x), steps * STEP_MIN, field);
    },
    draw(span, title) {
      const column = columns[field.days.indexOf(span.date)];
      if (!column) return ghost.remove(); // another week
      const top = topOf(span.start, grid);
      ghost.style.top = `${top}%`;
      ghost.style.height = `${Math.min(topOf(span.end, grid), 100) - top}%`;
      ghost.replaceChildren(el("strong", {}, [clockText(span)]), el("span", {}, [title]));
      if (ghost.parentElement !== column) column.append(ghost);
    },
    clear: () => ghost.remove(),
  };
}

/** @param {HTMLElement} element the table of a month @returns {Board} */
export function squaresBoard(element) {
  const squares = all(element, "[data-date]");
  const field = { days: squares.map(dayOf), from: 0, to: 24 * 60, timed: false };
  const ghost = el("div", { class: "mon-entry cal-ghost", "aria-hidden": "true" }, []);

  return {
    element,
    field,
    grips: false,
    under(from, _press, at) {
      const box = squares.findIndex((one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect();
        return at.x >= left && at.x < right && at.y >= top && at.y < bottom;
      });
      return box < 0 ? from : shifted(from, box, 0, field);
    },
    draw(span, title) {
      const square = squares[field.days.indexOf(span.date)];
      ghost.replaceChildren(`${clockText(span)} ${title}`);
      if (square) square.querySelector(".mon-entries")?.append(ghost);
      else ghost.remove();
      for (const one of squares) one.classList.toggle("is-target", one === square);
    },
    clear() {
      ghost.remove();
      for (const one of squares) one.classList.remove("is-target");
    },
  };
}
