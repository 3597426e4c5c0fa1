/**
 * Signals that end a request. `AbortSignal.timeout` and `AbortSignal.any` are younger than some
 * browsers that these pages serve (docs/browsers.md).
 */

/**
 * A signal that aborts after `ms`, or when `other` does.
 *
 * @param {number} ms
 * @param {AbortSignal} [other]
 * @returns {AbortSignal}
 */
export function deadline(ms, other) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException("no answer in time", "TimeoutError")),
    ms,
  );
  const given = () => {
    clearTimeout(timer);
    controller.abort(other?.reason);
  };
  if (other?.aborted) given();
  else other?.addEventListener("abort", given, { once: true });
  return controller.signal;
}
