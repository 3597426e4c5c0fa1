/**
 * Where features show themselves in the page.
 */

/** @import {ClientMessage} from "./messages.js" */
/** @import {RoomState} from "./state.js" */
import { byId } from "./dom.js";
import { FEATURES } from "./features.js";

export class FeatureViews {
  #views;

  /**
   * @param {(message: ClientMessage) => boolean} send
   * @param {(at: number) => string} time
   * @param {(minutes: number) => void} extend
   */
  constructor(send, time, extend) {
    const tools = {
      send: (/** @type {any} */ message) => send(message),
      time,
      extend,
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
}

/** @param {string} name */
function addStyle(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  // Relative to this module, so that the version in the static path carries over.
  link.href = new URL(`../../css/room/${name}.css`, import.meta.url).href;
  document.head.append(link);
}
