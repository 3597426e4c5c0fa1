// @ts-check
// How the picker's rows, buttons and chosen list look; drawn from the state, no fetching.

import { markMatches } from "./fold.js";
import { t, written } from "./i18n.js";
import { el, icon } from "./picker-parts.js";
import { chosenByLevel, countBelow, isInReach, shortName } from "./picker-state.js";

/** @typedef {import("./picker-state.js").PickState} PickState */
/** @typedef {import("./picker-state.js").PickUnit} PickUnit */
/** @typedef {import("./picker-state.js").Chosen} Chosen */
/** @typedef {{state: PickState, query: string, sprite: string}} View `query` as typed, or empty */

// Beyond this many sites a level of the chosen list starts folded, so that the page stays short.
const FOLDED_FROM = 24;

/**
 * Whole levels below a unit, one button each.
 * @param {View} view
 * @param {PickUnit} unit
 * @param {boolean} ofHost whether the unit's name goes without saying
 * @returns {HTMLElement[]}
 */
export function drawLevelButtons(view, unit, ofHost) {
  const levels = view.state.levels;
  const kind = levels.find((level) => level.id === unit.level)?.name ?? "";
  return levels
    .filter((level) => level.id !== unit.level && unit.below[level.id])
    .map((level) => {
      const values = {
        level: level.name.toLowerCase(),
        unit: shortName(unit.name, kind),
        count: written(unit.having?.[level.id] ?? countBelow(unit, level.id)),
      };
      const text = ofHost
        ? t("Tất cả %(level)s (%(count)s)", values)
        : t("Tất cả %(level)s của %(unit)s (%(count)s)", values);
      const attributes = {
        type: "button",
        class: "pick-level",
        id: `pick-${ofHost ? "quick" : "row"}-${unit.id}-${level.id}`,
        "data-act": "level",
        "data-unit": unit.id,
        "data-level": level.id,
        "aria-pressed": "false",
      };
      const signs = [icon(view.sprite, "plus"), icon(view.sprite, "check")];
      return el("button", attributes, [...signs, el("span", {}, [text])]);
    });
}

/**
 * Saved lists, one button each.
 * @param {View} view
 * @param {{id: string, name: string, sites: number, unit: string}[]} lists
 * @returns {HTMLElement[]}
 */
export function drawLists(view, lists) {
  if (!lists.length) return [];
  const buttons = lists.map(({ id, name, sites, unit }) => {
    const attributes = { type: "button", class: "pick-level", "data-act": "list", "data-list": id };
    const made = el("button", attributes, [
      icon(view.sprite, "list"),
      el("span", {}, [`${name} (${written(sites)})`]),
    ]);
    if (unit) made.title = t("Danh sách của %(unit)s", { unit });
    return made;
  });
  return [el("p", { class: "pick-lists-head" }, [t("Danh sách đã lưu:")]), ...buttons];
}

/**
 * Whole levels below a row's unit: one stands in the row, more wait in a menu, since beside them
 * a province's name would have no room.
 * @param {View} view
 * @param {PickUnit} unit
 */
function drawRowMenu(view, unit) {
  const buttons = drawLevelButtons(view, unit, false);
  if (buttons.length < 2) return buttons;
  const label = t("Chọn cả cấp của %(unit)s", { unit: unit.name });
  const opener = el("summary", { class: "pick-more", "aria-label": label, title: label }, [
    icon(view.sprite, "list"),
    icon(view.sprite, "chevron-down"),
  ]);
  return [el("details", { class: "pick-menu" }, [opener, el("div", { class: "pick-sheet" }, buttons)])];
}

/**
 * @param {View} view
 * @param {string} unitId
 * @param {boolean} found whether it stands among results, with its place written under it
 * @returns {HTMLElement} a list item with the unit's row and, when open, what is below
 */
export function drawUnit(view, unitId, found) {
  const unit = view.state.units.get(unitId);
  if (!unit) return el("li", { class: "pick-none" }, [t("Đang tải…")]);
  const opens = unit.kids > 0 || unit.sites.length > 1;
  const [only] = opens ? [] : drawSites(view, unitId, found);
  if (only) return only;
  const open = opens && view.state.open.has(unitId);
  const row = el("div", { class: "pick-row" }, [
    opens ? openButton(view, unit, open) : el("span", { class: "pick-gap" }, []),
    drawBox(view, unit, null, unit.name, found ? placeOf(view, unit) : ""),
    el("span", { class: "pick-count", "data-unit": unitId }, []),
    ...(unit.id === view.state.host && !found ? [] : drawRowMenu(view, unit)),
  ]);
  const inner = open
    ? [
        ...drawSites(view, unitId, false),
        ...(view.state.children.get(unitId) ?? []).map((id) => drawUnit(view, id, false)),
      ]
    : [];
  const list = el("ul", { class: "pick-list", id: `pick-list-${unitId}` }, inner);
  list.hidden = !open;
  return el("li", { class: "pick-unit" }, [row, list]);
}

