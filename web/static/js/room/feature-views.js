/**
 * Where features show themselves in the page.
 */

/** @import {Act, Tools, View} from "./features.js" */
/** @import {HubMessage, Member} from "./messages.js" */
/** @import {RoomState} from "./state.js" */
import { byId } from "./dom.js";
import { FEATURES } from "./features.js";

/** @typedef {Omit<Tools, "addButton" | "addStrip" | "addDialog" | "style">} Given by the page */

export class FeatureViews {
  /** @type {{name: string, view: View<any>}[]} */
  #views;

  /** @param {Given} given */
  constructor(given) {
    const tools = {
      ...given,
      addButton: (/** @type {HTMLButtonElement} */ button) => byId("tool-devices", HTMLButtonElement).before(button),
      addStrip: (/** @type {HTMLElement} */ strip) => byId("strips", HTMLElement).append(strip),
      addDialog: (/** @type {HTMLDialogElement} */ box) => byId("room", HTMLElement).after(box),
      style: addStyle,
    };
    this.#views = FEATURES.map(({ name, mount }) => ({ name, view: mount(tools) }));
  }

  /** @param {RoomState} state */
  render(state) {
    for (const { name, view } of this.#views) view.render(state.parts[name], state);
  }

  /** After the state has taken it in. @param {HubMessage} message */
  hear(message) {
    for (const { view } of this.#views) view.hear?.[message.type]?.(message);
  }

  /** The stay is over. */
  end() {
    for (const { view } of this.#views) view.end?.();
  }

  /**
   * What who drives may do about a member.
   *
   * @param {Member} member
   * @param {RoomState} state
   * @returns {Act[]}
   */
  acts(member, state) {
    return this.#views.flatMap(({ view }) => view.acts?.(member, state) ?? []);
  }
}

/** @param {string} name */
function addStyle(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  // Relative to this module, so that the version in the static path carries over.
  link.href = new URL(`../../css/room/${name}.css`, import.meta.url).href;
  document.head.append(link);
}
