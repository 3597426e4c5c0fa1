// @ts-check
// The page that moves a meeting: the new time in words; typing a time chooses to move.

import { readDay, readTime } from "./dates.js";
import { sayTimes } from "./times-said.js";
import { moveEnd } from "./times.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("postpone-form"));
const said = /** @type {HTMLElement} */ (document.getElementById("times-said"));
const field = (/** @type {string} */ name) =>
  /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
const modes = /** @type {RadioNodeList} */ (form.elements.namedItem("mode"));

const time = (/** @type {string} */ name) => readTime(field(name).value);
let lastStart = time("start");

function show() {
  const day = readDay(field("date").value);
  said.textContent = modes.value === "move" ? sayTimes(day, time("start"), time("end")) : "";
}

field("start").addEventListener("change", () => {
  const [start, end] = [time("start"), time("end")];
  if (!start || !end) return;
  field("end").value = moveEnd(lastStart, end, start);
  lastStart = start;
});
form.addEventListener("input", (event) => {
  const name = event.target instanceof HTMLInputElement ? event.target.name : "";
  if (["date", "start", "end"].includes(name)) modes.value = "move";
  show();
});
form.addEventListener("change", show);
show();
