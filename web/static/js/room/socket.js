/**
 * The signalling socket: hello or resume, heartbeat, and coming back after every loss with
 * growing pauses, until the hub says not to.
 */

/** @import {ClientMessage, HubMessage, Closed} from "./messages.js" */
import { KNOWN } from "./features.js";
import { OLDEST_VERSION, PROTOCOL_VERSION } from "./messages.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** Until the welcome tells the hub's own. */
const DEFAULT_HEARTBEAT_MS = 5000;
/** A handshake that takes longer than this is on a path that is gone. */
const HANDSHAKE_MS = 10000;
/** One that was begun this long before a network came was begun without it. */
const STALE_MS = 500;

/**
 * The pause before attempt number `attempt` (from 0): doubled each time up to eight seconds, and
 * spread by half so that a thousand sites do not all return in the same instant.
 *
 * @param {number} attempt
 * @param {number} random 0..1
 */
export function pauseMs(attempt, random) {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  return full * (0.5 + random / 2);
}

/**
 * @typedef {object} SocketOptions
 * @property {string} url
 * @property {string} appVersion
 * @property {(message: HubMessage) => void} onMessage
 * @property {(up: boolean) => void} onUp
 * @property {() => Promise<Closed | null>} [refusal] asks why the hub refuses the socket, if it does
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem">} [memory] survives a reload
 * @property {(url: string) => WebSocket} [open]
 * @property {() => number} [random]
 */

