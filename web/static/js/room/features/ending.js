/**
 * The end of a meeting and what may follow it: for five minutes the secretary who ended it may take
 * that back, and the pages of the others wait for it.
 */

/** @import {PageFeature, Tools} from "../features.js" */
/** @import {CloseReason} from "../messages.js" */
/** @import {RoomState} from "../state.js" */
import { postJson } from "../../http.js";
import { t, tn } from "../../i18n.js";
import { byId, setText } from "../dom.js";
import { attendance } from "../members.js";
import { askDoor } from "../refusal.js";

/** @type {PageFeature<null>} */
export const ending = {
  name: "ending",
  initial: null,
  heard: {},
  mount: (tools) => new EndingView(tools),
};

/** As long as the hub takes an end back (confhub.meetings.overtime.REOPEN_WITHIN). */
const REOPEN_MS = 5 * 60_000;
/** Eight hundred sites that ask this often are forty small requests a second. */
const ASK_MS = 20_000;

class EndingView {
  #tools;
  #button = byId("end-now", HTMLButtonElement);
  #box = byId("end-dialog", HTMLDialogElement);
  /** @type {RoomState | null} */
  #state = null;
  /** This page ended the meeting for all. */
  #isOurs = false;
  #isOver = false;

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    this.#button.addEventListener("click", () => this.#ask());
    byId("end-sure", HTMLButtonElement).addEventListener("click", () => this.#end());
  }

  /**
   * @param {null} _part
   * @param {RoomState} state
   */
  render(_part, state) {
    this.#state = state;
    this.#button.hidden = !state.mayEnd;
    if (!state.closed || !state.welcomed || this.#isOver) return;
    this.#isOver = true;
    const { meeting, back } = this.#tools;
    afterwards(state.closed.reason, { meeting, back, isOurs: this.#isOurs });
  }

  /** How many it sends home is said before. */
  #ask() {
    if (!this.#state) return;
    byId("leave-dialog", HTMLDialogElement).close();
    const { here } = attendance(this.#state);
    setText(
      byId("end-count", HTMLElement),
      tn("%(num)s điểm cầu đang dự họp sẽ rời phòng họp.", here),
    );
    this.#box.showModal();
    byId("end-stay", HTMLButtonElement).focus();
  }

  #end() {
    this.#box.close();
    this.#isOurs = this.#tools.send({ type: "end" });
    if (!this.#isOurs) {
      this.#tools.notify({ text: t("Đang mất kết nối nên chưa kết thúc được cuộc họp.") });
    }
  }
}

/**
 * @typedef {object} Ending
 * @property {string} meeting id
 * @property {boolean} isOurs this page ended it
 * @property {() => void} back go into the room again
 */

/**
 * Once the goodbye is shown.
 *
 * @param {CloseReason} reason
 * @param {Ending} ending
 */
function afterwards(reason, { meeting, isOurs, back }) {
  if (reason !== "ended") return;
  const until = performance.now() + REOPEN_MS;
  if (isOurs) offerUndo(meeting, until, back);
  else void waitForMore(until, back);
}

/**
 * @param {string} meeting
 * @param {number} until
 * @param {() => void} back
 */
function offerUndo(meeting, until, back) {
  setText(
    byId("closed-hint", HTMLElement),
    t("Nếu bấm nhầm, hãy mở lại trong 5 phút: các điểm cầu sẽ tự vào lại."),
  );
  const button = byId("closed-reopen", HTMLButtonElement);
  const words = byId("closed-reopen-text", HTMLElement);
  button.hidden = false;
  const count = () => {
    const left_s = Math.ceil((until - performance.now()) / 1000);
    if (left_s <= 0) {
      clearInterval(timer);
      button.hidden = true;
      setText(byId("closed-hint", HTMLElement), "");
      return;
    }
    const left = `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, "0")}`;
    setText(words, t("Mở lại cuộc họp (còn %(left)s)", { left }));
  };
  const timer = setInterval(count, 1000);
  count();
  button.addEventListener("click", () => void reopen(meeting, button, back));
}

/**
 * @param {string} meeting
 * @param {HTMLButtonElement} button
 * @param {() => void} back
 */
async function reopen(meeting, button, back) {
  button.disabled = true;
  try {
    await postJson(`/api/meetings/${encodeURIComponent(meeting)}/reopen`, {});
    back();
  } catch (error) {
    setText(byId("closed-hint", HTMLElement), error instanceof Error ? error.message : "");
    button.disabled = false;
  }
}

/**
 * @param {number} until
 * @param {() => void} back
 */
async function waitForMore(until, back) {
  while (performance.now() < until) {
    // Spread out, or all the sites of a meeting ask in the same second.
    await new Promise((resolve) => setTimeout(resolve, ASK_MS * (0.5 + Math.random() / 2)));
    if ((await askDoor(location.href)) === "open") return back();
  }
  setText(byId("closed-hint", HTMLElement), "");
}
