// @ts-check
// The site picker on the meeting form: a tree with boxes, search, whole levels, the chosen list.
// State is in picker-state.js; this file draws it and fetches branches when they are opened.

import { HttpError, getJson } from "./http.js";
import { t, written } from "./i18n.js";
import { el } from "./picker-parts.js";
import {
  boxState,
  countBelow,
  isLevelChosen,
  isLoaded,
  reduce,
  startPicking,
  tally,
} from "./picker-state.js";
import { drawChosen, drawLevelButtons, drawLists, drawSites, drawUnit } from "./picker-view.js";

/** @typedef {import("./picker-state.js").PickState} PickState */
/** @typedef {import("./picker-state.js").PickAction} PickAction */
/** @typedef {import("./picker-state.js").Chosen} Chosen */

// Long enough to skip letters typed in a row, short enough to feel immediate.
const SEARCH_PAUSE_MS = 180;

export class SitePicker {
  /**
   * @param {HTMLElement} root the element rendered by meetings/_picker.html
   * @param {{onChange: (chosen: Chosen[]) => void, day?: () => string}} hooks `day`: of the meeting,
   *   YYYY-MM-DD, as far as it is known
   */
  constructor(root, { onChange, day = () => "" }) {
    const start = JSON.parse(root.querySelector("script[type='application/json']")?.textContent ?? "{}");
    /** @type {PickState} */
    this.state = startPicking(start);
    this.root = root;
    this.onChange = onChange;
    this.day = day;
    this.sprite = start.sprite;
    this.tree = find(root, "[data-tree]");
    this.results = find(root, "[data-results]");
    this.quick = find(root, "[data-quick]");
    this.lists = find(root, "[data-lists]");
    this.list = find(root, "[data-chosen]");
    this.count = find(root, "[data-count]");
    this.notice = find(root, "[data-notice]");
    this.clear = find(root, "[data-clear]");
    this.field = /** @type {HTMLInputElement} */ (find(root, "input[name='sites']"));
    this.search = /** @type {HTMLInputElement} */ (find(root, "input[type='search']"));
    this.query = "";
    this.hits = /** @type {string[]} */ ([]);
    this.timer = 0;
    this.asked = 0;
    this.opened = /** @type {Map<string, boolean>} */ (new Map());
    this.field.disabled = false;
    root.classList.add("is-live");
    this.listen();
    this.showChosen();
    void this.openHost();
  }

  /** @returns {import("./picker-view.js").View} */
  get view() {
    return { state: this.state, query: this.query, sprite: this.sprite };
  }

  /** @returns {Chosen[]} */
  get chosen() {
    return [...this.state.chosen.values()];
  }

  /**
   * Make another unit the host: the tree starts there anew, what is chosen stays.
   * @param {string} host
   */
  async setHost(host) {
    if (!host || host === this.state.host) return;
    this.update({ type: "host", host, hostPath: [host] });
    this.search.value = "";
    this.showResults("", []);
    await this.openHost();
  }

  async openHost() {
    const host = this.state.host;
    if (!host) return;
    this.tree.setAttribute("aria-busy", "true");
    const answer = await this.fetchUnits({ root: host });
    this.tree.removeAttribute("aria-busy");
    if (!answer || host !== this.state.host) return;
    this.update({ type: "host", host, hostPath: answer.path });
    this.update({ type: "open", unit: host, open: true });
    this.draw();
    await this.offerLists();
  }

  /** Saved lists of sites that serve the host: one press chooses a list's sites. */
  async offerLists() {
    const host = this.state.host;
    const answer = await this.fetchJson("/api/site-lists", { host });
    if (!answer || host !== this.state.host) return;
    this.lists.replaceChildren(...drawLists(this.view, answer.lists));
  }

  /** @param {string} list its id */
  async chooseList(list) {
    const on = this.day();
    const answer = await this.fetchJson(`/api/site-lists/${list}`, { host: this.state.host, on });
    if (!answer) return;
    this.update({ type: "add", sites: answer.sites });
    if (answer.said && !this.state.refused) this.say(answer.said);
  }

  /** Of the rows' menus one is open at a time. @param {EventTarget | null} kept */
  closeMenus(kept) {
    for (const menu of this.root.querySelectorAll("details.pick-menu[open]")) {
      const inside = kept instanceof Node && menu.contains(kept);
      if (menu instanceof HTMLDetailsElement && !inside) menu.open = false;
    }
  }

