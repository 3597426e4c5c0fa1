/**
 * Shows the notices over the tiles, and takes the answers to those that ask.
 */

/** @import {Answer, Notice, NoticeEvent, Topic} from "./notices.js" */
import { byId, make } from "./dom.js";
import { noNotices, reduceNotices, shown } from "./notices.js";

/** Long enough for two lines of text. */
const NOTICE_MS = 7000;

export class NoticeBoard {
  #holder = byId("notice", HTMLElement);
  #notices = noNotices();
  /** @type {Map<Notice, HTMLElement>} those on the screen */
  #cards = new Map();
  /** @type {Notice | undefined} that passes when its time is over */
  #passing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Notice} notice */
  add(notice) {
    this.#handle({ type: "add", notice });
  }

  /** What was asked needs no answer any more. @param {Topic} topic */
  settle(topic) {
    this.#handle({ type: "settled", topic });
  }

  /** @param {NoticeEvent} event */
  #handle(event) {
    this.#notices = reduceNotices(this.#notices, event);
    const wanted = shown(this.#notices);
    for (const [notice, card] of this.#cards) {
      if (wanted.includes(notice)) continue;
      card.remove();
      this.#cards.delete(notice);
    }
    // Those that stay are not touched: a button must not move away under a finger.
    for (const notice of wanted) {
      if (this.#cards.has(notice)) continue;
      const card = this.#card(notice);
      this.#cards.set(notice, card);
      if (notice.answers?.length) this.#holder.prepend(card);
      else this.#holder.append(card);
    }
    this.#holder.hidden = wanted.length === 0;
    this.#time(this.#notices.words[0]);
  }

  /** @param {Notice | undefined} word */
  #time(word) {
    if (word === this.#passing) return;
    this.#passing = word;
    clearTimeout(this.#timer);
    if (word) this.#timer = setTimeout(() => this.#handle({ type: "passed" }), NOTICE_MS);
  }

  /** @param {Notice} notice */
  #card(notice) {
    const card = make("div", "notice-card", make("p", "banner-text", notice.text));
    card.append(...(notice.answers ?? []).map((answer) => this.#button(notice, answer)));
    return card;
  }

  /**
   * @param {Notice} notice
   * @param {Answer} answer
   */
  #button(notice, { label, run, quiet }) {
    const button = make("button", quiet ? "banner-dismiss" : "banner-action", label);
    button.type = "button";
    button.addEventListener("click", () => {
      this.#handle({ type: "answered", notice });
      run();
    });
    return button;
  }
}
