/**
 * How long a picture waits to be shown, so that lost packets sent again still come in time.
 *
 * A browser judges that by its round trip to the hub, and does not know the one from there to a
 * far sender: what the hub gets again after 250 ms comes too late for it, each time. Where pictures
 * stand still and packets do come again, they wait longer; where they have flowed for a while, less.
 */

/** @import {Stat} from "./stats.js" */

/** Two steps hold a round trip of 200 ms with its question and answer, three a satellite's. */
const STEP_MS = 150;
/** More, and lips and voice go apart too far to be believed. */
const MOST_MS = 450;
/** Digests of five seconds without standing still before a step back: a minute. */
const CALM = 12;

/**
 * @typedef {object} Line
 * @property {number} freezes counted so far
 * @property {number} repaired packets that came again so far
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
      const repaired = Number(stat.retransmittedPacketsReceived ?? 0);
      const before = this.#lines.get(mid) ?? { freezes, repaired, waits: 0, calm: 0 };
      // Counters that fall belong to a new connection, which waits for nothing yet.
      const isNew = freezes < before.freezes || repaired < before.repaired;
      const was = isNew ? 0 : before.waits;
      const stood = !isNew && freezes > before.freezes;
      const calm = stood ? 0 : before.calm + 1;
      let waits = was;
      if (stood && repaired > before.repaired) waits = Math.min(MOST_MS, was + STEP_MS);
      else if (calm >= CALM) waits = Math.max(0, was - STEP_MS);
      this.#lines.set(mid, { freezes, repaired, waits, calm: waits < was ? 0 : calm });
      if (waits !== was) changed.push([mid, waits]);
    }
    return changed;
  }
}