  listen() {
    document.addEventListener("pointerdown", (event) => this.closeMenus(event.target));
    this.root.addEventListener("focusin", (event) => this.closeMenus(event.target));
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.closeMenus(null);
    });
    this.root.addEventListener("click", (event) => this.onClick(event));
    this.tree.addEventListener("keydown", (event) => this.onKey(event));
    this.results.addEventListener("keydown", (event) => this.onKey(event));
    this.root.addEventListener("change", (event) => this.onBox(event));
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.runSearch(), SEARCH_PAUSE_MS);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // not the whole form
      if (event.key === "ArrowDown") {
        event.preventDefault();
        this.rows()[0]?.focus();
      }
      if (event.key === "Escape" && this.search.value) {
        this.search.value = "";
        this.showResults("", []);
      }
    });
  }

  /** @param {Event} event */
  onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { act, unit = "", level = "", site = "" } = button.dataset;
    if (act === "open") void this.toggle(unit, button.getAttribute("aria-expanded") !== "true");
    if (act === "level") {
      this.closeMenus(null);
      const on = button.getAttribute("aria-pressed") !== "true";
      void this.chooseBelow(unit, level || null, on);
    }
    if (act === "list") void this.chooseList(button.dataset.list ?? "");
    if (act === "remove") this.update({ type: "remove", site });
    if (act === "clear") this.update({ type: "clear" });
    if (act === "remove" || act === "clear") this.search.focus();
  }

  /** @param {Event} event */
  onBox(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    const { unit = "", site } = box.dataset;
    if (site) this.update({ type: "site", unit, site, on: box.checked });
    // A mixed box becomes checked by a click, which is what one wants: choose the rest too.
    else void this.chooseBelow(unit, null, box.checked);
  }

  /** Up and down move between rows, right and left open and close. @param {KeyboardEvent} event */
  onKey(event) {
    const at = event.target;
    if (!(at instanceof HTMLInputElement)) return;
    const rows = this.rows();
    const place = rows.indexOf(at);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      (rows[place + step] ?? (place + step < 0 ? this.search : at)).focus();
    }
    const open = { ArrowRight: true, ArrowLeft: false }[event.key];
    if (open !== undefined && at.dataset.unit && !at.dataset.site) {
      event.preventDefault();
      void this.toggle(at.dataset.unit, open);
    }
  }

  /** @returns {HTMLInputElement[]} boxes that can be reached now */
  rows() {
    const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (
      this.root.querySelectorAll("[data-tree] input, [data-results] input")
    );
    return [...boxes].filter((box) => box.offsetParent !== null && !box.disabled);
  }

  /** @param {string} unitId @param {boolean} open */
  async toggle(unitId, open) {
    const unit = this.state.units.get(unitId);
    if (!unit) return;
    const loaded = this.state.children.get(unitId)?.length ?? 0;
    if (open && loaded < unit.kids && !(await this.fetchUnits({ root: unitId }))) return;
    this.update({ type: "open", unit: unitId, open });
    this.draw();
  }

  /** @param {string} unitId @param {string | null} level @param {boolean} on */
  async chooseBelow(unitId, level, on) {
    const unit = this.state.units.get(unitId);
    if (!unit) return;
    const asked = countBelow(unit, level);
    if (on && asked > this.state.limit) {
      this.refuse(asked);
      this.sync();
      return;
    }
    if (on && !isLoaded(this.state, unitId, level)) {
      if (!(await this.fetchUnits({ root: unitId, through: level ?? "all" }))) {
        this.sync();
        return;
      }
    }
    this.update({ type: "below", unit: unitId, level, on });
  }

  async runSearch() {
    const query = this.search.value.trim();
    if (!query) {
      this.showResults("", []);
      return;
    }
    const turn = (this.asked += 1);
    const answer = await this.fetchUnits({ q: query, root: this.state.host }, "/api/units/search");
    if (answer && turn === this.asked) this.showResults(query, answer.hits ?? []);
  }

  /**
   * @param {Record<string, string>} params
   * @param {string} [path]
   * @returns {Promise<{path: string[], hits?: string[]} | null>} null when it failed, and it was said
   */
  async fetchUnits(params, path = "/api/units/tree") {
    const body = await this.fetchJson(path, params);
    if (body) this.update({ type: "loaded", units: body.units });
    return body;
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} params
   * @returns {Promise<any>} null when it failed, and it was said
   */
  async fetchJson(path, params) {
    try {
      return await getJson(`${path}?${new URLSearchParams(params)}`);
    } catch (error) {
      this.say(error instanceof HttpError ? error.message : t("Không tải được danh sách điểm cầu."));
      return null;
    }
  }

  /** @param {PickAction} action */
  update(action) {
    const before = this.state;
    this.state = reduce(before, action);
    if (this.state.refused) this.refuse(this.state.refused);
    else if (this.state.chosen !== before.chosen) this.say("");
    if (this.state.chosen !== before.chosen) {
      this.showChosen();
      this.onChange(this.chosen);
    }
    this.sync();
  }

  /** @param {number} asked */
  refuse(asked) {
    this.say(
      t("Mỗi cuộc họp mời nhiều nhất %(limit)s điểm cầu; lựa chọn này sẽ là %(asked)s.", {
        limit: written(this.state.limit),
        asked: written(asked),
      }),
    );
  }

  /** @param {string} text */
  say(text) {
    this.notice.textContent = text;
    this.notice.hidden = text === "";
  }

  /** @param {string} query @param {string[]} hits */
  showResults(query, hits) {
    this.query = query;
    this.hits = hits;
    this.asked += query ? 0 : 1;
    this.draw();
  }

  /** Draw the tree, or the search's results, anew; the focus stays where it was. */
  draw() {
    const held = document.activeElement?.id;
    const searching = this.query !== "";
    this.results.hidden = !searching;
    this.tree.hidden = searching;
    // One of the two is drawn at a time: a unit's box has its id once.
    const results = searching ? this.drawResults() : [];
    const tree = searching
      ? []
      : [drawUnit(this.view, this.state.host, false), ...this.drawUpper()];
    this.results.replaceChildren(...results);
    this.tree.replaceChildren(...tree);
    const host = this.state.units.get(this.state.host);
    this.quick.replaceChildren(...(host ? drawLevelButtons(this.view, host, true) : []));
    this.sync();
    if (held?.startsWith("pick-")) document.getElementById(held)?.focus();
  }

  /** @returns {HTMLElement[]} */
  drawResults() {
    if (this.hits.length) return this.hits.map((id) => drawUnit(this.view, id, true));
    const text = t("Không có đơn vị hay điểm cầu nào khớp “%(query)s”.", { query: this.query });
    return [el("li", { class: "pick-none" }, [text])];
  }

  /** @returns {HTMLElement[]} the sites of the host's upper levels, under a heading */
  drawUpper() {
    const upper = this.state.hostPath.slice(0, -1).flatMap((id) => drawSites(this.view, id, true));
    if (!upper.length) return [];
    const heading = el("p", { class: "pick-heading" }, [t("Cấp trên")]);
    return [el("li", { class: "pick-upper" }, [heading, el("ul", { class: "pick-list" }, upper)])];
  }

  /** Set boxes, counts and buttons to the state, without drawing anything anew. */
  sync() {
    const counts = tally(this.state);
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (
      this.root.querySelectorAll("input[type='checkbox'][data-unit]")
    )) {
      const { unit = "", site } = box.dataset;
      const known = this.state.units.get(unit);
      if (!known) continue;
      const as = site
        ? this.state.chosen.has(site)
          ? "all"
          : "none"
        : boxState(known, counts.get(unit) ?? 0);
      box.checked = as === "all";
      box.indeterminate = as === "some";
      box.disabled = !site && countBelow(known, null) === 0;
    }
    for (const label of /** @type {NodeListOf<HTMLElement>} */ (
      this.root.querySelectorAll(".pick-count")
    )) {
      const unit = this.state.units.get(label.dataset.unit ?? "");
      if (!unit) continue;
      const all = countBelow(unit, null);
      label.textContent = all ? `${written(counts.get(unit.id) ?? 0)}/${written(all)}` : t("chưa có điểm cầu");
    }
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (
      this.root.querySelectorAll("button[data-act='level']")
    )) {
      const { unit = "", level = "" } = button.dataset;
      button.setAttribute("aria-pressed", String(isLevelChosen(this.state, unit, level)));
    }
  }

  showChosen() {
    const size = this.state.chosen.size;
    this.field.value = this.chosen.map((site) => site.id).join(" ");
    this.count.textContent = t("Đã chọn %(count)s điểm cầu", { count: written(size) });
    this.clear.hidden = size === 0;
    this.list.replaceChildren(...drawChosen(this.view, this.opened));
  }
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
function find(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`missing ${selector}`);
  return found;
}
