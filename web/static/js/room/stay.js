/**
 * A page that is loaded anew in the middle of a meeting goes straight back in: nobody should have
 * to find the join button while a commune is speaking.
 */

const KEY = "confhub.stay:";
/** The hub keeps a lost seat as long (docs/protocol.md, "Coming back"); later it is a new visit. */
const GRACE_MS = 60_000;

/** @typedef {{microphone: boolean, camera: boolean, audioOnly: boolean}} Stay how the seat was left */
/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Memory of this tab */

/**
 * @param {Memory} memory
 * @param {string} meeting
 * @param {Stay} stay
 * @param {number} now ms, wall clock
 */
export function rememberStay(memory, meeting, { microphone, camera, audioOnly }, now) {
  memory.setItem(KEY + meeting, JSON.stringify({ microphone, camera, audioOnly, at: now }));
}

/**
 * How the seat was left, if this page is the same one loaded anew within the grace. Asked once.
 *
 * @param {Memory} memory
 * @param {string} meeting
 * @param {number} now ms, wall clock
 * @param {string} arrival type of the navigation that brought this page
 * @returns {Stay | null}
 */
export function recallStay(memory, meeting, now, arrival) {
  const text = memory.getItem(KEY + meeting);
  memory.removeItem(KEY + meeting);
  if (!text || arrival !== "reload") return null;
  const { at, microphone, camera, audioOnly } = JSON.parse(text);
  const age = now - at;
  return age >= 0 && age < GRACE_MS ? { microphone, camera, audioOnly } : null;
}

/**
 * The memory of this tab; where a browser gives none (cookies refused), one that ends with the page.
 *
 * @returns {Memory}
 */
export function tabMemory() {
  try {
    return sessionStorage;
  } catch {
    return pageMemory;
  }
}

/** @type {Map<string, string>} */
const kept = new Map();
/** @type {Memory} */
const pageMemory = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
};

/** How this page was reached: "navigate", "reload", "back_forward". */
export function arrivalType() {
  const [entry] = performance.getEntriesByType("navigation") ?? [];
  return /** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type ?? "navigate";
}
