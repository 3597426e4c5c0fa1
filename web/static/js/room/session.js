/**
 * One stay in the room: the socket, both connections and the devices, kept in step with the
 * state. What is shown is not decided here.
 */

/** @import {Boot, ClientMessage, HubMessage, Relays, Welcome} from "./messages.js" */
/** @import {Action, RoomState} from "./state.js" */
/** @import {Link, LinkEvent} from "./link-state.js" */
/** @import {Store} from "./store.js" */
/** @import {Devices} from "./devices.js" */
/** @import {Notice, Topic} from "./notices.js" */
/** @import {Digest, Snapshot, Stat} from "./stats.js" */
import { DeviceCare } from "./device-care.js";
import { nameLevels } from "./levels.js";
import { networkOf } from "./network.js";
import { Patience } from "./patience.js";
import { Publisher } from "./publisher.js";
import { Receiver } from "./receiver.js";
import { refusalOf } from "./refusal.js";
import { RoomSocket } from "./socket.js";
import { leads } from "./state.js";
import { digest } from "./stats.js";
import { tabMemory } from "./stay.js";
import { ViewSender } from "./view.js";
import { Watch } from "./watch.js";

/** Messages that the page sends of its own accord. */
const SILENT = new Set(["publish", "answer", "offer", "restart", "view", "digest", "ping"]);

/**
 * @typedef {object} SessionOptions
 * @property {Boot} boot
 * @property {Devices} devices
 * @property {Store<RoomState, Action>} room
 * @property {(event: LinkEvent) => void} onLink
 * @property {() => void} onTracks
 * @property {(notice: Notice) => void} onNotice
 * @property {(topic: Topic) => void} onSettled a question of this topic needs no answer any more
 * @property {() => void} onPick somebody wants to choose another device
 * @property {(message: HubMessage) => void} onHeard the state has taken it in
 * @property {() => void} onEnd nothing is sent any more
 */

export class Session {
  publisher;
  receiver;
  view;
  #socket;
  #watch;
  #care;
  #options;
  #room;
  #devices;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #digests;
  /** @type {Snapshot | null} */
  #before = null;
  #patience = new Patience();
  /** @type {Relays["relays"]} */
  #relays = [];

