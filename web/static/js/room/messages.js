/**
 * Types of what travels between this page and the hub. docs/protocol.md describes each message;
 * rooms/protocol/messages.py is the source. Types only: nothing here runs.
 */

/** @typedef {"microphone" | "camera" | "screen" | "screen_audio"} Source */
/** @typedef {"lecture" | "speaker" | "grid" | "single"} LayoutMode */
/** @typedef {"absent" | "present" | "reconnecting" | "left"} Presence */
/** @typedef {"left" | "replaced" | "revoked" | "removed" | "sent_out" | "ended" | "stopping" | "lost" | "protocol"} CloseReason */
/** @typedef {"send" | "receive"} Direction */

/**
 * @typedef {object} Member one seat, as everybody sees it
 * @property {string} id
 * @property {string} name
 * @property {string} unit
 * @property {string} level
 * @property {number} rank 1 central .. 4 commune
 * @property {"site" | "secretary" | "technician"} role
 * @property {boolean} chair
 * @property {Presence} presence
 * @property {boolean} microphone
 * @property {boolean} camera
 * @property {boolean} screen
 * @property {number | null} hand_at unix seconds
 * @property {boolean} [device] a hardware encoder sits there
 * @property {number} [players] devices that play the meeting there
 * @property {boolean} [sent_out] by the secretary: it may not come in
 */

/** @typedef {{mode: LayoutMode, focus: string | null}} Layout */
/**
 * @typedef {object} Room
 * @property {string} meeting_id
 * @property {string} title
 * @property {string | null} chair
 * @property {number} starts_at unix seconds
 * @property {number} ends_at unix seconds
 * @property {Layout} layout
 */

/** @typedef {{name: string, number: string}} Phone `name`: whose, "" the room's own */
/** @typedef {{mid: string, kind: "audio" | "video", member: string | null, source: Source | null}} Slot */
/** @typedef {{member: string, source: "camera" | "screen", height_px: number}} ViewTile */

/**
 * @typedef {object} Welcome
 * @property {"welcome"} type
 * @property {string} member
 * @property {string} resume
 * @property {boolean} resumed
 * @property {boolean} may_drive
 * @property {boolean} may_end
 * @property {number} heartbeat_s
 * @property {number} digest_s
 * @property {Room} room
 * @property {Member[]} members
 * @property {number} [seq] of the last act in the room; not told by the first hubs
 * @property {number} [version] the one picked; not told by the first hubs
 * @property {string[]} [features] those that both know
 * @property {string} [hub] that runs the meeting, where the socket is relayed; else empty
 * @property {string} [via] the hub that relays it
 */
/** @typedef {{type: "relays", relays: {urls: string[], username: string, credential: string}[]}} Relays */
/** @typedef {{type: "offer", offer_id: number, sdp: string}} Offer */
/** @typedef {{type: "closed", reason: CloseReason, message: string, retry: boolean}} Closed */
/** @typedef {{type: "problem", code: string, message: string, about: string | null, request?: string}} Problem */

/**
 * @typedef {Welcome
 *   | Relays
 *   | {type: "room", room: Room, seq?: number}
 *   | {type: "member", member: Member, seq?: number}
 *   | {type: "member_gone", member: string, seq?: number}
 *   | {type: "published", sdp: string}
 *   | Offer
 *   | {type: "slots", slots: Slot[]}
 *   | {type: "layers", source: Source, rids: string[]}
 *   | {type: "speaking", members: string[], dominant: string | null}
 *   | {type: "muted", source: "microphone" | "camera" | "screen", seq?: number}
 *   | {type: "hand_lowered", seq?: number}
 *   | {type: "invited", seq?: number}
 *   | {type: "contacts", contacts: {member: string, phones: Phone[]}[]}
 *   | {type: "pong", at: number, request?: string}
 *   | {type: "done", request: string}
 *   | Problem
 *   | Closed} HubMessage
 */

/**
 * @typedef {{type: "hello", version: number, app_version: string, resume: string, oldest?: number, features?: string[]}
 *   | {type: "publish", sdp: string, sources: Record<string, Source>}
 *   | {type: "answer", offer_id: number, sdp: string}
 *   | {type: "restart", fresh: boolean}
 *   | {type: "view", tiles: ViewTile[]}
 *   | {type: "microphone", on: boolean}
 *   | {type: "camera", on: boolean}
 *   | {type: "screen", on: boolean}
 *   | {type: "hand", raised: boolean}
 *   | {type: "mute", member: string, source: "microphone" | "camera" | "screen"}
 *   | {type: "unmute", member: string, source: "microphone" | "camera"}
 *   | {type: "mute_all"}
 *   | {type: "lower_hand", member: string}
 *   | {type: "invite", member: string}
 *   | {type: "send_out", member: string, reason: string}
 *   | {type: "let_in", member: string}
 *   | {type: "layout", mode: LayoutMode, focus: string | null}
 *   | {type: "end"}
 *   | {type: "digest", digest: import("./stats.js").Digest}
 *   | {type: "ping", at: number}
 *   | {type: "leave"}} ClientMessage
 */

/**
 * @typedef {object} Boot what the server tells the page
 * @property {string} socket address of the socket, a path on this origin
 * @property {string} seat name of the site or officer
 * @property {string} unit
 * @property {string} level
 * @property {Record<string, string>} levels names in the page's language, by Vietnamese name
 * @property {string} title of the meeting
 * @property {boolean} chair
 * @property {string} meeting_id
 * @property {string} language
 * @property {string} timezone in which the schedule is told, whatever this machine is set to
 * @property {string} app_version
 * @property {"site" | "secretary" | "technician"} role
 * @property {string} exit where "leave" leads, "" if nowhere
 */

export const PROTOCOL_VERSION = 1;
/** The oldest version that this page still speaks. */
export const OLDEST_VERSION = 1;
/** As many tiles as the hub has video slots for one receiver. */
export const MAX_TILES = 25;
