/**
 * Watches both connections for a network that changed, and says so seconds before the browser
 * does: first to look for another way of signalling, then, where the old one still answers, to
 * restart ICE where it is silent.
 */

/** @import {Direction} from "./messages.js" */
import { LOOK_MS, SILENT_MS, feel, isBusy, newPulse, silenceMs } from "./pulse.js";

/** A line that stalls again and again is not to be asked at every stall. */
const REST_MS = 5000;
/** Between two looks a voice sends ten packets; checks of a path that is dead, one at most. */
const SENDING_PACKETS = 3;
/** A sender that pauses for one look is still one; after the second nothing is answered. */
const IDLE_LOOKS = 2;
const WAYS = /** @type {const} */ (["send", "receive"]);

/** @typedef {{received: number, sent: number}} Packets of all time */
/**
 * @typedef {object} Means
 * @property {(way: Direction) => RTCPeerConnection | null} connection
 * @property {() => void} doubt nothing comes any more: ask the hub, by a new socket too
 * @property {() => number} heardAt ms, when the socket last brought something
 * @property {(way: Direction) => void} restart ICE: the socket works, this connection does not
 */

export class Watch {
  #means;
  #pulses = { send: newPulse(), receive: newPulse() };
  #looking = false;
  #sent = 0;
  #idle = 0;
  #doubtedAt = -Infinity;
  /** Up to when nothing had come at the last doubt of the receiving connection. */
  #doubted = -Infinity;
  #restartedAt = -Infinity;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {Means} means */
  constructor(means) {
    this.#means = means;
  }

  start() {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #look() {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const [send, receive] = await Promise.all(
        WAYS.map((way) => packetsOf(this.#means.connection(way))),
      );
      this.judge({ send: send ?? null, receive: receive ?? null }, performance.now());
    } finally {
      this.#looking = false;
    }
  }

  /**
   * @param {Record<Direction, Packets | null>} packets
   * @param {number} now ms
   */
  judge({ send, receive }, now) {
    const pulses = this.#pulses;
    const isSending = this.#isSending(send?.sent ?? 0);
    pulses.send = feel(pulses.send, isSending && send ? send.received : null, now);
    pulses.receive = feel(pulses.receive, receive?.received ?? null, now);
    const silence = silenceMs(pulses.send, now);
    if (now - this.#doubtedAt >= REST_MS && (silence > 0 || this.#isDeaf(now))) {
      this.#doubtedAt = now;
      this.#doubted = pulses.receive.grewAt;
      this.#means.doubt();
      return;
    }
    // Where a line only stalls, packets come again when the answer does.
    const isAnswered = this.#means.heardAt() > this.#doubtedAt;
    if (!silence || !isAnswered || now - this.#restartedAt < REST_MS) return;
    this.#restartedAt = now;
    this.#means.restart("send");
    if (now - pulses.receive.grewAt >= SILENT_MS) this.#means.restart("receive");
  }

  /** Whether there is anything to answer: who sends nothing hears nothing. @param {number} sent */
  #isSending(sent) {
    this.#idle = sent - this.#sent >= SENDING_PACKETS ? 0 : this.#idle + 1;
    this.#sent = sent;
    return this.#idle < IDLE_LOOKS;
  }

  /**
   * Nothing is received where there was something all the time. The others may have fallen silent:
   * it is asked about once, and not at all while the hub answers what we send.
   *
   * @param {number} now
   */
  #isDeaf(now) {
    const { send, receive } = this.#pulses;
    if (isBusy(send) || receive.grewAt === this.#doubted) return false;
    return silenceMs(receive, now) > 0;
  }
}

/** @param {RTCPeerConnection | null} pc @returns {Promise<Packets | null>} */
async function packetsOf(pc) {
  if (!pc || pc.connectionState === "closed") return null;
  // Every report holds the transport; the first sender's or receiver's is the shortest.
  const [part] = [...pc.getSenders().filter((sender) => sender.track), ...pc.getReceivers()];
  const report = await (part ?? pc).getStats();
  /** @type {Packets | null} */
  let packets = null;
  report.forEach((stat) => {
    if (stat.type === "transport" && stat.packetsReceived !== undefined) {
      packets = { received: stat.packetsReceived, sent: stat.packetsSent };
    } else if (stat.type === "candidate-pair" && stat.selected) {
      // Firefox has no transport stats: its pairs count bytes, which grow as well.
      packets ??= { received: stat.bytesReceived, sent: stat.bytesSent };
    }
  });
  return packets;
}
