// @ts-check
// Which sites are chosen out of a tree of units. Pure: a reducer and questions about its state.
//
// The tree comes piece by piece (a country has 10,599 communes), so a node tells how many
// sites lie below it by level, and each chosen site carries its units from the root down:
// with these two a box is none, some or all before its children were ever loaded.

/** @typedef {{id: string, code: string, name: string}} PickSite */
/**
 * A unit. `kids` is how many children it has, loaded or not; `below` counts the sites of the
 * unit and everything under it, by level id; `having` the units there that have sites.
 * @typedef {{id: string, parent: string | null, level: string, name: string, kids: number,
 *   sites: PickSite[], below: Record<string, number>, having?: Record<string, number>}} PickUnit
 */
/**
 * A chosen site. `path` holds the unit ids from the root down to its own unit.
 * @typedef {{id: string, code: string, name: string, level: string, unitId: string,
 *   unitName: string, path: string[]}} Chosen
 */
/** @typedef {{id: string, name: string, rank: number}} PickLevel */
/**
 * @typedef {{host: string, hostPath: readonly string[], levels: readonly PickLevel[],
 *   limit: number, units: ReadonlyMap<string, PickUnit>,
 *   children: ReadonlyMap<string, readonly string[]>, open: ReadonlySet<string>,
 *   chosen: ReadonlyMap<string, Chosen>, refused: number}} PickState
 */
/**
 * @typedef {{type: "host", host: string, hostPath: readonly string[]}
 *   | {type: "loaded", units: readonly PickUnit[]}
 *   | {type: "open", unit: string, open: boolean}
 *   | {type: "site", unit: string, site: string, on: boolean}
 *   | {type: "below", unit: string, level: string | null, on: boolean}
 *   | {type: "add", sites: readonly Chosen[]}
 *   | {type: "remove", site: string}
 *   | {type: "clear"}} PickAction
 */

/**
 * @param {{host: string, hostPath: readonly string[], levels: readonly PickLevel[],
 *   limit: number, chosen: readonly Chosen[]}} start `hostPath`: root first, host last
 * @returns {PickState}
 */
export function startPicking({ host, hostPath, levels, limit, chosen }) {
  return {
    host,
    hostPath,
    levels: [...levels].sort((a, b) => a.rank - b.rank),
    limit,
    units: new Map(),
    children: new Map(),
    open: new Set(),
    chosen: new Map(chosen.map((site) => [site.id, site])),
    refused: 0,
  };
}

/** @type {Record<string, (state: PickState, action: any) => PickState>} */
const steps = {
  host: (state, { host, hostPath }) => ({ ...state, host, hostPath }),
  loaded: (state, { units }) => addUnits(state, units),
  open: (state, { unit, open }) => {
    const next = new Set(state.open);
    if (open) next.add(unit);
    else next.delete(unit);
    return { ...state, open: next };
  },
  site: (state, { unit, site, on }) =>
    on
      ? choose(
          state,
          sitesOf(state, unit).filter((s) => s.id === site),
        )
      : drop(state, (s) => s.id === site),
  below: (state, { unit, level, on }) =>
    on
      ? choose(state, sitesBelow(state, unit, level))
      : drop(state, (s) => s.path.includes(unit) && (level === null || s.level === level)),
  add: (state, { sites }) => choose(state, sites),
  remove: (state, { site }) => drop(state, (s) => s.id === site),
  clear: (state) => ({ ...state, chosen: new Map(), refused: 0 }),
};

/**
 * A choice that would pass the limit changes nothing and sets `refused` to the number of sites
 * it asked for in all; every other step sets `refused` to 0.
 * @param {PickState} state
 * @param {PickAction} action
 * @returns {PickState}
 */
export function reduce(state, action) {
  const step = steps[action.type];
  return step ? step({ ...state, refused: 0 }, action) : state;
}

/**
 * @param {PickState} state
 * @param {readonly PickUnit[]} fresh parents before children
 * @returns {PickState}
 */
function addUnits(state, fresh) {
  const units = new Map(state.units);
  const grown = /** @type {Map<string, string[]>} */ (new Map());
  for (const unit of fresh) {
    const parent = units.has(unit.id) ? null : unit.parent;
    units.set(unit.id, unit);
    if (parent === null) continue;
    const list = grown.get(parent) ?? [...(state.children.get(parent) ?? [])];
    list.push(unit.id);
    grown.set(parent, list);
  }
  const name = (/** @type {string} */ id) => units.get(id)?.name ?? "";
  for (const list of grown.values()) list.sort((a, b) => name(a).localeCompare(name(b), "vi"));
  return { ...state, units, children: new Map([...state.children, ...grown]) };
}

/**
 * @param {PickState} state
 * @param {readonly Chosen[]} sites
 * @returns {PickState}
 */
