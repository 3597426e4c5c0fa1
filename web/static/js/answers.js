// @ts-check
/** The table of answers follows what sites say: heard from the hub, fetched again, put in place. */

import { within } from "./deadline.js";

const FETCH_MS = 15_000;
// A browser opens a stream again by itself, but for answers that are errors, as of a hub that starts.
const AGAIN_MS = 20_000;
const ENDS = ["signed_out", "refused"];

/** @type {EventSource | null} */
let stream = null;
let ended = false;
let again = 0;

function open() {
  if (ended || stream || document.hidden) return;
  const opened = new EventSource(`${location.pathname}/stream`);
  stream = opened;
  opened.addEventListener("answers", () => void renew());
  for (const name of ENDS) {
    opened.addEventListener(name, () => {
      ended = true;
      close();
    });
  }
  opened.addEventListener("error", () => {
    if (opened.readyState !== EventSource.CLOSED || stream !== opened) return;
    close();
    again = setTimeout(open, AGAIN_MS);
  });
}

function close() {
  clearTimeout(again);
  stream?.close();
  stream = null;
}

let renewing = false;
let wanted = false;

/** One after the other, so that the newest table is put in place last. */
async function renew() {
  wanted = true;
  if (renewing) return;
  renewing = true;
  while (wanted) {
    wanted = false;
    await renewOnce();
  }
  renewing = false;
}

/** Whoever has come by keys to a line stays at it. */
async function renewOnce() {
  const found = await fetched();
  if (!found) return;
  const focused = document.activeElement?.getAttribute("href");
  for (const fresh of found.querySelectorAll("[data-live]")) {
    const name = fresh.getAttribute("data-live") ?? "";
    const shown = document.querySelector(`[data-live="${name}"]`);
    if (!shown || shown.isEqualNode(fresh)) continue;
    // What is read aloud when it changes has to stay where it is.
    if (fresh.childElementCount === 0) shown.textContent = fresh.textContent;
    else shown.replaceWith(document.importNode(fresh, true));
  }
  if (!focused || document.activeElement !== document.body) return;
  /** @type {HTMLElement | null} */ (
    document.querySelector(`main a[href="${CSS.escape(focused)}"]`)
  )?.focus({ preventScroll: true });
}

/** @returns {Promise<Document | null>} null when it did not come */
async function fetched() {
  try {
    const text = await within(FETCH_MS, async (signal) => {
      const answer = await fetch(location.href, {
        headers: { Accept: "text/html" },
        redirect: "error",
        signal,
      });
      return answer.ok ? answer.text() : null;
    });
    return text === null ? null : new DOMParser().parseFromString(text, "text/html");
  } catch {
    return null;
  }
}

// A browser has six lines to a hub, and each page that nobody looks at would hold one.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
open();
