/**
 * A value, a pure reducer and listeners. Listeners run once per microtask however many actions
 * came in it, so a burst of messages costs one redraw.
 */

/**
 * @template S, A
 * @typedef {{get: () => S, dispatch: (action: A) => void, listen: (listener: (state: S, before: S) => void) => void}} Store
 */

/**
 * @template S, A
 * @param {(state: S, action: A) => S} reduce
 * @param {S} initial
 * @returns {Store<S, A>}
 */
export function createStore(reduce, initial) {
  let state = initial;
  let told = initial;
  let pending = false;
  /** @type {((state: S, before: S) => void)[]} */
  const listeners = [];

  function tell() {
    pending = false;
    const before = told;
    told = state;
    for (const listener of listeners) listener(state, before);
  }

  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      if (!pending) {
        pending = true;
        queueMicrotask(tell);
      }
    },
    listen(listener) {
      listeners.push(listener);
    },
  };
}
