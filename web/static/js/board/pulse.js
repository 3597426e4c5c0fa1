/**
 * Whether what the board shows is true now. Pure.
 *
 * opening   no word yet
 * live      the hub spoke within the last 12 s
 * fading    the line broke a moment ago; the numbers are seconds old
 * stale     nothing was heard for 12 s: the numbers are history
 * ended     the hub said that it will not speak: `why`
 */

/** @typedef {"opening" | "live" | "fading" | "stale" | "ended"} Feed */
/** @typedef {"signed_out" | "refused" | "gone"} Why */
/**
 * @typedef {object} Pulse
 * @property {Feed} feed
 * @property {number} heardAt ms; when the hub last spoke, or when the page began to listen
 * @property {string} at HH:MM of the hub's last word, as people there read the clock
 * @property {number} tries failed attempts since the hub last spoke
 * @property {Why | null} why
 */

// The hub speaks every 5 s: two words may be lost, or one may be late.
export const SILENT_MS = 12_000;
// The first try comes at once, for a hub that restarts; a dead one is not hammered.
const RETRY_MS = [300, 1_000, 2_000, 4_000, 8_000];
const MAX_RETRY_MS = 15_000;

/** @param {number} now @param {string} at when the page itself was made @returns {Pulse} */
export function listen(now, at) {
  return { feed: "opening", heardAt: now, at, tries: 0, why: null };
}

/** The hub spoke. @param {Pulse} pulse @param {string} at @param {number} now @returns {Pulse} */
export function hear(pulse, at, now) {
  return { ...pulse, feed: "live", heardAt: now, at, tries: 0 };
}

/** The line broke, or an attempt failed. @param {Pulse} pulse @param {number} now @returns {Pulse} */
export function lose(pulse, now) {
  if (pulse.feed === "ended") return pulse;
  const feed = isSilent(pulse, now) ? "stale" : "fading";
  return { ...pulse, feed, tries: pulse.tries + 1 };
}

/** Time passed. @param {Pulse} pulse @param {number} now @returns {Pulse} */
export function age(pulse, now) {
  if (pulse.feed === "ended" || pulse.feed === "stale" || !isSilent(pulse, now)) return pulse;
  return { ...pulse, feed: "stale" };
}

/** @param {Pulse} pulse @param {Why} why @returns {Pulse} */
export function end(pulse, why) {
  return { ...pulse, feed: "ended", why };
}

/** A clock that was set back must not keep old numbers fresh. @param {Pulse} pulse @param {number} now */
function isSilent(pulse, now) {
  return Math.abs(now - pulse.heardAt) >= SILENT_MS;
}

/**
 * How long to wait before the next attempt: spread, so that a hub that comes back is not met by
 * all its pages in one moment.
 *
 * @param {number} tries failed so far, at least 1
 * @param {number} chance 0 to 1
 */
export function retryMs(tries, chance) {
  const base = RETRY_MS[tries - 1] ?? MAX_RETRY_MS;
  return Math.round(base * (0.75 + chance / 2));
}
