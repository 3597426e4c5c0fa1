/**
 * Questions about the seats of a room. Pure.
 */

/** @import {Member} from "./messages.js" */
/** @import {RoomState} from "./state.js" */

/**
 * Everybody in the order people expect: the chair, then by level, then by name.
 *
 * @param {Record<string, Member>} members
 * @returns {Member[]}
 */
export function ordered(members) {
  return Object.values(members).sort(
    (a, b) =>
      Number(b.chair) - Number(a.chair) ||
      a.rank - b.rank ||
      a.name.localeCompare(b.name, "vi") ||
      (a.id < b.id ? -1 : 1),
  );
}

/** @param {Member} member */
export function isHere(member) {
  return member.presence === "present" || member.presence === "reconnecting";
}

/**
 * How many invited sites are here, of how many. Officers' consoles are not sites.
 *
 * @param {Pick<RoomState, "members">} state
 */
export function attendance(state) {
  const sites = Object.values(state.members).filter((member) => member.role === "site");
  return { here: sites.filter(isHere).length, invited: sites.length };
}
