/**
 * What a seat is called where there is little room. Pure.
 *
 * Sites of one level nearly all begin with the same words ("Phòng họp UBND xã …"): cut short they
 * read alike. The unit's name tells them apart from the first letter on.
 */

/** @import {Member} from "./messages.js" */

/**
 * The unit's name for a site, as long as no other site here bears it; else the site's own. Officers
 * are called by their names.
 *
 * @param {Record<string, Member>} members
 * @returns {Map<string, string>} by member id
 */
export function shortNames(members) {
  const everybody = Object.values(members);
  /** @type {Map<string, number>} */
  const bearers = new Map();
  for (const { role, unit } of everybody) {
    if (role === "site") bearers.set(unit, (bearers.get(unit) ?? 0) + 1);
  }
  return new Map(
    everybody.map(({ id, role, unit, name }) => [
      id,
      role === "site" && unit && bearers.get(unit) === 1 ? unit : name,
    ]),
  );
}
