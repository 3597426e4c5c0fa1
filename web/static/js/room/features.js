/**
 * What can be done in a room: a module each, registered here once. A feature keeps a part of the
 * page's state, hears messages and shows itself.
 */

/** @import {Member, Source} from "./messages.js" */
/** @import {Notice, Topic} from "./notices.js" */
/** @import {RoomState} from "./state.js" */
import { ending } from "./features/ending.js";
import { floor } from "./features/floor.js";
import { layout } from "./features/layout.js";
import { muting } from "./features/muting.js";
import { notes } from "./features/notes.js";
import { overtime } from "./features/overtime.js";
import { screen } from "./features/screen.js";
import { sendingOut } from "./features/sending-out.js";

/**
 * What a feature may use of the page.
 *
 * @typedef {object} Tools
 * @property {string} meeting its id
 * @property {(message: {type: string, [field: string]: unknown}) => boolean} send false while there is no hub
 * @property {(at: number) => string} time of the meeting's zone, of unix seconds
 * @property {(minutes: number) => void} extend the meeting; a notice says why it could not be
 * @property {(notice: Notice) => void} notify
 * @property {(topic: Topic) => void} settle a question of this topic needs no answer any more
 * @property {(source: "microphone" | "camera", on: boolean) => void} switchTo our own one
 * @property {() => void} expectVoice ours: silence is a fault now
 * @property {(source: Source, track: MediaStreamTrack | null) => Promise<void>} publish
 * @property {() => void} back into the room, after it was left
 * @property {(code: string, act: () => void) => void} addKey by KeyboardEvent.code
 * @property {(button: HTMLButtonElement) => void} addButton to the toolbar
 * @property {(strip: HTMLElement) => void} addStrip over the pictures, across the page
 * @property {(box: HTMLDialogElement) => void} addDialog
 * @property {(name: string) => void} style adds css/room/NAME.css
 */

/** @typedef {{title: string, members: Member[]}} Queue of members who wait, the first in front */
/**
 * A button beside a member, for who drives the meeting.
 *
 * @typedef {object} Act
 * @property {string} name
 * @property {string} sign an icon
 * @property {string} title
 * @property {string} [words] shown instead of the icon, where it is the act to do next
 * @property {() => void} run
 */
/**
 * @template Part
 * @typedef {object} View
 * @property {(part: Part, state: RoomState) => void} render
 * @property {Record<string, (message: any) => void>} [hear] what to do at once, by type of message
 * @property {(member: Member, state: RoomState) => Act[]} [acts] of `members` and `room` alone
 * @property {() => void} [end] the stay is over
 */
/**
 * @template Part
 * @typedef {object} PageFeature
 * @property {string} name as the hub calls it (docs/features)
 * @property {Part} initial
 * @property {Record<string, (part: Part, message: any) => Part>} heard the next part, by type of message
 * @property {(state: RoomState) => Queue} [queue] who waits, above the list of everybody
 * @property {(before: RoomState, now: RoomState) => {who: (member: Member) => boolean, words: (name: string) => string}} [announce]
 *   what a screen reader is told of others
 * @property {(tools: Tools) => View<Part>} mount
 */

/** @type {PageFeature<any>[]} in the order of their buttons beside a member */
export const FEATURES = [floor, muting, screen, layout, sendingOut, notes, overtime, ending];

/** What hello offers: these, and requests with ids. */
export const KNOWN = ["requests", ...FEATURES.map(({ name }) => name)];

/** @returns {Record<string, unknown>} */
export function emptyParts() {
  return Object.fromEntries(FEATURES.map(({ name, initial }) => [name, initial]));
}

/**
 * @param {Record<string, unknown>} parts
 * @param {{type: string}} message
 * @returns {Record<string, unknown>} the same object where nothing changed
 */
export function hearParts(parts, message) {
  let next = parts;
  for (const { name, heard } of FEATURES) {
    const part = heard[message.type]?.(next[name], message) ?? next[name];
    if (part !== next[name]) next = { ...next, [name]: part };
  }
  return next;
}

/** @param {RoomState} state @returns {Queue[]} */
export function queues(state) {
  return FEATURES.flatMap(({ queue }) => (queue ? [queue(state)] : []));
}
