/**
 * What everybody's screen shows: the secretary chooses it in a dialog. How tiles are laid out by it
 * is for ../layout.js.
 */

/** @import {Act, PageFeature, Tools} from "../features.js" */
/** @import {Member} from "../messages.js" */
/** @import {RoomState} from "../state.js" */
import { t } from "../../i18n.js";
import { byId } from "../dom.js";
import { isHere } from "../members.js";

/** @type {PageFeature<null>} */
export const layout = {
  name: "layout",
  initial: null, // the room's view holds it
  heard: {},
  mount: (tools) => new LayoutView(tools),
};

class LayoutView {
  #tools;
  #button = byId("tool-layout", HTMLButtonElement);
  #box = byId("layout-dialog", HTMLDialogElement);
  /** @type {HTMLButtonElement[]} */
  #choices = [...this.#box.querySelectorAll("button")].filter((one) => one.dataset.layout);
  /** @type {string | null} */
  #chair = null;

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    this.#button.addEventListener("click", () => this.#box.showModal());
    for (const choice of this.#choices) {
      choice.addEventListener("click", () => this.#choose(choice.dataset.layout));
    }
  }

  /**
   * @param {null} _part
   * @param {RoomState} state
   */
  render(_part, { mayDrive, room }) {
    this.#button.hidden = !mayDrive;
    this.#chair = room?.chair ?? null;
    for (const choice of this.#choices) {
      choice.setAttribute("aria-pressed", String(choice.dataset.layout === room?.layout.mode));
    }
  }

  /**
   * @param {Member} member
   * @param {RoomState} state
   * @returns {Act[]}
   */
  acts(member, { room }) {
    if (!isHere(member) || room?.layout.focus === member.id) return [];
    return [
      {
        name: "focus",
        sign: "maximize",
        title: t("Mọi người cùng xem %(name)s", { name: member.name }),
        run: () => this.#tools.send({ type: "layout", mode: "single", focus: member.id }),
      },
    ];
  }

  /** @param {string | undefined} mode */
  #choose(mode) {
    this.#tools.send({ type: "layout", mode, focus: mode === "single" ? this.#chair : null });
    this.#box.close();
  }
}
