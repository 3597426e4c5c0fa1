/**
 * Keeping the screen on while in the room.
 */

/** Asks again each time the page comes back to view, for the browser lets go when it is hidden. */
export function keepAwake() {
  const ask = () => {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    // Refused on a low battery; the meeting goes on all the same.
    navigator.wakeLock.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}
