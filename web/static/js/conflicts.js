// @ts-check
// Who is already taken, shown while the form is filled in. The server asks again when it saves.

import { postJson } from "./http.js";
import { t } from "./i18n.js";
import { el, icon } from "./picker-parts.js";

// A person choosing sites clicks several times in a second; one question at the end is enough.
const PAUSE_MS = 400;
// Sites named per meeting before the rest is counted.
const NAMED_SITES = 6;

/**
 * What /api/meetings/conflicts answers; texts are ready to show. `seal` stands for exactly these
 * findings: sent back with the form it says that a person has seen them.
 * @typedef {{advice: string[], seal: string, clashes: Clash[]}} Findings
 */
/**
 * Another meeting that holds somebody we want.
 * @typedef {{title: string, href: string | null, when: string, chair: string | null,
 *   sites: string[], whole: string, whose?: string}} Clash
 */

/** @type {Findings} */
const NOTHING = { advice: [], clashes: [], seal: "" };

/** The chair and the first sites; the rest is counted. @param {Clash} clash @returns {string} */
export function sayWho({ chair, sites, whole }) {
  const who = chair ? [t("Chủ trì %(name)s", { name: chair })] : [];
  if (whole) who.push(whole);
  who.push(...sites.slice(0, NAMED_SITES));
  const rest = sites.length - NAMED_SITES;
  if (rest > 0) who.push(t("và %(count)s điểm cầu khác", { count: rest }));
  return who.join(", ");
}

export class ConflictWatch {
  /**
   * @param {HTMLElement} panel
   * @param {{ask: () => Record<string, unknown>, sprite: string,
   *   onFound: (findings: Findings) => void}} options `ask` gives the question's body as the
   *   form stands
   */
  constructor(panel, { ask, sprite, onFound }) {
    this.panel = panel;
    this.ask = ask;
    this.onFound = onFound;
    this.sprite = sprite;
    this.timer = 0;
    this.last = "";
    this.running = /** @type {AbortController | null} */ (null);
  }

  /** Ask again soon; further changes put it off. */
  touch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), PAUSE_MS);
  }

  async check() {
    const body = JSON.stringify(this.ask());
    if (body === this.last) return;
    this.last = body;
    this.running?.abort();
    const running = (this.running = new AbortController());
    try {
      this.show(await postJson("/api/meetings/conflicts", this.ask(), { signal: running.signal }));
    } catch {
      if (running.signal.aborted) return;
      this.last = ""; // the next change asks again; saving asks in any case
      this.show(NOTHING);
    }
  }

  /** @param {Findings} findings */
  show(findings) {
    const { advice, clashes } = findings;
    this.onFound(findings);
    const parts = advice.map((text) => this.line("clock", [text]));
    for (const clash of clashes) parts.push(this.clash(clash));
    this.panel.hidden = parts.length === 0;
    this.panel.replaceChildren(...parts);
  }

  /** @param {Clash} clash */
  clash(clash) {
    const name = clash.href
      ? el("a", { href: clash.href, target: "_blank", rel: "noopener" }, [clash.title])
      : el("strong", {}, [clash.title]);
    return this.line("triangle-alert", [
      el("span", {}, [t("Trùng giờ với"), " ", name, ` · ${clash.when}`]),
      el("span", { class: "warn-who" }, [sayWho(clash)]),
      ...(clash.whose ? [el("span", { class: "warn-whose" }, [clash.whose])] : []),
    ]);
  }

  /** @param {string} sign @param {(Node | string)[]} content */
  line(sign, content) {
    return el("div", { class: "warn-line" }, [
      icon(this.sprite, sign),
      el("div", {}, content),
    ]);
  }
}
