/**
 * How long a picture waits to be shown, so that lost packets sent again still come in time.
 *
 * A browser judges that by its round trip to the hub, and does not know the one from there to a
 * far sender: what the hub gets again after 250 ms comes too late for it, each time. Where pictures
 * stand still and packets were missed, they wait longer; where they have flowed for a while, less.
 */

/** @import {Stat} from "./stats.js" */

/** It holds a round trip of 200 ms with its question and answer: less would help few. */
const FIRST_MS = 300;
/** And once more, for a satellite's; back in the same steps. */
const STEP_MS = 150;
/** More, and lips and voice go apart too far to be believed. */
const MOST_MS = 450;
/** Digests of five seconds without standing still before a step back: a minute. */
const CALM = 12;

/**
 * @typedef {object} Line
 * @property {number} freezes counted so far
 * @property {number} asked requests for packets that were missed so far, on whichever way
 * @property {number} waits ms
 * @property {number} calm digests since it stood still
 */

export class Patience {
  /** @type {Map<string, Line>} by mid */
  #lines = new Map();

  /**
   * Look at the receiving connection's statistics; to be asked at each digest.
   *
   * @param {Stat[]} stats
   * @returns {[mid: string, waitsMs: number][]} of the lines where it changed
   */
  judge(stats) {
    /** @type {[string, number][]} */
    const changed = [];
    const pictures = stats.filter((stat) => stat.type === "inbound-rtp" && stat.kind === "video");
    for (const stat of pictures) {
      const mid = String(stat.mid ?? "");
      const freezes = Number(stat.freezeCount ?? 0);
      const asked = Number(stat.nackCount ?? 0);
      const before = this.#lines.get(mid) ?? { freezes, asked, waits: 0, calm: 0 };
      // Counters that fall belong to a new connection, which waits for nothing yet.
      const isNew = freezes < before.freezes || asked < before.asked;
      const was = isNew ? 0 : before.waits;
      const stood = !isNew && freezes > before.freezes;
      const calm = stood ? 0 : before.calm + 1;
      let waits = was;
      if (stood && asked > before.asked) waits = was ? Math.min(MOST_MS, was + STEP_MS) : FIRST_MS;
      else if (calm >= CALM) waits = Math.max(0, was - STEP_MS);
      this.#lines.set(mid, { freezes, asked, waits, calm: waits < was ? 0 : calm });
      if (waits !== was) changed.push([mid, waits]);
    }
    return changed;
  }
}
