// @ts-check
// The schedule's pages: filters that act when chosen, and the line that marks the present.

import { readDay } from "./dates.js";

const MINUTE_MS = 60_000;

for (const control of document.querySelectorAll("[data-submits]")) {
  if (control instanceof HTMLSelectElement) {
    control.addEventListener("change", () => control.form?.requestSubmit());
  } else if (control instanceof HTMLInputElement) submitWhenDone(control);
}
for (const button of document.querySelectorAll("[data-replaced]")) {
  if (button instanceof HTMLElement) button.hidden = true;
}

/** A day acts once it is whole: picked, or typed and left. @param {HTMLInputElement} input */
function submitWhenDone(input) {
  const before = readDay(input.value);
  input.addEventListener("change", () => {
    const day = readDay(input.value);
    // An end of a range may be taken away again.
    if ((day || !input.value) && day !== before) input.form?.requestSubmit();
  });
}

const line = document.querySelector("[data-now]");
const calendar = document.querySelector(".cal");
if (line instanceof HTMLElement && calendar instanceof HTMLElement) {
  // The server placed the line; the browser only moves it on, so its own zone does not matter.
  const height = MINUTE_MS * 60 * (Number(calendar.dataset.hoursTo) - Number(calendar.dataset.hoursFrom));
  const top = Number.parseFloat(getComputedStyle(line).top) / (line.parentElement?.clientHeight || 1);
  const since = Date.now();
  setInterval(() => {
    const now = top + (Date.now() - since) / height;
    line.hidden = now > 1;
    line.style.top = `${now * 100}%`;
  }, MINUTE_MS);
}
