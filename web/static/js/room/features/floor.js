/**
 * The floor queue: the own hand, the hands of all above the list of members, and the word that the
 * secretary gives.
 */

/** @import {Act, PageFeature, Queue, Tools} from "../features.js" */
/** @import {Member} from "../messages.js" */
/** @import {RoomState} from "../state.js" */
import { t } from "../../i18n.js";
import { byId } from "../dom.js";
import { isHere } from "../members.js";
import { showTool } from "../tool.js";

/** @type {PageFeature<null>} */
export const floor = {
  name: "floor",
  initial: null, // the members' views hold the hands
  heard: {},
  queue,
  announce: (before, now) => ({
    who: (member) => member.hand_at !== null && (before.members[member.id]?.hand_at ?? null) === null,
    words: (name) => t("%(name)s xin phát biểu", { name }),
  }),
  mount: (tools) => new FloorView(tools),
};

/**
 * Those who asked for the floor, first come first.
 *
 * @param {Record<string, Member>} members
 * @returns {Member[]}
 */
export function floorQueue(members) {
  return Object.values(members)
    .filter((member) => member.hand_at !== null && isHere(member))
    .sort((a, b) => (a.hand_at ?? 0) - (b.hand_at ?? 0));
}

/**
 * @param {RoomState} state
 * @returns {Queue}
 */
function queue(state) {
  const members = floorQueue(state.members);
  return { title: t("Xin phát biểu (%(count)s)", { count: members.length }), members };
}

class FloorView {
  #tools;
  #raised = false;
  #microphone = false;

  /** What the hub tells us alone. */
  hear = {
    hand_lowered: () => this.#tools.notify({ text: t("Thư ký đã hạ tay của bạn.") }),
    invited: () => this.#invited(),
  };

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    const flip = () => tools.send({ type: "hand", raised: !this.#raised });
    byId("tool-hand", HTMLButtonElement).addEventListener("click", flip);
    tools.addKey("KeyH", flip);
  }

  /**
   * @param {null} _part
   * @param {RoomState} state
   */
  render(_part, { members, self, microphone }) {
    this.#raised = (members[self]?.hand_at ?? null) !== null;
    if (microphone && !this.#microphone) this.#tools.settle("floor");
    this.#microphone = microphone;
    showTool("hand", this.#raised, "hand", { on: t("Hạ tay"), off: t("Xin phát biểu"), key: "H" });
  }

  /**
   * @param {Member} member
   * @returns {Act[]}
   */
  acts(member) {
    if (!isHere(member) || member.hand_at === null) return [];
    const { id, name } = member;
    const { send } = this.#tools;
    return [
      {
        name: "invite",
        sign: "mic",
        title: t("Mời phát biểu: %(name)s", { name }),
        words: t("Mời phát biểu"), // the one act of the queue has its words beside it
        run: () => send({ type: "invite", member: id }),
      },
      {
        name: "lower",
        sign: "hand",
        title: t("Hạ tay %(name)s", { name }),
        run: () => send({ type: "lower_hand", member: id }),
      },
    ];
  }

  #invited() {
    const { notify, expectVoice, switchTo } = this.#tools;
    expectVoice();
    if (this.#microphone) return notify({ text: t("Mời bạn phát biểu. Micrô đang bật.") });
    notify({
      text: t("Thư ký mời bạn phát biểu."),
      topic: "floor",
      answers: [
        { label: t("Bật micrô"), run: () => switchTo("microphone", true) },
        { label: t("Để sau"), run: () => undefined, quiet: true },
      ],
    });
  }
}
