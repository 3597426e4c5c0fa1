/**
 * The receiving connection: the hub offers, this page answers. Tracks are kept by mid; what each
 * mid shows is told by the hub's `slots`.
 */

/** @import {ClientMessage, Offer} from "./messages.js" */
import { fingerprintOf, Recovery } from "./recovery.js";

/**
 * @typedef {object} ReceiverOptions
 * @property {(message: ClientMessage) => boolean} send
 * @property {() => boolean} canSignal
 * @property {() => RTCConfiguration} network for new connections
 * @property {(state: RTCPeerConnectionState) => void} onState
 * @property {() => void} onUnable this browser cannot answer: no network would help
 * @property {() => void} onTracks the set of tracks changed
 */

export class Receiver {
  /** @type {RTCPeerConnection | null} */
  pc = null;
  /** @type {Map<string, MediaStreamTrack>} */
  tracks = new Map();
  /** @type {Promise<void>} */
  #chain = Promise.resolve();
  #fingerprint = "";
  #latest = 0;
  #options;
  #recovery;

  /** @param {ReceiverOptions} options */
  constructor(options) {
    this.#options = options;
    this.#recovery = new Recovery({
      restart: () => void options.send({ type: "restart", fresh: false }),
      rebuild: () => this.rebuild(),
      canSignal: options.canSignal,
      isConnected: () => this.pc?.connectionState === "connected",
    });
  }

  /** Drop the connection and ask the hub to begin a new one. */
  rebuild() {
    this.forget();
    this.#recovery.began();
    this.#options.send({ type: "restart", fresh: true });
  }

  /** The hub begins anew by itself: drop what there is and wait for its offer. */
  forget() {
    this.#drop();
    this.#recovery.began();
  }

  /** The socket came back in the same seat. */
  resumed() {
    if (this.pc) this.#recovery.resumed();
    else this.rebuild();
  }

  /** Paths that are looked for from now on may go by other relays. */
  reconfigure() {
    this.pc?.setConfiguration?.(this.#options.network());
  }

  /** Look for a new path at once. */
  hurry() {
    this.#recovery.hurry();
  }

  /**
   * Offers are answered in order, and only the newest of those that wait.
   *
   * @param {Offer} offer
   * @returns {Promise<void>}
   */
  offered(offer) {
    const fingerprint = fingerprintOf(offer.sdp);
    // Another certificate is another transport at the hub: no connection survives that.
    if (fingerprint !== this.#fingerprint) this.#drop();
    this.#fingerprint = fingerprint;
    const pc = this.pc ?? this.#open();
    this.#latest = offer.offer_id;
    this.#chain = this.#chain
      .then(() => (offer.offer_id === this.#latest ? this.#answer(pc, offer) : undefined))
      .catch((error) => {
        if (pc !== this.pc) return;
        console.warn("confhub: an offer could not be answered", error);
        this.#options.onUnable();
        this.#recovery.changed("failed");
      });
    return this.#chain;
  }

  /** Let a picture wait so long before it is shown, where the browser can. @param {string} mid @param {number} waitsMs */
  delay(mid, waitsMs) {
    const line = this.pc?.getTransceivers().find((one) => one.mid === mid);
    if (line && "jitterBufferTarget" in line.receiver) {
      line.receiver.jitterBufferTarget = waitsMs || null;
    }
  }

  close() {
    this.#recovery.stop();
    this.#drop();
  }

  /**
   * @param {RTCPeerConnection} pc
   * @param {Offer} offer
   */
  async #answer(pc, { offer_id, sdp }) {
    await pc.setRemoteDescription({ type: "offer", sdp });
    if (pc !== this.pc) return;
    await pc.setLocalDescription(await pc.createAnswer());
    if (pc !== this.pc) return;
    this.#options.send({ type: "answer", offer_id, sdp: pc.localDescription?.sdp ?? "" });
  }

  #open() {
    const pc = new RTCPeerConnection(this.#options.network());
    this.pc = pc;
    pc.ontrack = ({ transceiver, track }) => {
      if (pc !== this.pc || !transceiver.mid) return;
      this.tracks.set(transceiver.mid, track);
      this.#options.onTracks();
    };
    pc.onconnectionstatechange = () => {
      if (pc !== this.pc) return;
      this.#recovery.changed(pc.connectionState);
      this.#options.onState(pc.connectionState);
    };
    return pc;
  }

  #drop() {
    if (!this.pc) return;
    this.pc.ontrack = this.pc.onconnectionstatechange = null;
    this.pc.close();
    this.pc = null;
    // What was asked of a closed connection never settles (WebRTC 1.0, 4.4.1.2): wait for none.
    this.#chain = Promise.resolve();
    this.tracks.clear();
    this.#options.onTracks();
    this.#options.onState("closed");
  }
}
