// @ts-check
/** Forms whose answer takes seconds and is shown once: a second press would throw the first away. */

/**
 * Send the form once; its buttons come back with the page, when somebody steps back to it.
 * @param {HTMLFormElement} form
 * @param {EventTarget} page that says when it is shown again
 */
export function sendOnce(form, page) {
  const note = /** @type {HTMLElement | null} */ (form.querySelector("[data-sent]"));
  let sent = false;
  /** @param {boolean} is */
  const show = (is) => {
    sent = is;
    for (const button of form.querySelectorAll("button")) button.disabled = is;
    if (note) note.hidden = !is;
  };
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    // A button that is disabled at once would not be sent itself.
    else setTimeout(() => show(true), 0);
    sent = true;
  });
  page.addEventListener("pageshow", () => show(false));
}
