// @ts-check
// The button that prints a page, for browsers that run scripts.

for (const button of document.querySelectorAll("[data-print-page]")) {
  if (!(button instanceof HTMLElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
