/**
 * Asking why a site is sent out of the room, before it is.
 */

/** @import {ClientMessage, Member} from "./messages.js" */
import { t } from "../i18n.js";
import { byId, setText } from "./dom.js";

export class SendOutDialog {
  #box = byId("send-out-dialog", HTMLDialogElement);
  #reason = byId("send-out-reason", HTMLInputElement);
  /** @type {Member | null} */
  #member = null;

  /** @param {(message: ClientMessage) => void} send */
  constructor(send) {
    const form = byId("send-out-form", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = this.#reason.value.trim();
      const missing = byId("send-out-missing", HTMLElement);
      missing.hidden = reason !== "";
      if (!reason) return this.#reason.focus();
      if (this.#member) send({ type: "send_out", member: this.#member.id, reason });
      this.#box.close();
    });
  }

  /** @param {Member} member */
  ask(member) {
    this.#member = member;
    this.#reason.value = "";
    byId("send-out-missing", HTMLElement).hidden = true;
    setText(
      byId("send-out-title", HTMLElement),
      t("Mời %(name)s ra khỏi phòng họp?", { name: member.name }),
    );
    this.#box.showModal();
  }
}
