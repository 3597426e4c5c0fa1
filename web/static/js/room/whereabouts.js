/**
 * Which hub runs the meeting, for officers whose page another one relays: what they tell whoever
 * looks for a fault.
 */

/** @import {RoomState} from "./state.js" */
import { t } from "../i18n.js";
import { byId, setText } from "./dom.js";

/**
 * Pure; empty where there is nothing to tell.
 *
 * @param {RoomState} state
 */
export function relayedWords({ relayed, members, self }) {
  if (!relayed || (members[self]?.role ?? "site") === "site") return "";
  return t("Cuộc họp chạy trên máy chủ %(hub)s; trang này được chuyển tiếp qua máy chủ %(via)s.", relayed);
}

/** @param {RoomState} state */
export function showWhereabouts(state) {
  const line = byId("room-hub", HTMLElement);
  const words = relayedWords(state);
  line.hidden = !words;
  setText(line, words);
}
