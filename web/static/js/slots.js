// @ts-check
// Times at which all who are wanted are free, to be taken by one press.

import { postJson } from "./http.js";
import { t } from "./i18n.js";
import { el, icon } from "./picker-parts.js";

// As for conflicts: one question when a person pauses.
const PAUSE_MS = 400;
// Units named for a time at which some are taken; the rest is counted.
const NAMED_UNITS = 3;

/**
 * What /api/meetings/slots answers; `when` is ready to show.
 * @typedef {{date: string, start: string, end: string, when: string, free: number,
 *   missing: string[], over_lower: boolean}} Slot
 * @typedef {{sites: number, slots: Slot[]}} Proposals
 */

export class SlotFinder {
  /**
   * @param {HTMLElement} panel
   * @param {{ask: () => Record<string, unknown>, sprite: string, onTake: (slot: Slot) => void}}
   *   options `ask` gives the question's body as the form stands
   */
  constructor(panel, { ask, sprite, onTake }) {
    this.panel = panel;
    this.ask = ask;
    this.sprite = sprite;
    this.onTake = onTake;
    this.list = /** @type {HTMLElement} */ (panel.querySelector("[data-list]"));
    this.least = /** @type {HTMLInputElement} */ (panel.querySelector("[data-least]"));
    this.of = /** @type {HTMLElement} */ (panel.querySelector("[data-of]"));
    this.wanted = false; // by the button, and not only because of a clash
    this.timer = 0;
    this.last = "";
    this.running = /** @type {AbortController | null} */ (null);
    this.least.addEventListener("input", (event) => {
      event.stopPropagation(); // it is no field of the meeting
      this.touch();
    });
  }

  /** Asked for: it stays until the page goes. */
  open() {
    this.wanted = true;
    this.panel.hidden = false;
    this.last = "";
    void this.find();
    this.panel.scrollIntoView({ block: "nearest" });
  }

  /** @param {boolean} clashes whether the time of the form needs another */
  follow(clashes) {
    this.panel.hidden = !clashes && !this.wanted;
    this.touch();
  }

  /** Ask again soon, if it shows. */
  touch() {
    clearTimeout(this.timer);
    if (!this.panel.hidden) this.timer = setTimeout(() => void this.find(), PAUSE_MS);
  }

  async find() {
    const question = { ...this.ask(), least: this.least.value ? Number(this.least.value) : null };
    const body = JSON.stringify(question);
    if (body === this.last) return;
    this.last = body;
    this.running?.abort();
    const running = (this.running = new AbortController());
    try {
      this.show(await postJson("/api/meetings/slots", question, { signal: running.signal }));
    } catch {
      if (running.signal.aborted) return;
      this.last = "";
      this.say(t("Chưa tìm được giờ trống. Xin thử lại."));
    }
  }

  /** @param {Proposals} proposals */
  show({ sites, slots }) {
    this.least.max = String(sites);
    this.least.placeholder = String(sites);
    this.of.textContent = t("trong %(count)s điểm cầu", { count: sites });
    if (!sites) this.say(t("Xin chọn ngày, giờ và điểm cầu trước."));
    else if (!slots.length) this.say(t("Bốn tuần tới không có giờ nào người chủ trì và điểm cầu chủ trì cùng rảnh."));
    else this.list.replaceChildren(...slots.map((slot) => this.button(slot, sites)));
  }

  /** @param {string} text */
  say(text) {
    this.list.replaceChildren(el("p", {}, [text]));
  }

  /** @param {Slot} slot @param {number} sites */
  button(slot, sites) {
    const named = slot.missing.slice(0, NAMED_UNITS);
    const rest = slot.missing.length - named.length;
    if (rest > 0) named.push(t("và %(count)s điểm cầu khác", { count: rest }));
    const who = named.length
      ? t("%(free)s/%(sites)s rảnh; bận: %(names)s", { free: slot.free, sites, names: named.join(", ") })
      : t("tất cả đều rảnh");
    const told = slot.over_lower
      ? [el("small", { class: "slot-over" }, [t("Đơn vị cấp dưới đang giữ phòng; phải nêu lý do.")])]
      : [];
    const cut = slot.when.lastIndexOf(", ") + 2; // the times stay together
    const when = [slot.when.slice(0, cut), el("span", { class: "slot-time" }, [slot.when.slice(cut)])];
    const button = el("button", { type: "button", class: "slot" }, [
      icon(this.sprite, "calendar-clock"),
      el("span", {}, [el("strong", {}, when), el("small", {}, [who]), ...told]),
    ]);
    button.addEventListener("click", () => this.onTake(slot));
    return button;
  }
}
