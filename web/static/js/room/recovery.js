/**
 * When to restart ICE and when to start over, for one peer connection. Time comes from timers;
 * what to do is given by the owner.
 */

/** Chromium reports "disconnected" for short gaps that heal by themselves. */
const PATIENCE_MS = 1200;
/** A restarted ICE on a working path connects within one round trip; this is a slow one. */
const RESTART_MS = 6000;
const FIRST_CONNECT_MS = 12000;
const LONGEST_MS = 30000;

/**
 * @typedef {object} Means
 * @property {() => void} restart new ICE credentials on the same connection
 * @property {() => void} rebuild a new connection
 * @property {() => boolean} canSignal the socket is up
 * @property {() => boolean} isConnected as the browser has it
 */

export class Recovery {
  #means;
  #attempts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Means} means */
  constructor(means) {
    this.#means = means;
  }

  /** A new connection was begun: give it time, then build another. */
  began() {
    this.#attempts = Math.max(1, this.#attempts);
    this.#wait(this.#attempts > 1 ? this.#pauseMs() : FIRST_CONNECT_MS);
  }

  /** @param {RTCPeerConnectionState} state */
  changed(state) {
    if (state === "connected") this.#settle();
    else if (state === "disconnected") this.#wait(PATIENCE_MS);
    else if (state === "failed") this.#act();
  }

  /** The socket is back in the same seat: the path may have changed under both connections. */
  resumed() {
    this.#attempts = 0;
    this.#act();
  }

  /** Nothing comes any more, though the browser has not noticed: do not wait until it does. */
  hurry() {
    if (this.#attempts === 0) this.#act();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #settle() {
    this.#attempts = 0;
    clearTimeout(this.#timer);
  }

  /** @param {number} ms */
  #wait(ms) {
    clearTimeout(this.#timer);
    // A restart that never lost the old path ends without any change of state to tell of it.
    this.#timer = setTimeout(() => (this.#means.isConnected() ? this.#settle() : this.#act()), ms);
  }

  #act() {
    clearTimeout(this.#timer);
    // Without a socket nothing can be agreed: the next welcome calls resumed() or rebuilds.
    if (!this.#means.canSignal()) return;
    this.#attempts += 1;
    if (this.#attempts === 1) {
      this.#wait(RESTART_MS);
      this.#means.restart();
    } else {
      this.#wait(this.#pauseMs());
      this.#means.rebuild();
    }
  }

  #pauseMs() {
    return Math.min(LONGEST_MS, RESTART_MS * Math.max(1, this.#attempts - 1));
  }
}

/**
 * The certificate's fingerprint in a session description: who is at the other end.
 *
 * @param {string} sdp
 */
export function fingerprintOf(sdp) {
  return /^a=fingerprint:(.*)$/m.exec(sdp)?.[1]?.trim() ?? "";
}