  /** @param {SessionOptions} options */
  constructor(options) {
    this.#options = options;
    this.#room = options.room;
    this.#devices = options.devices;
    const url = new URL(options.boot.socket, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#socket = new RoomSocket({
      url: url.href,
      appVersion: options.boot.app_version,
      memory: tabMemory(),
      refusal: () => refusalOf(location.href),
      onMessage: (message) => this.#hear(message),
      onUp: (up) => {
        // The other way is told after the welcome has been taken in.
        if (!up) options.onLink({ type: "socket", up });
      },
    });
    const send = (/** @type {ClientMessage} */ message) => this.#socket.send(message);
    const canSignal = () => this.#socket.up;
    const network = () => networkOf(this.#relays, location.search);
    this.publisher = new Publisher({
      send,
      canSignal,
      network,
      onState: (state) => options.onLink({ type: "media", direction: "send", state }),
      onUnable: () => options.onLink({ type: "unable", direction: "send" }),
    });
    this.receiver = new Receiver({
      send,
      canSignal,
      network,
      onTracks: options.onTracks,
      onState: (state) => options.onLink({ type: "media", direction: "receive", state }),
      onUnable: () => options.onLink({ type: "unable", direction: "receive" }),
    });
    this.view = new ViewSender(send);
    this.#care = new DeviceCare({
      devices: this.#devices,
      isOn: (source) => this.#room.get()[source],
      publish: (source, track) => this.publisher.setTrack(source, track),
      tell: (source, on) => this.#tell(source, on),
      switchOn: (source) =>
        void (source === "microphone" ? this.setMicrophone(true) : this.setCamera(true)),
      sender: () => this.publisher.senderOf("microphone"),
      leads: () => leads(this.#room.get()),
      onNotice: options.onNotice,
      onSettled: options.onSettled,
      pick: options.onPick,
    });
    window.addEventListener("offline", () => this.#socket.drop());
    window.addEventListener("online", () => this.#socket.hurry());
    this.#watch = new Watch({
      connection: (way) => (way === "send" ? this.publisher.pc : this.receiver.pc),
      doubt: () => this.#socket.doubt(),
      heardAt: () => this.#socket.heardAt,
      restart: (way) => (way === "send" ? this.publisher : this.receiver).hurry(),
    });
    // Timers sleep in a hidden tab or a closed laptop: do not wait for them on waking.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#socket.hurry();
    });
    // Not "leave": a reload comes back to its seat, and the hub's grace ends a closed page's.
    window.addEventListener("pagehide", () => this.#end(false));
  }

  /** Take the seat, with the devices already open. @param {{microphone: boolean, camera: boolean, audioOnly: boolean}} wish */
  async join({ microphone, camera, audioOnly }) {
    this.#care.start();
    const { cameraOn } = this.#devices.choice;
    const wanted = this.#options.boot.role === "site" && cameraOn;
    this.#room.dispatch({ type: "local.audio_only", on: audioOnly, camera: audioOnly && wanted });
    await this.setMicrophone(microphone);
    await this.setCamera(camera && !audioOnly);
    this.#socket.connect();
    this.#watch.start();
  }

  /** @param {ClientMessage} message */
  send(message) {
    return this.#socket.send(message);
  }

  /**
   * @param {boolean} on
   * @returns {Promise<void>}
   */
  async setMicrophone(on) {
    const track = on ? (this.#devices.tracks.microphone ?? (await this.#care.open("microphone"))) : null;
    // Kept open while muted: opening takes half a second on old machines, the first word of a reply.
    const kept = this.#devices.tracks.microphone;
    if (kept) kept.enabled = track !== null;
    await this.publisher.setTrack("microphone", track);
    this.#tell("microphone", track !== null);
  }

  /**
   * @param {boolean} on
   * @returns {Promise<void>}
   */
  async setCamera(on) {
    const track = on ? (this.#devices.tracks.camera ?? (await this.#care.open("camera"))) : null;
    await this.publisher.setTrack("camera", track);
    // Closed when off: people trust the light beside the lens.
    if (!track) this.#devices.close("camera");
    this.#tell("camera", track !== null);
  }

  /** @param {boolean} on */
  async setAudioOnly(on) {
    const { cameraBefore } = this.#room.get();
    this.#room.dispatch({ type: "local.audio_only", on });
    if (on) await this.setCamera(false);
    else if (cameraBefore) await this.setCamera(true);
  }

  /** Another device was chosen. @param {"microphone" | "camera"} source */
  async changeDevice(source) {
    const on = this.#room.get()[source];
    this.#devices.close(source);
    if (!on) return;
    await (source === "microphone" ? this.setMicrophone(true) : this.setCamera(true));
  }

  /** Somebody else switched it off, or on. @param {"microphone" | "camera"} source @param {boolean} on */
  switchTo(source, on) {
    // Shown at once, whatever the devices take.
    if (!on) this.#room.dispatch({ type: `local.${source}`, on });
    return source === "microphone" ? this.setMicrophone(on) : this.setCamera(on);
  }

  /** The room waits for our voice: silence is a fault now. */
  expectVoice() {
    this.#care.hear({ type: "invited" });
  }

  /** Give the seat up. */
  leave() {
    this.#end(true);
  }

  /** @type {{[K in HubMessage["type"]]?: (message: Extract<HubMessage, {type: K}>) => unknown}} */
  #handlers = {
    relays: (message) => this.#relaysChanged(message.relays),
    welcome: (message) => this.#welcome(message),
    published: (message) => this.publisher.published(message.sdp),
    offer: (message) => this.receiver.offered(message),
    layers: (message) => this.publisher.setLayers(message.source, message.rids),
    problem: (message) => {
      if (message.about === "publish") this.publisher.refused();
      // Who asked by a request shows the answer where it was asked.
      if (message.request) return;
      // What nobody asked for by hand is mended by itself: no words about it.
      if (!SILENT.has(message.about ?? "")) this.#options.onNotice({ text: message.message });
      else console.warn("confhub:", message.about, message.code, message.message);
    },
    closed: (message) => (message.retry ? undefined : this.#end(false)),
  };

  /** @param {HubMessage} message */
  #hear(message) {
    this.#room.dispatch(nameLevels(message, this.#options.boot.levels));
    this.#options.onHeard(message);
    const handler = /** @type {((message: HubMessage) => unknown) | undefined} */ (
      this.#handlers[message.type]
    );
    handler?.(message);
  }

  /** @param {Relays["relays"]} relays */
  #relaysChanged(relays) {
    this.#relays = relays;
    this.publisher.reconfigure();
    this.receiver.reconfigure();
  }

  /** @param {Welcome} welcome */
  #welcome(welcome) {
    this.#options.onLink({ type: "socket", up: true });
    const { microphone, camera } = this.#room.get();
    this.send({ type: "microphone", on: microphone });
    this.send({ type: "camera", on: camera });
    this.view.repeat();
    if (welcome.resumed) {
      this.publisher.resumed();
      this.receiver.resumed();
    } else {
      this.publisher.rebuild();
      this.receiver.forget();
    }
    clearInterval(this.#digests);
    this.#digests = setInterval(() => void this.#digest(), welcome.digest_s * 1000);
  }

  async #digest() {
    const now = await this.snapshot();
    const before = this.#before;
    this.#before = now;
    for (const [mid, waitsMs] of this.#patience.judge(now.receive)) this.receiver.delay(mid, waitsMs);
    if (!before) return;
    const { boot } = this.#options;
    /** @type {Digest} */
    const made = digest(before, now, this.#devices.present(), boot.app_version);
    this.send({ type: "digest", digest: made });
    this.#options.onLink({ type: "digest", digest: made });
  }

  /** @returns {Promise<Snapshot>} */
  async snapshot() {
    const [send, receive] = await Promise.all([
      statsOf(this.publisher.pc),
      statsOf(this.receiver.pc),
    ]);
    return { at: performance.now(), send, receive };
  }

  /**
   * @param {"microphone" | "camera"} source
   * @param {boolean} on
   */
  #tell(source, on) {
    this.#room.dispatch({ type: `local.${source}`, on });
    if (source === "microphone") this.#care.hear({ type: "switched", on });
    this.send({ type: source, on });
  }

  /** @param {boolean} leave */
  #end(leave) {
    clearInterval(this.#digests);
    this.#options.onEnd();
    this.#watch.stop();
    this.#care.stop();
    this.#socket.stop(leave);
    this.publisher.close();
    this.receiver.close();
    this.#devices.close("camera");
    this.#devices.close("microphone");
  }
}

/** @param {RTCPeerConnection | null} pc @returns {Promise<Stat[]>} */
async function statsOf(pc) {
  if (!pc) return [];
  const report = await pc.getStats();
  /** @type {Stat[]} */
  const stats = [];
  report.forEach((stat) => stats.push(stat));
  return stats;
}
