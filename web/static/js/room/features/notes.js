/**
 * Lines of text from the secretary to all sites: the newest over the pictures until it is waved
 * away, all of them in a dialog, where the secretary writes another.
 */

/** @import {PageFeature, Tools} from "../features.js" */
/** @import {RoomState} from "../state.js" */
import { t } from "../../i18n.js";
import { icon, make, setText } from "../dom.js";

/** As many as the hub takes (rooms/state/features/notes.py). */
const MAX_LETTERS = 300;
/** As many as the hub keeps. */
const MAX_KEPT = 50;

/** @typedef {{id: number, at: number, name: string, text: string}} Note */
/** @typedef {{request: string, error: string}} Answer the hub's to what we sent; no error: done */
/** @typedef {{notes: Note[], answer: Answer | null, welcomes: number}} Part */

/** @type {PageFeature<Part>} */
export const notes = {
  name: "notes",
  initial: { notes: [], answer: null, welcomes: 0 },
  heard: {
    welcome: (part) => ({ ...part, welcomes: part.welcomes + 1 }),
    notes: (part, message) => ({ ...part, notes: message.notes }),
    note: (part, { note }) => ({
      ...part,
      notes: [...part.notes.filter((one) => one.id < note.id), note].slice(-MAX_KEPT),
    }),
    done: (part, { request }) => ({ ...part, answer: { request, error: "" } }),
    problem: (part, { request, message }) =>
      request ? { ...part, answer: { request, error: message } } : part,
  },
  mount: (tools) => new NotesView(tools),
};

/**
 * The lines that nobody here has waved away yet, the newest last.
 *
 * @param {Note[]} lines
 * @param {number} readTo id of the last one that was
 */
export function unread(lines, readTo) {
  return lines.filter((note) => note.id > readTo);
}

class NotesView {
  #tools;
  /** @type {Part} */
  #part = notes.initial;
  #readTo = 0;
  #pending = "";
  #sent = 0;
  #button = make("button", "tool tool-second", icon("message-square"));
  #strip = make("section", "note-strip");
  #stripText = make("p", "note-strip-text");
  #all = make("button", "banner-dismiss");
  #box = make("dialog", "room-dialog note-dialog");
  #list = make("ol", "note-list");
  #form = make("form", "dialog-form");
  #text = make("textarea", "");
  #error = make("p", "field-error");

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    tools.style("notes");
    this.#makeButton();
    this.#makeStrip();
    this.#makeDialog();
  }

  /**
   * @param {Part} part
   * @param {RoomState} state
   */
  render(part, state) {
    const writes = state.mayDrive && state.features.includes(notes.name);
    this.#button.hidden = !writes && part.notes.length === 0;
    this.#form.hidden = !writes;
    if (part === this.#part) return;
    if (part.answer !== this.#part.answer) this.#answered(part.answer);
    if (part.welcomes !== this.#part.welcomes) this.#cameBack();
    this.#part = part;
    this.#renderStrip();
    this.#list.replaceChildren(...part.notes.map((note) => this.#item(note)).reverse());
    this.#list.hidden = part.notes.length === 0;
  }

  #makeButton() {
    const button = this.#button;
    button.type = "button";
    button.id = "tool-notes";
    button.title = t("Lời nhắn của thư ký");
    button.append(make("span", "tool-text", t("Lời nhắn")));
    button.addEventListener("click", () => this.#open());
    this.#tools.addButton(button);
  }

  #makeStrip() {
    const read = make("button", "banner-action", t("Đã biết"));
    read.addEventListener("click", () => this.#markRead());
    this.#all.addEventListener("click", () => this.#open());
    for (const button of [read, this.#all]) button.type = "button";
    this.#strip.hidden = true;
    this.#strip.setAttribute("aria-label", t("Lời nhắn của thư ký"));
    this.#stripText.setAttribute("role", "status");
    this.#strip.append(icon("message-square"), this.#stripText, this.#all, read);
    this.#tools.addStrip(this.#strip);
  }

  #makeDialog() {
    const title = make("h2", "", t("Lời nhắn của thư ký"));
    title.id = "notes-title";
    this.#box.id = "notes-dialog";
    this.#box.setAttribute("aria-labelledby", title.id);
    const label = make("label", "", t("Lời nhắn đến mọi điểm cầu"));
    label.htmlFor = this.#text.id = "note-text";
    this.#text.maxLength = MAX_LETTERS;
    this.#text.rows = 3;
    this.#error.id = "note-error";
    this.#error.setAttribute("role", "alert");
    this.#text.setAttribute("aria-describedby", this.#error.id);
    const send = make("button", "button button-primary", t("Gửi đến mọi điểm cầu"));
    send.type = "submit";
    this.#form.noValidate = true;
    this.#form.append(make("div", "field", label, this.#text, this.#error), send);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    // One line is sent: the key that ends it in every other field of one line does so here too.
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    const close = make("button", "button button-plain", t("Đóng"));
    close.type = "button";
    close.addEventListener("click", () => this.#box.close());
    this.#list.tabIndex = 0; // it scrolls
    this.#box.append(title, this.#form, this.#list, make("div", "dialog-actions", close));
    this.#tools.addDialog(this.#box);
  }

  #renderStrip() {
    const waiting = unread(this.#part.notes, this.#readTo);
    const newest = waiting.at(-1);
    this.#strip.hidden = !newest;
    if (!newest) return;
    const from = t("Thư ký nhắn lúc %(time)s:", { time: this.#tools.time(newest.at) });
    this.#stripText.replaceChildren(make("strong", "", from), ` ${newest.text}`);
    this.#all.hidden = waiting.length < 2;
    setText(this.#all, t("Xem cả %(count)s", { count: waiting.length }));
  }

  #markRead() {
    this.#readTo = this.#part.notes.at(-1)?.id ?? 0;
    this.#renderStrip();
  }

  #open() {
    this.#markRead();
    this.#say("");
    this.#box.showModal();
    if (!this.#form.hidden) this.#text.focus();
  }

  #send() {
    const text = this.#text.value.trim();
    if (!text) {
      this.#say(t("Hãy ghi lời nhắn trước khi gửi."));
      return this.#text.focus();
    }
    if (this.#pending) return;
    this.#sent += 1;
    const request = `note-${this.#sent}`;
    if (this.#tools.send({ type: "note", text, request })) this.#pending = request;
    else this.#say(t("Đang mất kết nối nên chưa gửi được lời nhắn. Xin thử lại."));
  }

  /** @param {Answer | null} answer */
  #answered(answer) {
    if (!answer || answer.request !== this.#pending) return;
    this.#pending = "";
    this.#say(answer.error);
    if (answer.error) return;
    this.#text.value = "";
    this.#box.close();
  }

  /** What was on its way when the connection broke may have come through or not. */
  #cameBack() {
    if (!this.#pending) return;
    this.#pending = "";
    this.#say(t("Đường truyền vừa gián đoạn. Xin xem lời nhắn đã có bên dưới chưa rồi mới gửi lại."));
  }

  /** What is wrong with what was written; "" if nothing is. @param {string} error */
  #say(error) {
    this.#error.hidden = !error;
    setText(this.#error, error);
  }

  /** @param {Note} note */
  #item({ at, name, text }) {
    const when = make("p", "note-when", `${this.#tools.time(at)} · ${name}`);
    return make("li", "", when, make("p", "", text));
  }
}
