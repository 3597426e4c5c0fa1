/**
 * What a screen reader is told of the room. Sentences come out of two states; pure except for
 * `Announcer`, which writes them.
 */

/** @import {RoomState} from "./state.js" */
import { t, tn } from "../i18n.js";

/** More changes than this at once (a restart, a meeting's start) are told as a number only. */
const MOST = 3;

/**
 * @param {RoomState} before
 * @param {RoomState} now
 * @returns {string[]}
 */
export function changes(before, now) {
  if (!now.welcomed) return [];
  if (!before.welcomed) return [t("Đã vào phòng họp.")];
  /** @type {string[]} */
  const came = [];
  const went = [];
  const hands = [];
  const shares = [];
  for (const member of Object.values(now.members)) {
    if (member.id === now.self) continue;
    const old = before.members[member.id];
    const was = old?.presence ?? "absent";
    if (member.presence === "present" && was !== "present") came.push(member.name);
    if (member.presence === "left" && was !== "left") went.push(member.name);
    if (member.screen && !old?.screen) shares.push(member.name);
    if (member.hand_at !== null && (old?.hand_at ?? null) === null) hands.push(member.name);
  }
  return [
    ...told(came, (name) => t("%(name)s đã vào họp", { name })),
    ...told(went, (name) => t("%(name)s đã rời họp", { name })),
    ...told(shares, (name) => t("%(name)s đang chia sẻ màn hình", { name })),
    ...told(hands, (name) => t("%(name)s xin phát biểu", { name })),
  ];
}

/**
 * What those who sit in the room must know once the secretary has moved the meeting.
 *
 * @param {RoomState} before
 * @param {RoomState} now
 * @param {{language: string, timezone: string}} words
 * @returns {string} empty while the meeting stays where it was
 */
export function moved(before, now, { language, timezone }) {
  const [old, room] = [before.room, now.room];
  if (!old || !room || (old.starts_at === room.starts_at && old.ends_at === room.ends_at)) return "";
  /** @type {(at: number, format: Intl.DateTimeFormatOptions) => string} */
  const say = (at, format) =>
    new Intl.DateTimeFormat(language, { ...format, timeZone: timezone }).format(at * 1000);
  const time = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return t("Giờ họp đã đổi: %(start)s – %(end)s, %(date)s.", {
    start: say(room.starts_at, time),
    end: say(room.ends_at, time),
    date: say(room.starts_at, { weekday: "long", day: "2-digit", month: "2-digit", year: "numeric" }),
  });
}

/**
 * @param {string[]} names
 * @param {(name: string) => string} sentence
 */
function told(names, sentence) {
  if (names.length <= MOST) return names.map(sentence);
  return [sentence(tn("%(num)s điểm cầu", names.length))];
}

/** Writes into an aria-live element; each sentence stays long enough to be read. */
export class Announcer {
  #element;
  /** @type {string[]} */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} element with aria-live */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string[]} sentences */
  say(sentences) {
    this.#waiting.push(...sentences);
    if (this.#timer === undefined) this.#next();
  }

  #next() {
    const sentence = this.#waiting.shift();
    this.#element.textContent = sentence ?? "";
    // Two seconds are about what a screen reader needs for one.
    this.#timer = sentence === undefined ? undefined : setTimeout(() => this.#next(), 2000);
  }
}
