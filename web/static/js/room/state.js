/**
 * What the page knows of the room: a pure reducer over the hub's messages and a few local ones.
 * Nothing here touches the document, the network or a clock.
 */

import { emptyParts, hearParts } from "./features.js";

/** @import {Closed, HubMessage, Member, Phone, Problem, Room, Slot} from "./messages.js" */

/**
 * @typedef {object} RoomState
 * @property {boolean} welcomed
 * @property {string} self own member id, "" before the first welcome
 * @property {boolean} mayDrive
 * @property {boolean} mayEnd
 * @property {Record<string, unknown>} parts of features, by their names
 * @property {number} seq of the last act in the room that we heard of
 * @property {string[]} features that this page and its hub both know
 * @property {{hub: string, via: string} | null} relayed which hub runs the meeting, and which relays
 * @property {Room | null} room
 * @property {Record<string, Member>} members
 * @property {Record<string, Phone[]>} contacts by member; of those who drive only
 * @property {Slot[]} slots
 * @property {string[]} speaking
 * @property {string | null} dominant
 * @property {Problem | null} problem the last one
 * @property {Closed | null} closed set once the seat is given up for good
 * @property {boolean} microphone our own wish; the hub's word is in `members`
 * @property {boolean} camera
 * @property {boolean} audioOnly
 * @property {boolean} cameraBefore it was on when the pictures were given up
 * @property {number} page of the tiles, from 0
 */

/**
 * @typedef {{type: "local.microphone", on: boolean}
 *   | {type: "local.camera", on: boolean}
 *   | {type: "local.audio_only", on: boolean, camera?: boolean}
 *   | {type: "local.page", page: number}
 *   | {type: "local.forget_media"}} LocalAction
 */
/** @typedef {HubMessage | LocalAction} Action */

/** @returns {RoomState} */
export function emptyRoom() {
  return {
    welcomed: false,
    self: "",
    mayDrive: false,
    mayEnd: false,
    parts: emptyParts(),
    seq: 0,
    features: [],
    relayed: null,
    room: null,
    members: {},
    contacts: {},
    slots: [],
    speaking: [],
    dominant: null,
    problem: null,
    closed: null,
    microphone: false,
    camera: false,
    audioOnly: false,
    cameraBefore: false,
    page: 0,
  };
}

/** @type {{[K in Action["type"]]?: (state: RoomState, action: Extract<Action, {type: K}>) => RoomState}} */
const HANDLERS = {
  welcome: (state, message) => ({
    ...state,
    welcomed: true,
    self: message.member,
    mayDrive: message.may_drive,
    mayEnd: message.may_end,
    features: message.features ?? [],
    relayed: message.hub ? { hub: message.hub, via: message.via ?? "" } : null,
    room: message.room,
    members: Object.fromEntries(message.members.map((member) => [member.id, member])),
    // A hub that does not know us any more has none of our slots either.
    slots: message.resumed ? state.slots : [],
    speaking: [],
    dominant: null,
    closed: null,
  }),
  room: (state, message) => ({ ...state, room: message.room, page: 0 }),
  member: (state, message) => ({
    ...state,
    members: { ...state.members, [message.member.id]: message.member },
  }),
  member_gone: (state, message) => {
    const { [message.member]: _, ...members } = state.members;
    return { ...state, members };
  },
  slots: (state, message) => ({ ...state, slots: message.slots }),
  speaking: (state, message) => ({
    ...state,
    speaking: message.members,
    dominant: message.dominant,
  }),
  contacts: (state, message) => ({
    ...state,
    contacts: Object.fromEntries(message.contacts.map(({ member, phones }) => [member, phones])),
  }),
  problem: (state, message) => ({ ...state, problem: message }),
  closed: (state, message) => (message.retry ? state : { ...state, closed: message }),
  "local.microphone": (state, action) => ({ ...state, microphone: action.on }),
  "local.camera": (state, action) => ({ ...state, camera: action.on }),
  "local.audio_only": (state, action) => ({
    ...state,
    audioOnly: action.on,
    camera: action.on ? false : state.camera,
    cameraBefore: action.on ? (action.camera ?? (state.camera || state.cameraBefore)) : false,
  }),
  "local.page": (state, action) => ({ ...state, page: Math.max(0, action.page) }),
  "local.forget_media": (state) => ({ ...state, slots: [] }),
};

/**
 * The next state. Messages of an unknown type leave it as it was: a newer hub may say more.
 *
 * @param {RoomState} state
 * @param {Action} action
 * @returns {RoomState}
 */
export function reduceRoom(state, action) {
  const handler = /** @type {((state: RoomState, action: Action) => RoomState) | undefined} */ (
    HANDLERS[action.type]
  );
  const seq = "seq" in action ? (action.seq ?? state.seq) : state.seq;
  // A hub that lost its last second may begin again below what we heard from it.
  if (seq < state.seq && action.type !== "welcome") return state;
  const next = handler ? handler(state, action) : state;
  const parts = hearParts(next.parts, action);
  return next.seq === seq && next.parts === parts ? next : { ...next, seq, parts };
}

/** Whether we spoke last, and nobody speaks now. @param {RoomState} state */
export function leads({ self, dominant, speaking }) {
  return dominant === self && speaking.every((member) => member === self);
}

/**
 * The mid of the receive connection that carries `source` of `member` now, if any does.
 *
 * @param {Slot[]} slots
 * @param {string} member
 * @param {string} source
 * @returns {string | null}
 */
export function slotOf(slots, member, source) {
  return slots.find((slot) => slot.member === member && slot.source === source)?.mid ?? null;
}
