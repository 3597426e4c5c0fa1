/**
 * Whether a microphone that is on is heard: muted by the machine or the headset, or silent where
 * its people are expected to speak. Pure: events and the time go in, a trouble comes out.
 */

/** @typedef {"none" | "muted" | "silent"} Hearing */
/**
 * @typedef {object} Ear
 * @property {boolean} on switched on in the room
 * @property {boolean} muted by the operating system, a key or the headset
 * @property {number} mutedAt ms
 * @property {boolean} expected a voice is to come: just switched on, invited, or in the midst of it
 * @property {number} quietFrom ms; nothing was heard since
 */
/**
 * @typedef {{type: "switched", on: boolean}
 *   | {type: "muted", muted: boolean}
 *   | {type: "invited"}
 *   | {type: "level", rms: number, leads: boolean}} EarEvent
 *   `rms` 0..1 of the last second; `leads`: the last to speak was this site, and nobody speaks now
 */

/** Long enough to breathe, to look for a page and to begin a sentence. */
export const SILENT_MS = 10_000;
/** A headset's switch bounces, and some browsers report a track muted while it starts. */
export const MUTED_MS = 2_000;
/** -50 dBFS: a quiet voice at arm's length is ten times as loud, a room's noise is less. */
const HEARD_RMS = 0.003;
/** -100 dBFS: no microphone that lives is as quiet as that. */
const DEAD_RMS = 0.00001;

/** @returns {Ear} */
export function newEar() {
  return { on: false, muted: false, mutedAt: 0, expected: false, quietFrom: 0 };
}

/**
 * @param {Ear} ear
 * @param {EarEvent} event
 * @param {number} now ms, monotonic
 * @returns {Ear}
 */
export function reduceEar(ear, event, now) {
  switch (event.type) {
    case "switched":
      return event.on === ear.on ? ear : { ...ear, on: event.on, expected: event.on, quietFrom: now };
    case "muted":
      return { ...ear, muted: event.muted, mutedAt: now, quietFrom: now };
    case "invited":
      return { ...ear, expected: true, quietFrom: now };
    default:
      if (event.rms >= HEARD_RMS) return { ...ear, expected: false, quietFrom: now };
      return { ...ear, expected: ear.expected || (event.leads && event.rms <= DEAD_RMS) };
  }
}

/**
 * @param {Ear} ear
 * @param {number} now
 * @returns {Hearing}
 */
export function hearingOf(ear, now) {
  if (!ear.on) return "none";
  if (ear.muted) return now - ear.mutedAt >= MUTED_MS ? "muted" : "none";
  return ear.expected && now - ear.quietFrom >= SILENT_MS ? "silent" : "none";
}
