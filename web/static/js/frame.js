/** The frame around every page: menus that close, the way back, forms that keep what is typed, notes. */

import { dressFileField } from "./file-field.js";
import { keepDraft, settleDrafts } from "./form-draft.js";
import { t } from "./i18n.js";
import { sendOnce } from "./once.js";

/** @param {HTMLDetailsElement} menu */
function closeOnLeave(menu) {
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}

for (const menu of document.querySelectorAll("details[data-menu]")) {
  if (menu instanceof HTMLDetailsElement) closeOnLeave(menu);
}

for (const button of document.querySelectorAll("button[data-back]")) {
  if (!(button instanceof HTMLButtonElement) || history.length < 2) continue;
  button.hidden = false;
  button.addEventListener("click", () => history.back());
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.getAttribute("data-copy") ?? "");
  // Only secure pages may write to the clipboard; elsewhere the text can be selected.
  if (!(button instanceof HTMLButtonElement) || !source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent?.trim() ?? "");
    const label = button.querySelector("span");
    if (label) label.textContent = t("Đã sao chép");
  });
}

for (const input of document.querySelectorAll('input[type="file"]')) {
  if (input instanceof HTMLInputElement) dressFileField(input);
}

for (const form of document.querySelectorAll("form[data-once]")) {
  if (form instanceof HTMLFormElement) sendOnce(form, window);
}

settleDrafts();
for (const form of document.querySelectorAll("form[data-draft]")) {
  // A form that draws more than its fields brings them back itself.
  if (form instanceof HTMLFormElement && form.dataset.draft !== "own") keepDraft(form);
}

// What is to be mended comes into view, and a screen reader reads why.
const wrong = document.querySelector('[aria-invalid="true"], .part-wrong');
if (wrong instanceof HTMLElement) {
  if (wrong.matches("input, select, textarea")) wrong.focus();
  else wrong.scrollIntoView();
}

if (!window.isSecureContext) {
  for (const note of document.querySelectorAll("[data-insecure]")) {
    if (note instanceof HTMLElement) note.hidden = false;
  }
}
