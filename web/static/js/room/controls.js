/**
 * The toolbar and its dialogs, and the keys M, V and H.
 */

/** @import {RoomState} from "./state.js" */
import { t, tn } from "../i18n.js";
import { byId, setData, setText, swapIcon } from "./dom.js";
import { attendance } from "./roster.js";
import { mayShare } from "./screen.js";
import { sharing } from "./state.js";

/**
 * @typedef {object} Orders
 * @property {(on: boolean) => void} microphone
 * @property {(on: boolean) => void} camera
 * @property {(on: boolean) => void} screen
 * @property {(raised: boolean) => void} hand
 * @property {(on: boolean) => void} audioOnly
 * @property {() => void} people the list opens
 * @property {() => void} devices the dialog opens
 * @property {() => void} leave
 * @property {() => void} end
 * @property {() => void} muteAll
 * @property {(step: number) => void} turn pages of tiles
 */

/** @type {Record<string, "microphone" | "camera" | "hand">} by KeyboardEvent.code, so that a Vietnamese keyboard does not matter */
const KEYS = { KeyM: "microphone", KeyV: "camera", KeyH: "hand" };

export class Controls {
  /** @type {RoomState | null} */
  #state = null;
  #orders;

  /** @param {Orders} orders */
  constructor(orders) {
    this.#orders = orders;
    for (const what of /** @type {const} */ (["microphone", "camera", "hand"])) {
      onClick(`tool-${what}`, () => this.#flip(what));
    }
    byId("tool-screen", HTMLElement).hidden = !mayShare();
    onClick("tool-screen", () => orders.screen(!this.#state?.screen));
    onClick("tool-audio-only", () => orders.audioOnly(!this.#state?.audioOnly));
    onClick("tool-people", () => this.togglePanel());
    onClick("panel-close", () => this.togglePanel(false));
    onClick("tool-devices", () => this.showDevices());
    onClick("tool-leave", () => this.#askLeave());
    onClick("leave-now", orders.leave);
    onClick("end-now", () => this.#askEnd());
    onClick("end-sure", () => {
      dialog("end-dialog").close();
      orders.end();
    });
    onClick("tool-more", () => this.#toggleMore());
    // What was chosen there needs the second row no longer.
    for (const one of document.querySelectorAll(".tool-second")) {
      one.addEventListener("click", () => this.#toggleMore(false));
    }
    onClick("mute-all", orders.muteAll);
    onClick("page-before", () => orders.turn(-1));
    onClick("page-after", () => orders.turn(1));
    for (const box of document.querySelectorAll("dialog.room-dialog")) bindDialog(box);
    for (const opener of document.querySelectorAll("[data-opens]")) {
      const name = /** @type {HTMLElement} */ (opener).dataset.opens ?? "";
      opener.addEventListener("click", () => dialog(name).showModal());
    }
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {RoomState} state
   * @param {{page: number, pages: number}} paging
   */
  render(state, paging) {
    this.#state = state;
    const raised = isRaised(state);
    tool("microphone", state.microphone, state.microphone ? "mic" : "mic-off", {
      on: t("Tắt micrô"),
      off: t("Bật micrô"),
      key: "M",
    });
    tool("camera", state.camera, state.camera ? "video" : "video-off", {
      on: t("Tắt camera"),
      off: t("Bật camera"),
      key: "V",
    });
    tool("hand", raised, "hand", { on: t("Hạ tay"), off: t("Xin phát biểu"), key: "H" });
    tool("screen", state.screen, state.screen ? "monitor-x" : "monitor-up", {
      on: t("Dừng chia sẻ"),
      off: t("Chia sẻ màn hình"),
      key: "",
    });
    this.#renderOthersScreen(state);
    tool("audio-only", state.audioOnly, "headphones", {
      on: t("Xem lại hình"),
      off: t("Chỉ âm thanh"),
      key: "",
    });
    byId("end-now", HTMLElement).hidden = !state.mayEnd;
    byId("mute-all", HTMLElement).hidden = !state.mayDrive;
    const { page, pages } = paging;
    byId("pager", HTMLElement).hidden = pages < 2;
    setText(byId("page-text", HTMLElement), t("%(page)s/%(pages)s", { page: page + 1, pages }));
    byId("page-before", HTMLButtonElement).disabled = page === 0;
    byId("page-after", HTMLButtonElement).disabled = page >= pages - 1;
  }

  /** While another screen is shown, ours has to wait. @param {RoomState} state */
  #renderOthersScreen(state) {
    const other = state.screen ? null : sharing(state.members);
    const taken = other !== null && other.id !== state.self;
    const button = byId("tool-screen", HTMLButtonElement);
    button.disabled = taken;
    if (taken) button.title = t("%(name)s đang chia sẻ màn hình", { name: other.name });
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

  /** @param {"microphone" | "camera" | "hand"} what */
  #flip(what) {
    const state = this.#state;
    if (!state) return;
    const on = what === "hand" ? isRaised(state) : state[what];
    this.#orders[what](!on);
  }

  #askLeave() {
    const box = dialog("leave-dialog");
    box.showModal();
    byId("leave-now", HTMLButtonElement).focus();
  }

  /** How many it sends home is said before. */
  #askEnd() {
    if (!this.#state) return;
    dialog("leave-dialog").close();
    const { here } = attendance(this.#state);
    setText(
      byId("end-count", HTMLElement),
      tn("%(num)s điểm cầu đang dự họp sẽ rời phòng họp.", here),
    );
    dialog("end-dialog").showModal();
    byId("end-stay", HTMLButtonElement).focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const what = KEYS[event.code];
    if (!what || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!this.#state?.welcomed || document.querySelector("dialog[open]")) return;
    const at = event.target;
    if (at instanceof HTMLInputElement || at instanceof HTMLSelectElement) return;
    event.preventDefault();
    this.#flip(what);
  }
}

/** @param {RoomState} state */
const isRaised = (state) => (state.members[state.self]?.hand_at ?? null) !== null;

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

/**
 * @param {string} name
 * @param {boolean} on
 * @param {string} sign
 * @param {{on: string, off: string, key: string}} words what a click would do
 */
function tool(name, on, sign, words) {
  const button = byId(`tool-${name}`, HTMLButtonElement);
  const text = on ? words.on : words.off;
  if (button.dataset.on === String(on) && button.title.startsWith(text)) return;
  button.dataset.on = String(on);
  button.title = words.key ? `${text} (${words.key})` : text;
  // The text says what a click does, so the state is not given a second time as "pressed".
  setText(byId(`tool-${name}-text`, HTMLElement), text);
  swapIcon(button, sign);
}
