/**
 * The last page: why the stay is over, and what may still be done.
 */

/** @import {CloseReason} from "./messages.js" */
import { t } from "../i18n.js";
import { byId, setData, setText } from "./dom.js";

/** Coming back makes no sense where the hub has just said no. */
const MAY_RETURN = new Set(["left", "replaced", "sent_out", "protocol"]);
/** @type {{[K in CloseReason]?: () => string}} */
const HINTS = {
  left: () => t("Có thể vào lại bằng đúng liên kết này khi cuộc họp còn diễn ra."),
  replaced: () =>
    t("Mỗi điểm cầu vào họp từ một máy. Bấm “Vào lại” nếu muốn dùng máy này; máy kia sẽ ra khỏi phòng."),
  sent_out: () => t("Hãy gọi thư ký. Khi thư ký cho vào lại, bấm “Vào lại”."),
  ended: () => t("Nếu thư ký mở lại cuộc họp trong vài phút tới, trang này sẽ tự vào lại."),
};

/**
 * @param {CloseReason} reason
 * @param {string} message the hub's words
 * @param {() => void} back go into the room again
 */
export function showGoodbye(reason, message, back) {
  for (const box of document.querySelectorAll("dialog[open]")) {
    /** @type {HTMLDialogElement} */ (box).close();
  }
  byId("room", HTMLElement).hidden = true;
  const closed = byId("closed", HTMLElement);
  setData(closed, "reason", reason);
  closed.hidden = false;
  setText(byId("closed-message", HTMLElement), message);
  setText(byId("closed-hint", HTMLElement), HINTS[reason]?.() ?? "");
  const again = byId("closed-again", HTMLButtonElement);
  again.hidden = !MAY_RETURN.has(reason);
  again.addEventListener("click", back);
  byId("closed-message", HTMLElement).focus();
}
