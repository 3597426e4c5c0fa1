/**
 * The page before a door that opens later: it asks by itself, and comes again once the answer is
 * another one. The page is not loaded anew in between: whoever reads it, or listens to it, goes on.
 */

import { askDoor } from "./refusal.js";

// Often enough to catch a meeting brought forward, seldom enough that a thousand waiting sites are
// three requests a second.
const MOST_MS = 300_000;
const LEAST_MS = 5_000;
// A commune on a 256 kbit/s line still gets its answer.
const TIMEOUT_MS = 15_000;
/** What this page stands for (confhub.meetings.admission.TooEarly). */
const TOO_EARLY = "too_early";

const card = document.querySelector("[data-opens-in-s]");
const opensAt = performance.now() + 1000 * Number(card?.getAttribute("data-opens-in-s"));

function wait() {
  const left = Math.min(Math.max(opensAt - performance.now(), LEAST_MS), MOST_MS);
  setTimeout(() => void ask(), left);
}

async function ask() {
  const found = await askDoor(location.href, TIMEOUT_MS);
  const isSame = found === null || (found !== "open" && found.code === TOO_EARLY);
  if (isSame) wait();
  else location.reload();
}

if (card) wait();
