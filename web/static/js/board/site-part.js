/** One site in detail, fetched again: for the drawer beside the table and for the site's own page. */

import { within } from "../deadline.js";

// A digest comes every 5 s; a slow line still answers within 10 s.
export const AGAIN_MS = 5_000;
const TIMEOUT_MS = 10_000;

/**
 * Only the numbers: whoever is about to dial keeps the link under the finger.
 *
 * @param {Element} shown
 * @param {Element} found
 */
export function renew(shown, found) {
  for (const fresh of found.querySelectorAll("[data-live]")) {
    const name = fresh.getAttribute("data-live") ?? "";
    shown.querySelector(`[data-live="${name}"]`)?.replaceWith(fresh);
  }
}

/** @param {string} site @returns {Promise<HTMLElement | null>} null when it did not come */
export async function fetchPart(site) {
  try {
    const text = await within(TIMEOUT_MS, async (signal) => {
      const answer = await fetch(`/board/sites/${encodeURIComponent(site)}?part=1`, {
        headers: { Accept: "text/html" },
        redirect: "error",
        signal,
      });
      return answer.ok ? answer.text() : null;
    });
    return text === null ? null : new DOMParser().parseFromString(text, "text/html").body;
  } catch {
    return null;
  }
}
