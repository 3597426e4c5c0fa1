/**
 * What can be done in a room beside what every meeting is made of: a module each, registered here
 * once. A feature keeps a part of the page's state, hears messages and shows itself.
 */

/** @import {RoomState} from "./state.js" */
import { layout } from "./features/layout.js";
import { notes } from "./features/notes.js";
import { overtime } from "./features/overtime.js";

/**
 * What a feature may use of the page.
 *
 * @typedef {object} Tools
 * @property {(message: {type: string, [field: string]: unknown}) => boolean} send false while there is no hub
 * @property {(at: number) => string} time of the meeting's zone, of unix seconds
 * @property {(minutes: number) => void} extend the meeting; a notice says why it could not be
 * @property {(button: HTMLButtonElement) => void} addButton to the toolbar
 * @property {(strip: HTMLElement) => void} addStrip over the pictures, across the page
 * @property {(box: HTMLDialogElement) => void} addDialog
 * @property {(name: string) => void} style adds css/room/NAME.css
 */

/**
 * @template Part
 * @typedef {object} PageFeature
 * @property {string} name as the hub calls it (docs/features)
 * @property {Part} initial
 * @property {Record<string, (part: Part, message: any) => Part>} heard the next part, by type of message
 * @property {(tools: Tools) => {render: (part: Part, state: RoomState) => void}} mount
 */

/** @type {PageFeature<any>[]} */
export const FEATURES = [layout, notes, overtime];

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
