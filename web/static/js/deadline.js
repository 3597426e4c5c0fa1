/**
 * Work that ends in time. `AbortSignal.timeout` and `AbortSignal.any` are younger than some
 * browsers that these pages serve (docs/browsers.md).
 */

/**
 * What `work` gives, whose signal aborts after `ms`, or when `other` does. Once the work is over
 * nothing of this stays: no timer, no listener at `other`, no body that was not read.
 *
 * @template T
 * @param {number} ms
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @param {AbortSignal | null} [other]
 * @returns {Promise<T>}
 */
export async function within(ms, work, other) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException("no answer in time", "TimeoutError")),
    ms,
  );
  const given = () => controller.abort(other?.reason);
  if (other?.aborted) given();
  else other?.addEventListener("abort", given);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    other?.removeEventListener("abort", given);
    controller.abort();
  }
}
