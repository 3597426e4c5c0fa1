/**
 * Why the hub refuses the socket. A page learns nothing from a failed handshake, but this page's
 * own address answers programs with a code and words.
 */

/** @import {Closed, CloseReason} from "./messages.js" */
import { within } from "../deadline.js";

/** @type {Record<string, CloseReason>} by code of confhub.errors and confhub.meetings.admission */
const REASONS = {
  gone: "revoked",
  bad_link: "revoked",
  not_signed_in: "revoked",
  forbidden: "removed",
  not_invited: "removed",
  not_found: "removed",
  too_early: "removed",
  ended: "ended",
  cancelled: "ended",
  postponed: "ended",
  draft: "ended",
};
// Whoever lost the socket is told soon why.
const TIMEOUT_MS = 5000;

/** @typedef {{ code: string, closed: Closed }} Refusal */

/**
 * @param {string} page address of this page
 * @returns {Promise<Closed | null>} null: nobody refuses, the network or the hub is away
 */
export async function refusalOf(page) {
  const answer = await askDoor(page);
  return answer === null || answer === "open" ? null : answer.closed;
}

/**
 * @param {string} page address of this page
 * @param {number} [timeout_ms]
 * @returns {Promise<Refusal | "open" | null>} null: no answer that says anything, as of a proxy
 *   while the hub restarts; ask again later
 */
export async function askDoor(page, timeout_ms = TIMEOUT_MS) {
  try {
    return await within(timeout_ms, (signal) => ask(page, signal));
  } catch {
    return null;
  }
}

/**
 * @param {string} page
 * @param {AbortSignal} signal
 * @returns {Promise<Refusal | "open" | null>}
 */
async function ask(page, signal) {
  const answer = await fetch(page, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    cache: "no-store",
    signal,
  });
  if (answer.ok) return "open";
  if (answer.status >= 500) return null;
  const { code, detail } = await answer.json();
  const reason = REASONS[code];
  return reason ? { code, closed: { type: "closed", reason, message: detail, retry: false } } : null;
}