/**
 * @param {View} view
 * @param {PickUnit} unit
 * @param {boolean} open
 */
function openButton(view, unit, open) {
  const values = { unit: unit.name };
  const attributes = {
    type: "button",
    class: "pick-open",
    id: `pick-open-${unit.id}`,
    "data-act": "open",
    "data-unit": unit.id,
    "aria-expanded": String(open),
    "aria-controls": `pick-list-${unit.id}`,
    "aria-label": open ? t("Thu gọn %(unit)s", values) : t("Mở %(unit)s", values),
  };
  return el("button", attributes, [icon(view.sprite, "chevron-right")]);
}

/**
 * @param {View} view
 * @param {string} unitId
 * @param {boolean} apart whether the rows stand away from their unit's row (results, upper levels)
 * @returns {HTMLElement[]} one list item a site
 */
export function drawSites(view, unitId, apart) {
  const unit = view.state.units.get(unitId);
  if (!unit) return [];
  const titled = apart || (unit.kids === 0 && unit.sites.length === 1);
  const place = apart && view.query ? placeOf(view, unit) : "";
  return unit.sites.map((site) => {
    const name = titled ? unit.name : site.name;
    const hint = titled ? [site.name, place].filter(Boolean).join(" · ") : "";
    return el("li", { class: "pick-site" }, [
      el("div", { class: "pick-row" }, [
        el("span", { class: "pick-gap" }, []),
        drawBox(view, unit, site.id, name, hint),
      ]),
    ]);
  });
}

/**
 * @param {View} view
 * @param {PickUnit} unit
 * @param {string | null} site a box of one site, or of the whole unit and what is below it
 * @param {string} name
 * @param {string} hint
 */
function drawBox(view, unit, site, name, hint) {
  const id = `pick-box-${site ?? unit.id}`;
  const input = el("input", { type: "checkbox", id, "data-unit": unit.id }, []);
  if (site) input.dataset.site = site;
  const small = hint ? [el("span", { class: "pick-hint" }, marked(view, hint))] : [];
  const title = el("span", { class: "pick-title" }, marked(view, name));
  return el("label", { class: "pick-name" }, [input, el("span", {}, [title, ...small])]);
}

/**
 * @param {View} view
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function marked(view, text) {
  if (!view.query) return [text];
  return markMatches(text, view.query).map((piece) =>
    piece.hit ? el("mark", {}, [piece.text]) : piece.text,
  );
}

/**
 * @param {View} view
 * @param {PickUnit} unit
 * @returns {string} the units between it and the host, nearest first; at least its upper unit
 */
function placeOf(view, unit) {
  const names = /** @type {string[]} */ ([]);
  let at = unit.parent === null ? undefined : view.state.units.get(unit.parent);
  while (at && (names.length === 0 || !view.state.hostPath.includes(at.id))) {
    names.push(at.name);
    at = at.parent === null ? undefined : view.state.units.get(at.parent);
  }
  return names.join(", ");
}

/**
 * The chosen sites by level, each with a button that takes it out.
 * @param {View} view
 * @param {Map<string, boolean>} opened levels a person opened or closed; kept up to date
 * @returns {HTMLElement[]}
 */
export function drawChosen(view, opened) {
  const groups = chosenByLevel(view.state).map(({ level, sites }) => {
    const details = /** @type {HTMLDetailsElement} */ (
      el("details", { class: "pick-group" }, [
        el("summary", {}, [
          el("span", {}, [level.name]),
          el("span", { class: "pick-badge" }, [written(sites.length)]),
        ]),
        el(
          "ul",
          {},
          sites.map((site) => drawChip(view, site)),
        ),
      ])
    );
    details.open = opened.get(level.id) ?? sites.length <= FOLDED_FROM;
    details.addEventListener("toggle", () => opened.set(level.id, details.open));
    return details;
  });
  if (groups.length) return groups;
  const hint = t("Chưa chọn điểm cầu nào. Đánh dấu ở cây đơn vị, hoặc gõ tên để tìm.");
  return [el("p", { class: "pick-empty" }, [hint])];
}

/**
 * @param {View} view
 * @param {Chosen} site
 */
function drawChip(view, site) {
  const out = view.state.units.size > 0 && !isInReach(view.state, site);
  const warning = out ? [el("small", {}, [t("ngoài phạm vi đơn vị chủ trì")])] : [];
  const attributes = {
    type: "button",
    "data-act": "remove",
    "data-site": site.id,
    "aria-label": t("Bỏ %(unit)s", { unit: site.unitName }),
  };
  return el("li", { class: out ? "pick-chip is-out" : "pick-chip" }, [
    el("span", { class: "pick-chip-name", title: site.name }, [site.unitName, ...warning]),
    el("button", attributes, [icon(view.sprite, "x")]),
  ]);
}
