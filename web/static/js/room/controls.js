/**
 * The toolbar and its dialogs, and the keys M and V. What features add to it is theirs.
 */

/** @import {Keys} from "./keys.js" */
/** @import {RoomState} from "./state.js" */
import { t } from "../i18n.js";
import { byId, setData, setText } from "./dom.js";
import { showTool } from "./tool.js";

/**
 * @typedef {object} Orders
 * @property {(on: boolean) => void} microphone
 * @property {(on: boolean) => void} camera
 * @property {(on: boolean) => void} audioOnly
 * @property {() => void} people the list opens
 * @property {() => void} devices the dialog opens
 * @property {() => void} leave
 * @property {(step: number) => void} turn pages of tiles
 */

const KEYS = /** @type {const} */ ([["KeyM", "microphone"], ["KeyV", "camera"]]);

export class Controls {
  /** @type {RoomState | null} */
  #state = null;
  #orders;

  /**
   * @param {Keys} keys
   * @param {Orders} orders
   */
  constructor(keys, orders) {
    this.#orders = orders;
    for (const [code, what] of KEYS) {
      onClick(`tool-${what}`, () => this.#flip(what));
      keys.add(code, () => this.#flip(what));
    }
    onClick("tool-audio-only", () => orders.audioOnly(!this.#state?.audioOnly));
    onClick("tool-people", () => this.togglePanel());
    onClick("panel-close", () => this.togglePanel(false));
    onClick("tool-devices", () => this.showDevices());
    onClick("tool-leave", () => this.#askLeave());
    onClick("leave-now", orders.leave);
    onClick("tool-more", () => this.#toggleMore());
    // What was chosen there needs the second row no longer.
    for (const one of document.querySelectorAll(".tool-second")) {
      one.addEventListener("click", () => this.#toggleMore(false));
    }
    onClick("page-before", () => orders.turn(-1));
    onClick("page-after", () => orders.turn(1));
    for (const box of document.querySelectorAll("dialog.room-dialog")) bindDialog(box);
    for (const opener of document.querySelectorAll("[data-opens]")) {
      const name = /** @type {HTMLElement} */ (opener).dataset.opens ?? "";
      opener.addEventListener("click", () => dialog(name).showModal());
    }
  }

  /**
   * @param {RoomState} state
   * @param {{page: number, pages: number}} paging
   */
  render(state, paging) {
    this.#state = state;
    showTool("microphone", state.microphone, state.microphone ? "mic" : "mic-off", {
      on: t("Tắt micrô"),
      off: t("Bật micrô"),
      key: "M",
    });
    showTool("camera", state.camera, state.camera ? "video" : "video-off", {
      on: t("Tắt camera"),
      off: t("Bật camera"),
      key: "V",
    });
    showTool("audio-only", state.audioOnly, "headphones", {
      on: t("Xem lại hình"),
      off: t("Chỉ âm thanh"),
      key: "",
    });
    const { page, pages } = paging;
    byId("pager", HTMLElement).hidden = pages < 2;
    setText(byId("page-text", HTMLElement), t("%(page)s/%(pages)s", { page: page + 1, pages }));
    byId("page-before", HTMLButtonElement).disabled = page === 0;
    byId("page-after", HTMLButtonElement).disabled = page >= pages - 1;
  }

  /** The second row of a narrow toolbar. @param {boolean} [open] */
  #toggleMore(open) {
    const button = byId("tool-more", HTMLButtonElement);
    const show = open ?? button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(show));
    setData(byId("toolbar", HTMLElement), "more", String(show));
  }

  showDevices() {
    this.#orders.devices();
    dialog("devices-dialog").showModal();
  }

  /** @param {boolean} [open] */
  togglePanel(open) {
    const panel = byId("panel", HTMLElement);
    const show = open ?? panel.hidden;
    panel.hidden = !show;
    if (show) this.#orders.people();
    const button = byId("tool-people", HTMLButtonElement);
    button.setAttribute("aria-expanded", String(show));
    (show ? byId("panel-close", HTMLButtonElement) : button).focus();
  }

  /** @param {"microphone" | "camera"} what */
  #flip(what) {
    const state = this.#state;
    if (!state) return;
    this.#orders[what](!state[what]);
  }

  #askLeave() {
    const box = dialog("leave-dialog");
    box.showModal();
    byId("leave-now", HTMLButtonElement).focus();
  }
}

/** @param {string} id */
const dialog = (id) => byId(id, HTMLDialogElement);

/** @param {string} id @param {() => void} then */
function onClick(id, then) {
  byId(id, HTMLButtonElement).addEventListener("click", () => then());
}

/** A click beside a dialog, or on its closing button, closes it. @param {Element} element */
function bindDialog(element) {
  const box = /** @type {HTMLDialogElement} */ (element);
  box.addEventListener("click", (event) => {
    const at = /** @type {Element} */ (event.target);
    if (at === box || at.closest("[data-close]")) box.close();
  });
}
