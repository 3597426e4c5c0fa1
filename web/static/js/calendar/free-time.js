// @ts-check
// A free time in the calendar leads to the form: by the pointer, or by arrow keys and Enter.

import { t } from "../i18n.js";
import { el } from "../picker-parts.js";
import { STEP_MIN, minutesAt, moved, timeText, topOf } from "./slots.js";

/** @typedef {import("./slots.js").Slot} Slot */

const calendar = document.querySelector(".cal[data-new]");
const OFFICE_OPENS_MIN = 8 * 60;

/** @param {HTMLElement} board */
function offerFreeTimes(board) {
  const columns = [...board.querySelectorAll(".cal-column")].filter((one) => one instanceof HTMLElement);
  const grid = { columns: columns.length, from: Number(board.dataset.hoursFrom), to: Number(board.dataset.hoursTo) };
  const today = Math.max(columns.findIndex((one) => one.closest(".is-today")), 0);
  /** @type {Slot} */
  let slot = { column: today, minutes: Math.max(OFFICE_OPENS_MIN, grid.from * 60) };
  const link = el("a", { class: "cal-slot", "aria-describedby": "cal-how" }, [""]);
  const said = el("span", { class: "visually-hidden", role: "status" }, []);
  board.after(said);

  /** @param {Slot} next */
  function put(next) {
    slot = next;
    const column = columns[slot.column];
    if (!column) return;
    const time = timeText(slot.minutes);
    const query = new URLSearchParams({ date: column.dataset.date ?? "", start: time });
    if (board.dataset.invite) query.set("invite", board.dataset.invite);
    link.setAttribute("href", `${board.dataset.new}?${query}`);
    link.setAttribute("aria-label", t("Lên lịch họp lúc %(time)s, %(day)s", { time, day: column.dataset.dayName ?? "" }));
    link.textContent = `+ ${time}`;
    link.style.top = `${topOf(slot.minutes, grid)}%`;
    link.style.height = `${topOf(slot.minutes + STEP_MIN, grid) - topOf(slot.minutes, grid)}%`;
    if (link.parentElement !== column) {
      const focused = document.activeElement === link;
      column.prepend(link);
      if (focused) link.focus();
    }
  }

  /** @param {PointerEvent} event */
  function follow(event) {
    const column = event.target instanceof Element ? event.target.closest(".cal-column") : null;
    const number = columns.findIndex((one) => one === column);
    const free = event.target === column || event.target === link;
    link.classList.toggle("is-shown", free);
    if (!column || !free || event.pointerType === "touch") return;
    const box = column.getBoundingClientRect();
    put({ column: number, minutes: minutesAt((event.clientY - box.top) / box.height, grid) });
  }

  board.addEventListener("pointermove", follow);
  board.addEventListener("pointerleave", () => link.classList.remove("is-shown"));
  link.addEventListener("keydown", (event) => {
    const next = moved(slot, event.key, grid);
    if (!next) return;
    event.preventDefault();
    put(next);
    said.textContent = link.getAttribute("aria-label");
  });
  put(slot);
}

if (calendar instanceof HTMLElement) offerFreeTimes(calendar);
