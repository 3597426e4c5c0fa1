/**
 * What to tell the person about the link. Pure: events and the time go in, a banner comes out.
 */

/** @import {Direction} from "./messages.js" */
/** @import {Digest} from "./stats.js" */

/** @typedef {"none" | "reconnecting" | "back" | "unable" | "blocked" | "weak" | "slow"} Banner */

/**
 * @typedef {object} Link
 * @property {boolean} socket
 * @property {Record<Direction, boolean>} media up now
 * @property {Record<Direction, boolean>} ever was up once
 * @property {boolean} unable the browser could not make a connection, whatever the network
 * @property {number} joinedAt ms, when the first welcome came; 0 before
 * @property {boolean} lost something that was up is down
 * @property {number} backUntil ms; until then "back" is shown
 * @property {number} weak bad digests in a row
 * @property {number} strong good digests in a row since it was weak
 * @property {boolean} weakShown
 * @property {number} busy digests in a row in which the processor held the picture back
 * @property {number} quietUntil ms; the hint was waved away until then
 */

/**
 * @typedef {{type: "socket", up: boolean}
 *   | {type: "media", direction: Direction, state: string}
 *   | {type: "unable", direction: Direction}
 *   | {type: "digest", digest: Digest}
 *   | {type: "dismiss"}
 *   | {type: "tick"}} LinkEvent
 */

/** Long enough to be read, short enough not to be in the way. */
export const BACK_MS = 4000;
/** ICE and DTLS take well under a second on a working path; a firewall that drops UDP never answers. */
export const BLOCKED_AFTER_MS = 15000;
/** Two digests are ten seconds: a single burst of loss is no reason to give up the picture. */
export const WEAK_DIGESTS = 2;
/** Half a minute of good numbers before the hint goes by itself. */
export const STRONG_DIGESTS = 6;
/** A minute: starting a program or a camera takes an old laptop half of that. */
export const BUSY_DIGESTS = 12;
const QUIET_MS = 10 * 60 * 1000;
/** Concealment of Opus and VP8 retransmission hide less than this. */
const WEAK_LOSS = 0.06;
/** ITU-T G.114: conversation suffers beyond 400 ms one way. */
const WEAK_RTT_MS = 800;

const DOWN = new Set(["disconnected", "failed", "closed"]);

/** @returns {Link} */
export function newLink() {
  return {
    socket: false,
    media: { send: false, receive: false },
    ever: { send: false, receive: false },
    unable: false,
    joinedAt: 0,
    lost: false,
    backUntil: 0,
    weak: 0,
    strong: 0,
    weakShown: false,
    busy: 0,
    quietUntil: 0,
  };
}

/**
 * @param {Link} link
 * @param {LinkEvent} event
 * @param {number} now ms, monotonic
 * @returns {Link}
 */
export function reduceLink(link, event, now) {
  switch (event.type) {
    case "socket":
      return settle(
        { ...link, socket: event.up, joinedAt: link.joinedAt || (event.up ? now : 0) },
        now,
      );
    case "media":
      return settle(withMedia(link, event.direction, event.state), now);
    case "unable":
      return { ...link, unable: !link.ever[event.direction] };
    case "digest":
      return withDigest(link, event.digest);
    case "dismiss":
      return { ...link, weakShown: false, weak: 0, busy: 0, quietUntil: now + QUIET_MS };
    default:
      return link;
  }
}

/**
 * The one banner to show now.
 *
 * @param {Link} link
 * @param {number} now
 * @returns {Banner}
 */
export function bannerOf(link, now) {
  if (!link.joinedAt) return "none";
  if (link.lost) return "reconnecting";
  const connected = link.ever.send && link.ever.receive;
  if (!connected && link.unable) return "unable";
  if (!connected && now - link.joinedAt > BLOCKED_AFTER_MS) return "blocked";
  if (now < link.backUntil) return "back";
  if (now < link.quietUntil) return "none";
  return link.weakShown ? "weak" : link.busy >= BUSY_DIGESTS ? "slow" : "none";
}

/**
 * @param {Link} link
 * @param {Direction} direction
 * @param {string} state of an RTCPeerConnection
 * @returns {Link}
 */
function withMedia(link, direction, state) {
  // "new" and "connecting" say nothing yet: what was lost stays lost until it is connected.
  if (state !== "connected" && !DOWN.has(state)) return link;
  const up = state === "connected";
  return {
    ...link,
    media: { ...link.media, [direction]: up },
    ever: { ...link.ever, [direction]: link.ever[direction] || up },
  };
}

/**
 * @param {Link} link
 * @param {number} now
 * @returns {Link}
 */
function settle(link, now) {
  const mediaLost = (/** @type {Direction} */ way) => link.ever[way] && !link.media[way];
  const lost = link.joinedAt > 0 && (!link.socket || mediaLost("send") || mediaLost("receive"));
  if (lost === link.lost) return link;
  return { ...link, lost, backUntil: lost ? 0 : now + BACK_MS, weak: 0, strong: 0 };
}

/**
 * @param {Link} link
 * @param {Digest} digest
 * @returns {Link}
 */
function withDigest(link, digest) {
  const bad = isBad(digest);
  const weak = bad ? link.weak + 1 : 0;
  const strong = bad ? 0 : link.strong + 1;
  const weakShown = weak >= WEAK_DIGESTS || (link.weakShown && strong < STRONG_DIGESTS);
  const busy = digest.video_out.limitation === "cpu" ? link.busy + 1 : 0;
  return { ...link, weak, strong, weakShown, busy };
}

/** @param {Digest} digest */
function isBad(digest) {
  const lost = digest.audio_in.packets_lost + digest.video_in.packets_lost;
  const all = lost + digest.audio_in.packets_received + digest.video_in.packets_received;
  const down = all > 50 ? lost / all : 0; // fewer packets make no percentage
  const up = Math.max(digest.audio_out.loss_fraction ?? 0, digest.video_out.loss_fraction ?? 0);
  const rtt = digest.path.rtt_ms ?? 0;
  return down > WEAK_LOSS || up > WEAK_LOSS || rtt > WEAK_RTT_MS;
}
