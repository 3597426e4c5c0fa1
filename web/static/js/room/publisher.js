/**
 * The sending connection: microphone, camera in three simulcast layers, and a screen when one is
 * shared. The browser offers; one offer is on its way at a time.
 */

/** @import {ClientMessage, Source} from "./messages.js" */
import { withActive } from "./encodings.js";
import { fingerprintOf, Recovery } from "./recovery.js";

/**
 * The hub picks a layer for each viewer's tile. 150 kbit/s is a legible 180p thumbnail,
 * 500 kbit/s 360p, 1.5 Mbit/s 720p of a room with people who hardly move.
 */
const LAYERS = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];

/**
 * A page of text is legible at full size only; half of it, at five frames a second, still shows a
 * slide to who has 300 kbit/s. The browser fills the small one first (decision 013).
 */
const SCREEN_LAYERS = [
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 250_000, maxFramerate: 5 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_500_000, maxFramerate: 15 },
];

/** Of each source, how its line is made. */
const LINES = /** @type {const} */ ({
  microphone: { kind: "audio", layers: null },
  camera: { kind: "video", layers: LAYERS },
  screen: { kind: "video", layers: SCREEN_LAYERS },
  screen_audio: { kind: "audio", layers: null },
});
const SOURCES = /** @type {Source[]} */ (Object.keys(LINES));

/**
 * @typedef {object} PublisherOptions
 * @property {(message: ClientMessage) => boolean} send
 * @property {() => boolean} canSignal
 * @property {() => RTCConfiguration} network for new connections
 * @property {(state: RTCPeerConnectionState) => void} onState
 * @property {() => void} onUnable this browser cannot make the connection: no network would help
 */

export class Publisher {
  /** @type {RTCPeerConnection | null} */
  pc = null;
  /** @type {Record<Source, MediaStreamTrack | null>} */
  #tracks = { microphone: null, camera: null, screen: null, screen_audio: null };
  /** @type {Partial<Record<Source, RTCRtpTransceiver>>} */
  #lines = {};
  /** @type {Partial<Record<Source, string[]>>} by source, layers that anybody watches; all at first */
  #watched = {};
  /** @type {Promise<void>} parameters are set one after another, or the browser refuses them */
  #tuning = Promise.resolve();
  #awaiting = false;
  /** @type {{iceRestart: boolean} | null} the offer to make after the present one */
  #next = null;
  #options;
  #recovery;

