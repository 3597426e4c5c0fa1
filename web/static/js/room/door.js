/**
 * The page before a door that opens later: it asks by itself, and comes again once the answer is
 * another one. The page is not loaded anew in between: whoever reads it, or listens to it, goes on.
 */

import { within } from "../deadline.js";

// Often enough to catch a meeting brought forward, seldom enough that a thousand waiting sites are
// three requests a second.
const MOST_MS = 300_000;
const LEAST_MS = 5_000;
// A commune on a 256 kbit/s line still gets its answer.
const TIMEOUT_MS = 15_000;

const card = document.querySelector("[data-opens-in-s]");
const opensAt = performance.now() + 1000 * Number(card?.getAttribute("data-opens-in-s"));
const shown = Number(card?.getAttribute("data-answer"));

/** The status with which the door answers now; the one before, when no answer came. */
async function answer() {
  try {
    return await within(TIMEOUT_MS, async (signal) => {
      const headers = { Accept: "application/json" };
      return (await fetch(location.href, { headers, signal })).status;
    });
  } catch {
    return shown;
  }
}

function wait() {
  const left = Math.min(Math.max(opensAt - performance.now(), LEAST_MS), MOST_MS);
  setTimeout(() => void ask(), left);
}

async function ask() {
  if ((await answer()) === shown) wait();
  else location.reload();
}

if (card) wait();
