// @ts-check
// The form of a pattern or a list of sites: joins the picker and the agenda.

import { AgendaEditor } from "./agenda.js";
import { readTime } from "./dates.js";
import { SitePicker } from "./site-picker.js";

/** @typedef {import("./picker-state.js").Chosen} Chosen */

const form = /** @type {HTMLFormElement} */ (document.getElementById("pattern-form"));
const owner = /** @type {HTMLSelectElement} */ (form.elements.namedItem("host_unit_id"));
const chair = /** @type {HTMLSelectElement | null} */ (form.elements.namedItem("chair_site_id"));
const agendaRoot = document.getElementById("agenda");
let changed = false;

const picker = new SitePicker(/** @type {HTMLElement} */ (document.getElementById("site-picker")), {
  onChange: (chosen) => {
    changed = true;
    if (chair) offerChairs(chair, chosen);
  },
});

/** One of the chosen sites may be where the chair sits. @param {HTMLSelectElement} select @param {Chosen[]} chosen */
function offerChairs(select, chosen) {
  const held = select.value;
  const none = [...select.options].filter((option) => option.value === "");
  select.replaceChildren(
    ...none,
    ...chosen.map((site) => new Option(`${site.unitName}: ${site.name}`, site.id)),
  );
  select.value = chosen.some((site) => site.id === held) ? held : "";
}

if (agendaRoot) {
  const start = /** @type {HTMLInputElement} */ (form.elements.namedItem("start"));
  const length = /** @type {HTMLInputElement} */ (form.elements.namedItem("length"));
  const agenda = new AgendaEditor(agendaRoot, {
    start: () => readTime(start.value),
    end: () => ending(readTime(start.value), Number(length.value)),
  });
  form.addEventListener("change", () => agenda.refresh());
}

/** @param {string} start "HH:MM", or "" @param {number} minutes @returns {string} as `start` */
function ending(start, minutes) {
  if (!start || !Number.isInteger(minutes) || minutes <= 0) return "";
  const [hours = 0, past = 0] = start.split(":").map(Number);
  const end = (hours * 60 + past + minutes) % (24 * 60);
  return `${String(Math.floor(end / 60)).padStart(2, "0")}:${String(end % 60).padStart(2, "0")}`;
}

owner.addEventListener("change", () => void picker.setHost(owner.value));
form.addEventListener("input", () => (changed = true));
form.addEventListener("submit", () => (changed = false));
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
