/**
 * Who is worth showing as the speaker. Pure. The hub already smooths levels into `dominant`;
 * this only remembers the last one, so that the picture does not go home in every pause.
 */

/** @import {Member} from "./messages.js" */
/** @import {RoomState} from "./state.js" */

/**
 * The member to show as speaker: the dominant voice other than the chair and ourselves, else
 * the one shown before while still in the room, else null.
 *
 * @param {Pick<RoomState, "members" | "self" | "dominant">} state
 * @param {string | null} shown
 * @returns {string | null}
 */
export function pickSpeaker(state, shown) {
  const loud = state.dominant ? state.members[state.dominant] : undefined;
  if (loud && eligible(loud, state.self)) return loud.id;
  const before = shown ? state.members[shown] : undefined;
  return before && eligible(before, state.self) ? before.id : null;
}

/**
 * @param {Member} member
 * @param {string} self
 */
function eligible(member, self) {
  return member.id !== self && !member.chair && member.presence === "present";
}