  /** @param {PublisherOptions} options */
  constructor(options) {
    this.#options = options;
    this.#recovery = new Recovery({
      restart: () => this.#begin(true),
      rebuild: () => this.rebuild(),
      canSignal: options.canSignal,
      isConnected: () => this.pc?.connectionState === "connected",
    });
  }

  /** A new connection with the present tracks; the old one, if any, is closed. */
  rebuild() {
    this.#drop();
    this.#awaiting = false;
    this.#recovery.began();
    try {
      this.#open();
    } catch (error) {
      console.warn("confhub: no connection could be made", error);
      this.#options.onUnable();
      return;
    }
    this.#begin(false);
  }

  #open() {
    const pc = new RTCPeerConnection(this.#options.network());
    this.pc = pc;
    // These two lines are there from the start, filled or not: a camera switched on later then
    // needs no new agreement with the hub. Few ever share a screen: its lines come with it.
    for (const source of SOURCES) {
      const isBasic = source === "microphone" || source === "camera";
      if (isBasic || this.#tracks[source]) this.#addLine(pc, source);
    }
    pc.onconnectionstatechange = () => {
      if (pc !== this.pc) return;
      this.#recovery.changed(pc.connectionState);
      this.#options.onState(pc.connectionState);
    };
  }

  /** @param {RTCPeerConnection} pc @param {Source} source */
  #addLine(pc, source) {
    const { kind, layers } = LINES[source];
    const line = pc.addTransceiver(this.#tracks[source] ?? kind, {
      direction: "sendonly",
      ...(layers ? { sendEncodings: layers.map((layer) => ({ ...layer })) } : {}),
    });
    this.#lines[source] = line;
    if (kind === "video") preferVp8(line);
  }

  /** @param {boolean} iceRestart */
  #begin(iceRestart) {
    this.#negotiate(iceRestart).catch((error) => {
      // The recovery's next step builds a new connection.
      console.warn("confhub: no offer could be made", error);
      this.#awaiting = false;
      this.#options.onUnable();
    });
  }

  /** The socket came back in the same seat. */
  resumed() {
    this.#awaiting = false; // the answer to an offer of the old socket will never come
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
   * Send `track` as `source` from now on; null sends nothing.
   *
   * @param {Source} source
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(source, track) {
    this.#tracks[source] = track;
    const line = this.#lines[source];
    if (line) {
      await line.sender.replaceTrack(track);
      await this.#tune(source);
    } else if (track && this.pc) {
      this.#addLine(this.pc, source);
      this.#begin(false);
    }
  }

  /**
   * Which layers of `source` anybody watches: the others are neither encoded nor sent.
   *
   * @param {Source} source
   * @param {string[]} rids
   */
  setLayers(source, rids) {
    this.#watched[source] = rids;
    return this.#tune(source);
  }

  /** @param {Source} source */
  #tune(source) {
    const tuned = this.#tuning.then(async () => {
      const line = this.#lines[source];
      if (line) await prefer(source, line.sender, this.#watched[source] ?? null);
    });
    this.#tuning = tuned.catch(() => undefined);
    return tuned;
  }

  /** What sends `source` now, if anything. @param {Source} source */
  senderOf(source) {
    return this.#lines[source]?.sender ?? null;
  }

  /** The hub's answer. @param {string} sdp */
  async published(sdp) {
    const pc = this.pc;
    if (!pc || pc.signalingState !== "have-local-offer") return;
    this.#awaiting = false;
    const before = pc.currentRemoteDescription?.sdp;
    if (before && fingerprintOf(before) !== fingerprintOf(sdp)) {
      // The hub was restarted: its certificate is another, and no connection survives that.
      this.rebuild();
      return;
    }
    await pc.setRemoteDescription({ type: "answer", sdp });
    for (const source of SOURCES) await this.#tune(source);
    const next = this.#next;
    this.#next = null;
    if (next) await this.#negotiate(next.iceRestart);
  }

  /** The hub could not take the offer: start over after a pause, not at once. */
  refused() {
    this.#awaiting = false;
  }

  close() {
    this.#recovery.stop();
    this.#drop();
  }

  /** @param {boolean} iceRestart */
  async #negotiate(iceRestart) {
    const pc = this.pc;
    if (!pc) return;
    if (this.#awaiting) {
      this.#next = { iceRestart: iceRestart || Boolean(this.#next?.iceRestart) };
      return;
    }
    this.#awaiting = true;
    const offer = await pc.createOffer({ iceRestart });
    if (pc !== this.pc) return;
    await pc.setLocalDescription(offer);
    if (pc !== this.pc) return;
    // The hub is ICE-lite on known addresses and learns ours from the first check: the offer
    // goes at once, without waiting for candidates.
    const sent = this.#options.send({
      type: "publish",
      sdp: pc.localDescription?.sdp ?? "",
      sources: this.#sources(),
    });
    if (!sent) this.#awaiting = false;
  }

  /** @returns {Record<string, Source>} */
  #sources() {
    /** @type {Record<string, Source>} */
    const sources = {};
    for (const source of SOURCES) {
      const mid = this.#lines[source]?.mid;
      if (mid) sources[mid] = source;
    }
    return sources;
  }

  #drop() {
    if (!this.pc) return;
    this.pc.onconnectionstatechange = null;
    this.pc.close();
    this.pc = null;
    this.#lines = {};
    this.#watched = {};
    this.#next = null;
    this.#options.onState("closed");
  }
}

/** @param {RTCRtpTransceiver} line */
function preferVp8(line) {
  // Where the browser lets nobody choose (Firefox before 128), its own order has VP8 first.
  if (!("setCodecPreferences" in line) || !RTCRtpSender.getCapabilities) return;
  const known = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const rank = (/** @type {RTCRtpCodec} */ codec) =>
    codec.mimeType === "video/VP8" ? 0 : codec.mimeType === "video/rtx" ? 1 : 2;
  line.setCodecPreferences(known.slice().sort((a, b) => rank(a) - rank(b)));
}

/**
 * What to give up when the processor or the line is short: of a camera the sharpness, because
 * faces in motion are worth more; of a screen the motion.
 *
 * @param {Source} source
 * @param {RTCRtpSender} sender
 * @param {string[] | null} rids layers that anybody watches; null for all
 */
async function prefer(source, sender, rids) {
  if (!sender.track || LINES[source].kind === "audio") return;
  const isCamera = source === "camera";
  if ("contentHint" in sender.track) sender.track.contentHint = isCamera ? "motion" : "text";
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  parameters.encodings = withActive(parameters.encodings, rids) ?? parameters.encodings;
  // Not in every browser's dictionary; those that do not know it leave it out.
  /** @type {{degradationPreference?: string}} */ (parameters).degradationPreference = isCamera
    ? "maintain-framerate"
    : "maintain-resolution";
  await sender.setParameters(parameters).catch(() => undefined);
}
