/**
 * Keys of the room, by KeyboardEvent.code, so that a Vietnamese keyboard does not matter.
 */

export class Keys {
  /** @type {Map<string, () => void>} */
  #acts = new Map();

  #isLive;

  /** @param {() => boolean} isLive nobody switches anything before they are in the room */
  constructor(isLive) {
    this.#isLive = isLive;
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /**
   * @param {string} code
   * @param {() => void} act
   */
  add(code, act) {
    this.#acts.set(code, act);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const act = this.#acts.get(event.code);
    if (!act || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!this.#isLive() || document.querySelector("dialog[open]")) return;
    const at = event.target;
    if (at instanceof HTMLInputElement || at instanceof HTMLSelectElement) return;
    event.preventDefault();
    act();
  }
}
