/**
 * The list of everybody invited: who waits, who is here, who is heard; and what a secretary may do
 * about it, feature by feature.
 */

/** @import {Act, Queue} from "./features.js" */
/** @import {Member} from "./messages.js" */
/** @import {RoomState} from "./state.js" */
import { t } from "../i18n.js";
import { icon, make, setData } from "./dom.js";
import { queues } from "./features.js";
import { isHere, ordered } from "./members.js";
import { shortNames } from "./names.js";

/**
 * Who waits for something (in the order of waiting), then who is here, then who has not come. Pure.
 *
 * @param {RoomState} state
 * @returns {{waiting: Queue[], here: Member[], away: Member[]}}
 */
export function groups(state) {
  const everybody = ordered(state.members);
  const waiting = queues(state);
  const isWaiting = (/** @type {Member} */ member) =>
    waiting.some(({ members }) => members.includes(member));
  return {
    waiting,
    here: everybody.filter((member) => isHere(member) && !isWaiting(member)),
    away: everybody.filter((member) => !isHere(member)),
  };
}

/** @typedef {Queue & {isQueue: boolean}} Section */

export class Roster {
  #list;
  #acts;
  #drawn = "";
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  /** @type {Map<string, string>} */
  #names = new Map();

  /**
   * @param {HTMLElement} list
   * @param {(member: Member, state: RoomState) => Act[]} acts of who drives
   */
  constructor(list, acts) {
    this.#list = list;
    this.#acts = acts;
  }

  /** @param {RoomState} state */
  render(state) {
    const { waiting, here, away } = groups(state);
    const seen = JSON.stringify([waiting, here, away, state.mayDrive, state.room, state.contacts]);
    if (seen !== this.#drawn) {
      this.#drawn = seen;
      this.#redraw(state, [
        ...waiting.map((queue) => ({ ...queue, isQueue: true })),
        { title: t("Đang dự họp (%(count)s)", { count: here.length }), members: here, isQueue: false },
        { title: t("Chưa vào (%(count)s)", { count: away.length }), members: away, isQueue: false },
      ]);
    }
    for (const [id, row] of this.#rows) {
      const member = state.members[id];
      setData(row, "speaking", String(Boolean(member?.microphone) && state.speaking.includes(id)));
    }
  }

  /**
   * @param {RoomState} state
   * @param {Section[]} sections
   */
  #redraw(state, sections) {
    this.#names = shortNames(state.members);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.action ?? "";
    this.#rows.clear();
    const shown = sections.filter((section) => section.members.length);
    this.#list.replaceChildren(...shown.map((section) => this.#section(state, section)));
    // A redraw must not throw the keyboard out of the list.
    if (focused) {
      const again = [...this.#list.querySelectorAll("button")];
      again.find((button) => button.dataset.action === focused)?.focus();
    }
  }

  /**
   * @param {RoomState} state
   * @param {Section} section
   */
  #section(state, section) {
    const heading = make("h3", "roster-heading", section.title);
    const rows = section.members.map((member, index) =>
      this.#row(state, member, section.isQueue ? index + 1 : 0),
    );
    return make("section", "roster-section", heading, make("ul", "roster-rows", ...rows));
  }

  /**
   * @param {RoomState} state
   * @param {Member} member
   * @param {number} place in its queue, from 1; 0: waits in none
   */
  #row(state, member, place) {
    const short = this.#names.get(member.id) ?? member.name;
    const own = member.id === state.self;
    const name = make("span", "roster-name", own ? t("%(name)s (bạn)", { name: short }) : short);
    name.title = member.name;
    const about = make("span", "roster-about", aboutOf(member));
    const text = make("div", "roster-text", name, about);
    const phones = isHere(member) ? [] : this.#phones(state, member);
    if (phones.length) text.append(make("div", "roster-phones", ...phones));
    const signs = make("span", "roster-signs", ...signsOf(member, state.mayDrive));
    if (isHere(member)) {
      signs.setAttribute("role", "img");
      signs.setAttribute("aria-label", signWords(member));
    }
    const acts = state.mayDrive ? this.#acts(member, state) : [];
    const buttons = acts.map((act) => this.#button(member, act));
    const actions = make("span", "roster-actions", ...buttons);
    const mark = place ? make("span", "roster-place", String(place)) : make("span", "roster-dot");
    const row = make("li", "roster-row", mark, text, signs, actions);
    row.dataset.member = member.id;
    row.dataset.presence = member.presence;
    row.dataset.waits = String(place > 0 && state.mayDrive);
    this.#rows.set(member.id, row);
    return row;
  }

  /**
   * Whom to call: of those who drive only, the others are told no numbers.
   *
   * @param {RoomState} state
   * @param {Member} member
   */
  #phones(state, member) {
    return (state.contacts[member.id] ?? []).map(({ name, number }) => {
      const link = make("a", "roster-phone", icon("phone"), name ? `${name} ${number}` : number);
      link.href = `tel:${number.replace(/[^+\d]/g, "")}`;
      return link;
    });
  }

  /**
   * @param {Member} member
   * @param {Act} act
   */
  #button(member, { name, sign, title, words, run }) {
    const button = make("button", "roster-button", words ?? icon(sign));
    if (words) button.classList.add("roster-next");
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    button.dataset.action = `${name} ${member.id}`;
    button.addEventListener("click", run);
    return button;
  }
}

/** @param {Member} member */
export function aboutOf(member) {
  if (member.role === "secretary") return t("Thư ký · %(unit)s", { unit: member.unit });
  if (member.role === "technician") return t("Kỹ thuật · %(unit)s", { unit: member.unit });
  const parts = [
    member.chair ? t("Chủ trì") : "",
    member.level,
    presenceWord(member),
    member.device ? t("thiết bị WHIP") : "",
    member.players ? t("%(count)s thiết bị thu", { count: member.players }) : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** @param {Member} member */
function presenceWord(member) {
  if (member.presence === "reconnecting") return t("đang nối lại");
  if (member.sent_out) return t("đã được mời ra");
  return member.presence === "left" ? t("đã rời họp") : "";
}

/**
 * @param {Member} member
 * @param {boolean} mayDrive
 */
function signsOf(member, mayDrive) {
  if (!isHere(member)) return [];
  const microphone = icon(member.microphone ? "mic" : "mic-off");
  microphone.classList.toggle("sign-on", member.microphone);
  // The secretary's button shows it already.
  if (mayDrive && (member.microphone || member.device)) microphone.style.display = "none";
  const camera = icon(member.camera ? "video" : "video-off");
  camera.classList.toggle("sign-on", member.camera);
  if (!member.screen || mayDrive) return [microphone, camera];
  const screen = icon("monitor-up");
  screen.classList.add("sign-on");
  return [microphone, camera, screen];
}

/**
 * What the signs show, for those who cannot see them.
 *
 * @param {Member} member
 */
function signWords(member) {
  return [
    member.microphone ? t("Micrô đang bật") : t("Micrô đang tắt"),
    member.camera ? t("Camera đang bật") : t("Camera đang tắt"),
    ...(member.screen ? [t("Đang chia sẻ màn hình")] : []),
  ].join(", ");
}
