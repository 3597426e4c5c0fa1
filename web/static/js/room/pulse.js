/**
 * Whether packets still come. A browser takes seconds to call a path dead; a connection that had
 * packets all the time and suddenly has none tells it at once. Pure.
 */

/** Five looks a second cost a millisecond each, and find a silence a fifth of a second later. */
export const LOOK_MS = 200;
/**
 * A mobile line stalls for half a second without being dead; after two seconds people give up. The
 * hub answers what is sent every 50 ms: twelve answers are missing then.
 */
export const SILENT_MS = 600;
/** Of the last looks before a silence, so many must have found packets: else it is no wonder. */
const LOOKS = 6;
const BUSY_LOOKS = 5;

/**
 * @typedef {object} Pulse of one peer connection
 * @property {number} received packets, of all time
 * @property {number} grewAt ms, when it was last found to have grown
 * @property {boolean[]} looks whether it had, the oldest first; none since it fell silent
 */

/** @returns {Pulse} */
export function newPulse() {
  return { received: -1, grewAt: 0, looks: [] };
}

/**
 * @param {Pulse} pulse
 * @param {number | null} received packets of all time; null when not known
 * @param {number} now ms
 * @returns {Pulse}
 */
export function feel(pulse, received, now) {
  if (received === null) return newPulse();
  if (received < pulse.received || pulse.received < 0) return { received, grewAt: now, looks: [] };
  const grew = received > pulse.received;
  // While nothing comes, what was before is kept: it says whether that is strange.
  const falling = !grew && now - pulse.grewAt >= SILENT_MS;
  const looks = falling ? pulse.looks : [...pulse.looks, grew].slice(-LOOKS - SILENT_MS / LOOK_MS);
  return { received, grewAt: grew ? now : pulse.grewAt, looks };
}

/** Whether packets came all the time, up to the last one that came. @param {Pulse} pulse */
export function isBusy(pulse) {
  const end = pulse.looks.lastIndexOf(true) + 1;
  const before = pulse.looks.slice(Math.max(0, end - LOOKS), end);
  return before.filter(Boolean).length >= BUSY_LOOKS;
}

/**
 * How long nothing has come where packets came all the time; 0 where that is not so.
 *
 * @param {Pulse} pulse
 * @param {number} now
 */
export function silenceMs(pulse, now) {
  const silent = now - pulse.grewAt;
  return silent >= SILENT_MS && isBusy(pulse) ? silent : 0;
}