export class RoomSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {WebSocket | null} a second one, while the first is in doubt */
  #rival = null;
  #begunAt = 0;
  #attempt = 0;
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  #heardAt = 0;
  #up = false;
  #stopped = false;
  /** Hello was said as the first pages said it. */
  #isPlain = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #handshake;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #beat;
  #options;
  #key;

  /** @param {SocketOptions} options */
  constructor(options) {
    this.#options = options;
    this.#key = `confhub.resume:${options.url}`;
  }

  /** True between a welcome and the next loss. */
  get up() {
    return this.#up;
  }

  connect() {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#pause);
    const socket = this.#open();
    this.#begunAt = performance.now();
    this.#take(socket);
    socket.onopen = () => this.#hello(socket);
  }

  /** When the hub was last heard, in ms of `performance.now()`. */
  get heardAt() {
    return this.#heardAt;
  }

  /**
   * Media has stopped: perhaps the network is another one, on which this socket will never be
   * heard again, and nobody says so. Ask by it, and by a new one; the first that answers stays.
   */
  doubt() {
    if (!this.#up) return this.hurry();
    if (this.#rival) return;
    const socket = this.#socket;
    const askedAt = performance.now();
    this.send({ type: "ping", at: askedAt });
    const rival = this.#open();
    this.#rival = rival;
    rival.onclose = () => this.#dropRival();
    rival.onopen = () => {
      if (socket !== this.#socket || this.#heardAt > askedAt) return this.#dropRival();
      this.#rival = null;
      this.#end(socket);
      this.#options.onUp(false);
      this.#take(rival);
      this.#hello(rival);
    };
  }

  /**
   * Send if the hub has welcomed us; otherwise the message is dropped, for after a welcome
   * everything is said anew.
   *
   * @param {ClientMessage} message
   * @returns {boolean}
   */
  send(message) {
    if (!this.#up || !this.#socket) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The browser says there is a network again: try now rather than at the end of the pause. */
  hurry() {
    const isStale = !this.#up && performance.now() - this.#begunAt > STALE_MS;
    if (this.#stopped || (this.#socket && !isStale)) return;
    this.#end(this.#socket);
    this.#attempt = 0;
    this.connect();
  }

  /** The browser says the network is gone: do not wait for the heartbeat to find out. */
  drop() {
    if (this.#socket) this.#lose(this.#socket);
  }

  /** No more attempts. @param {boolean} leave give the seat up, rather than only go away */
  stop(leave) {
    if (leave) {
      this.send({ type: "leave" });
      this.#options.memory?.removeItem(this.#key);
    }
    this.#stopped = true;
    this.#end(this.#socket);
  }

  #open() {
    const open = this.#options.open ?? ((url) => new WebSocket(url));
    return open(this.#options.url);
  }

  /** This is the one from now on. @param {WebSocket} socket */
  #take(socket) {
    this.#socket = socket;
    this.#handshake = setTimeout(() => this.#lose(socket), HANDSHAKE_MS);
    socket.onmessage = (event) => this.#hear(socket, event.data);
    socket.onclose = () => this.#lose(socket);
  }

  #dropRival() {
    const rival = this.#rival;
    this.#rival = null;
    if (!rival) return;
    rival.onopen = rival.onclose = null;
    rival.close();
  }

  /**
   * A hub of before, which a page may meet during an upgrade, takes no fields that it does not
   * know: to it hello is said once more, plainly.
   *
   * @param {WebSocket} socket
   * @param {boolean} [plainly]
   */
  #hello(socket, plainly = false) {
    this.#heardAt = performance.now();
    this.#isPlain = plainly;
    const resume = this.#options.memory?.getItem(this.#key) ?? "";
    /** @type {ClientMessage} */
    const hello = {
      type: "hello",
      version: PROTOCOL_VERSION,
      app_version: this.#options.appVersion,
      resume,
      ...(plainly ? {} : { oldest: OLDEST_VERSION, features: KNOWN }),
    };
    socket.send(JSON.stringify(hello));
  }

  /**
   * @param {WebSocket} socket
   * @param {unknown} data
   */
  #hear(socket, data) {
    if (socket !== this.#socket || typeof data !== "string") return;
    this.#heardAt = performance.now();
    this.#dropRival();
    const message = /** @type {HubMessage} */ (JSON.parse(data));
    if (message.type === "welcome") this.#welcome(socket, message);
    if (isHelloRefused(message) && !this.#isPlain) return this.#hello(socket, true);
    if (message.type === "closed" && !message.retry) this.stop(false);
    if (message.type !== "pong") this.#options.onMessage(message);
  }

  /**
   * @param {WebSocket} socket
   * @param {import("./messages.js").Welcome} message
   */
  #welcome(socket, message) {
    clearTimeout(this.#handshake);
    clearInterval(this.#beat);
    this.#attempt = 0;
    this.#up = true;
    this.#heartbeatMs = message.heartbeat_s * 1000;
    this.#options.memory?.setItem(this.#key, message.resume);
    this.#beat = setInterval(() => this.#heartbeat(socket), this.#heartbeatMs / 2);
    this.#options.onUp(true);
  }

  /** @param {WebSocket} socket */
  #heartbeat(socket) {
    // Pings go twice per heartbeat, so silence for one and a half has missed at least two answers.
    if (performance.now() - this.#heardAt > this.#heartbeatMs * 1.5) this.#lose(socket);
    else this.send({ type: "ping", at: performance.now() });
  }

  /** @param {WebSocket} socket */
  #lose(socket) {
    if (socket !== this.#socket) return;
    const wasUp = this.#up;
    this.#end(socket);
    if (wasUp) this.#options.onUp(false);
    if (this.#stopped) return;
    const random = this.#options.random ?? Math.random;
    this.#pause = setTimeout(() => this.connect(), pauseMs(this.#attempt, random()));
    this.#attempt += 1;
    if (!wasUp && this.#attempt >= 2) void this.#askWhy();
  }

  /** A refused handshake looks like any other failure to a page: ask by an ordinary request. */
  async #askWhy() {
    const closed = await this.#options.refusal?.();
    if (!closed || this.#stopped || this.#up) return;
    this.stop(false);
    this.#options.onMessage(closed);
  }

  /** @param {WebSocket | null} socket */
  #end(socket) {
    clearTimeout(this.#handshake);
    clearTimeout(this.#pause);
    clearInterval(this.#beat);
    this.#dropRival();
    this.#socket = null;
    this.#up = false;
    if (!socket) return;
    // close() waits for an answer that a dead path never brings: stop listening first.
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** @param {HubMessage} message */
const isHelloRefused = (message) =>
  message.type === "problem" && message.about === "hello" && message.code === "bad_message";
