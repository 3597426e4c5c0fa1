// @ts-check
// The page that moves a meeting: the new time in words; typing a time chooses to move.

import { sayTimes } from "./times-said.js";
import { moveEnd } from "./times.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("postpone-form"));
const said = /** @type {HTMLElement} */ (document.getElementById("times-said"));
const field = (/** @type {string} */ name) =>
  /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
const modes = /** @type {RadioNodeList} */ (form.elements.namedItem("mode"));

let lastStart = field("start").value;

function show() {
  said.textContent =
    modes.value === "move"
      ? sayTimes(field("date").value, field("start").value, field("end").value)
      : "";
}

field("start").addEventListener("change", () => {
  field("end").value = moveEnd(lastStart, field("end").value, field("start").value);
  lastStart = field("start").value;
});
form.addEventListener("input", (event) => {
  const name = event.target instanceof HTMLInputElement ? event.target.name : "";
  if (["date", "start", "end"].includes(name)) modes.value = "move";
  show();
});
form.addEventListener("change", show);
show();
