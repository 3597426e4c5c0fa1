/** Levels of units in the page's language: the hub names them in Vietnamese to everybody. Pure. */

/** @import {HubMessage, Member} from "./messages.js" */

/**
 * The message with its members' levels in the page's language.
 *
 * @param {HubMessage} message
 * @param {Readonly<Record<string, string>>} levels by Vietnamese name; a level it lacks stays
 * @returns {HubMessage}
 */
export function nameLevels(message, levels) {
  const named = (/** @type {Member} */ member) => ({
    ...member,
    level: levels[member.level] ?? member.level,
  });
  if (message.type === "welcome") return { ...message, members: message.members.map(named) };
  return message.type === "member" ? { ...message, member: named(message.member) } : message;
}
