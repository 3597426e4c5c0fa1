/**
 * What the secretary does to microphones and cameras. The own ones are switched by the toolbar.
 */

/** @import {Act, PageFeature, Tools} from "../features.js" */
/** @import {Member} from "../messages.js" */
/** @import {RoomState} from "../state.js" */
import { t } from "../../i18n.js";
import { byId } from "../dom.js";
import { isHere } from "../members.js";

/** @type {PageFeature<null>} */
export const muting = {
  name: "muting",
  initial: null, // the members' views hold it
  heard: {},
  mount: (tools) => new MutingView(tools),
};

class MutingView {
  #tools;
  #all = byId("mute-all", HTMLButtonElement);

  hear = { muted: (/** @type {{source: string}} */ { source }) => this.#muted(source) };

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    this.#all.addEventListener("click", () => tools.send({ type: "mute_all" }));
  }

  /**
   * @param {null} _part
   * @param {RoomState} state
   */
  render(_part, { mayDrive }) {
    this.#all.hidden = !mayDrive;
  }

  /**
   * Only a device is switched on by somebody else: nobody there can.
   *
   * @param {Member} member
   * @returns {Act[]}
   */
  acts(member) {
    const { id, name, microphone, device } = member;
    if (!isHere(member) || (!microphone && !device)) return [];
    const type = microphone ? "mute" : "unmute";
    return [
      {
        name: type,
        sign: microphone ? "mic" : "mic-off",
        title: microphone ? t("Tắt micrô của %(name)s", { name }) : t("Bật lại micrô của %(name)s", { name }),
        run: () => this.#tools.send({ type, member: id, source: "microphone" }),
      },
    ];
  }

  /** The secretary switched ours off. @param {string} source a screen is for its own feature */
  #muted(source) {
    if (source !== "microphone" && source !== "camera") return;
    const text =
      source === "microphone"
        ? t("Thư ký đã tắt micrô của bạn. Bấm “Bật micrô” khi cần nói.")
        : t("Thư ký đã tắt camera của bạn.");
    this.#tools.notify({ text, topic: source });
    this.#tools.switchTo(source, false);
  }
}
