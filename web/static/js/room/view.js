/**
 * Telling the hub what is on the screen, so that it sends that and nothing else.
 */

/** @import {ClientMessage, ViewTile} from "./messages.js" */
/** @import {Placed} from "./layout.js" */
/** @import {RoomState} from "./state.js" */
import { MAX_TILES } from "./messages.js";

/** A window being resized or a page being turned settles within this. */
const SETTLE_MS = 150;

/**
 * The hub lets a picture be enlarged by a quarter before it sends a larger one. Faces bear that,
 * letters do not.
 */
const LETTERS = 1.25;

/**
 * The tiles to ask for, most important first. Our own picture comes from the camera itself, and
 * a camera that is off has nothing to send.
 *
 * @param {Pick<RoomState, "members" | "self" | "audioOnly">} state
 * @param {Placed[]} tiles
 * @param {number} pixelRatio device pixels per CSS pixel
 * @returns {ViewTile[]}
 */
export function viewOf(state, tiles, pixelRatio) {
  if (state.audioOnly) return [];
  return tiles
    .filter(({ member, source }) => {
      const seat = state.members[member];
      return member !== state.self && seat !== undefined && seat[source];
    })
    .slice(0, MAX_TILES)
    .map(({ member, source, height }) => ({
      member,
      source,
      height_px: Math.max(1, Math.round(height * pixelRatio * (source === "screen" ? LETTERS : 1))),
    }));
}

export class ViewSender {
  #send;
  #sent = "";
  /** @type {ViewTile[] | null} null before the first drawing */
  #wanted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {(message: ClientMessage) => boolean} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {ViewTile[]} tiles */
  want(tiles) {
    this.#wanted = tiles;
    if (JSON.stringify(tiles) === this.#sent) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), SETTLE_MS);
    }
  }

  /** After a welcome the hub may know nothing: say it anew. */
  repeat() {
    this.#sent = "";
    this.#flush();
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#wanted) return;
    if (this.#send({ type: "view", tiles: this.#wanted })) this.#sent = JSON.stringify(this.#wanted);
  }
}