function choose(state, sites) {
  const chosen = new Map(state.chosen);
  for (const site of sites) chosen.set(site.id, site);
  if (chosen.size > state.limit) return { ...state, refused: chosen.size };
  return { ...state, chosen };
}

/**
 * @param {PickState} state
 * @param {(site: Chosen) => boolean} unwanted
 * @returns {PickState}
 */
function drop(state, unwanted) {
  const kept = [...state.chosen].filter(([, site]) => !unwanted(site));
  return { ...state, chosen: new Map(kept) };
}

/**
 * @param {PickState} state
 * @param {string} unitId a loaded unit
 * @returns {Chosen[]} its own sites, as they would be chosen
 */
function sitesOf(state, unitId) {
  const unit = state.units.get(unitId);
  if (!unit) return [];
  const path = pathOf(state, unitId);
  return unit.sites.map((site) => ({
    ...site,
    level: unit.level,
    unitId,
    unitName: unit.name,
    path,
  }));
}

/**
 * @param {PickState} state
 * @param {string} unitId
 * @returns {string[]} loaded units from the root down to this one
 */
export function pathOf(state, unitId) {
  const path = /** @type {string[]} */ ([]);
  let at = state.units.get(unitId);
  while (at) {
    path.unshift(at.id);
    at = at.parent === null ? undefined : state.units.get(at.parent);
  }
  return path;
}

/**
 * @param {PickState} state
 * @param {string} unitId
 * @param {string | null} level only sites of this level; null: all
 * @returns {Chosen[]} of loaded units, the unit's own sites first
 */
export function sitesBelow(state, unitId, level) {
  const unit = state.units.get(unitId);
  if (!unit) return [];
  const own = level === null || unit.level === level ? sitesOf(state, unitId) : [];
  return own.concat(
    (state.children.get(unitId) ?? []).flatMap((child) => sitesBelow(state, child, level)),
  );
}

/**
 * @param {PickState} state
 * @param {string} unitId
 * @param {string | null} level
 * @returns {boolean} whether every site that such a choice means is loaded
 */
export function isLoaded(state, unitId, level) {
  const unit = state.units.get(unitId);
  return unit !== undefined && sitesBelow(state, unitId, level).length >= countBelow(unit, level);
}

/**
 * @param {PickUnit} unit
 * @param {string | null} level
 * @returns {number} sites of the unit and below it
 */
export function countBelow(unit, level) {
  if (level !== null) return unit.below[level] ?? 0;
  return Object.values(unit.below).reduce((sum, count) => sum + count, 0);
}

/**
 * @param {PickState} state
 * @returns {Map<string, number>} chosen sites by unit they are in or below
 */
export function tally(state) {
  const counts = new Map();
  for (const site of state.chosen.values()) {
    for (const unit of site.path) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  return counts;
}

/**
 * @param {PickUnit} unit
 * @param {number} count chosen sites in and below it
 * @returns {"none" | "some" | "all"}
 */
export function boxState(unit, count) {
  if (count === 0) return "none";
  return count >= countBelow(unit, null) ? "all" : "some";
}

/**
 * @param {PickState} state
 * @param {string} unitId
 * @param {string} level
 * @returns {boolean} whether all sites of that level below the unit are chosen
 */
export function isLevelChosen(state, unitId, level) {
  const unit = state.units.get(unitId);
  const wanted = unit ? countBelow(unit, level) : 0;
  if (wanted === 0) return false;
  let count = 0;
  for (const site of state.chosen.values()) {
    if (site.level === level && site.path.includes(unitId)) count += 1;
  }
  return count >= wanted;
}

/**
 * Who may be invited: the host's own sites and all below, and the sites of its upper levels.
 * @param {PickState} state
 * @param {Chosen} site
 * @returns {boolean}
 */
export function isInReach(state, site) {
  return site.path.includes(state.host) || state.hostPath.includes(site.unitId);
}

/**
 * @param {PickState} state
 * @returns {{level: PickLevel, sites: Chosen[]}[]} chosen sites by level, highest first
 */
export function chosenByLevel(state) {
  const sites = [...state.chosen.values()];
  return state.levels
    .map((level) => ({
      level,
      sites: sites
        .filter((site) => site.level === level.id)
        .sort((a, b) => a.unitName.localeCompare(b.unitName, "vi")),
    }))
    .filter((group) => group.sites.length > 0);
}

/**
 * "Huyện Nậm Pồ" of level "Huyện" is called "Nậm Pồ" where the level is already said.
 * @param {string} name
 * @param {string} levelName
 * @returns {string}
 */
export function shortName(name, levelName) {
  const kind = `${levelName} `;
  return name.toLowerCase().startsWith(kind.toLowerCase()) ? name.slice(kind.length) : name;
}
