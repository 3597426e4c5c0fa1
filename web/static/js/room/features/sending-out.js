/**
 * A site is sent out of the room, with a reason that is asked for first, and let in again.
 */

/** @import {Act, PageFeature, Tools} from "../features.js" */
/** @import {Member} from "../messages.js" */
import { t } from "../../i18n.js";
import { byId, setText } from "../dom.js";
import { isHere } from "../members.js";

/** @type {PageFeature<null>} */
export const sendingOut = {
  name: "sending_out",
  initial: null, // the members' views hold it
  heard: {},
  mount: (tools) => new SendingOutView(tools),
};

class SendingOutView {
  #tools;
  #box = byId("send-out-dialog", HTMLDialogElement);
  #reason = byId("send-out-reason", HTMLInputElement);
  #missing = byId("send-out-missing", HTMLElement);
  /** @type {Member | null} */
  #member = null;

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    byId("send-out-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  render() {}

  /**
   * @param {Member} member
   * @returns {Act[]}
   */
  acts(member) {
    const { id, name } = member;
    const acts = [];
    if (member.sent_out) {
      acts.push({
        name: "let-in",
        sign: "log-in",
        title: t("Cho %(name)s vào lại", { name }),
        run: () => this.#tools.send({ type: "let_in", member: id }),
      });
    }
    if (isHere(member) && member.role === "site" && !member.chair) {
      acts.push({
        name: "send-out",
        sign: "user-x",
        title: t("Mời %(name)s ra khỏi phòng họp", { name }),
        run: () => this.#ask(member),
      });
    }
    return acts;
  }

  /** @param {Member} member */
  #ask(member) {
    this.#member = member;
    this.#reason.value = "";
    this.#missing.hidden = true;
    setText(
      byId("send-out-title", HTMLElement),
      t("Mời %(name)s ra khỏi phòng họp?", { name: member.name }),
    );
    this.#box.showModal();
  }

  #send() {
    const reason = this.#reason.value.trim();
    this.#missing.hidden = reason !== "";
    if (!reason) return this.#reason.focus();
    if (this.#member) this.#tools.send({ type: "send_out", member: this.#member.id, reason });
    this.#box.close();
  }
}
