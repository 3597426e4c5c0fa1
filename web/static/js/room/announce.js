/**
 * What a screen reader is told of the room. Sentences come out of two states; pure except for
 * `Announcer`, which writes them.
 */

/** @import {Member} from "./messages.js" */
/** @import {RoomState} from "./state.js" */
import { t, tn } from "../i18n.js";
import { FEATURES } from "./features.js";

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
  const others = Object.values(now.members).filter((member) => member.id !== now.self);
  const was = (/** @type {Member} */ member) => before.members[member.id]?.presence ?? "absent";
  const came = others.filter((one) => one.presence === "present" && was(one) !== "present");
  const went = others.filter((one) => one.presence === "left" && was(one) !== "left");
  return [
    ...told(came, (name) => t("%(name)s đã vào họp", { name })),
    ...told(went, (name) => t("%(name)s đã rời họp", { name })),
    ...FEATURES.flatMap(({ announce }) => {
      if (!announce) return [];
      const { who, words } = announce(before, now);
      return told(others.filter(who), words);
    }),
  ];
}

/** @typedef {{language: string, timezone: string}} Place of the schedule, whatever this machine is set to */

/**
 * Hours and minutes of unix seconds.
 *
 * @param {Place} place
 * @returns {(at: number) => string}
 */
export function timeIn({ language, timezone }) {
  const format = new Intl.DateTimeFormat(language, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: timezone,
  });
  return (at) => format.format(at * 1000);
}

/**
 * "08:00 – 09:30", and where it runs over midnight "23:45 – 02:45 hôm sau".
 *
 * @param {import("./messages.js").Room} room
 * @param {Place} place
 */
export function spanOf({ starts_at, ends_at }, place) {
  const time = timeIn(place);
  const date = new Intl.DateTimeFormat("sv", { timeZone: place.timezone });
  const isNextDay = date.format(starts_at * 1000) !== date.format(ends_at * 1000);
  const sameDay = time(ends_at);
  const end = isNextDay ? t("%(time)s hôm sau", { time: sameDay }) : sameDay;
  return `${time(starts_at)} – ${end}`;
}

/**
 * What those who sit in the room must know once the secretary has moved the meeting.
 *
 * @param {RoomState} before
 * @param {RoomState} now
 * @param {Place} place
 * @returns {string} empty while the meeting stays where it was
 */
export function moved(before, now, place) {
  const [old, room] = [before.room, now.room];
  if (!old || !room || (old.starts_at === room.starts_at && old.ends_at === room.ends_at)) return "";
  const { language, timezone } = place;
  const time = timeIn(place);
  if (old.starts_at === room.starts_at && room.ends_at > old.ends_at) {
    return t("Cuộc họp kéo dài đến %(end)s.", { end: time(room.ends_at) });
  }
  const day = new Intl.DateTimeFormat(language, {
    weekday: "long",
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    timeZone: timezone,
  });
  return t("Giờ họp đã đổi: %(start)s – %(end)s, %(date)s.", {
    start: time(room.starts_at),
    end: time(room.ends_at),
    date: day.format(room.starts_at * 1000),
  });
}

/**
 * @param {Member[]} members
 * @param {(name: string) => string} sentence
 */
function told(members, sentence) {
  if (members.length <= MOST) return members.map(({ name }) => sentence(name));
  return [sentence(tn("%(num)s điểm cầu", members.length))];
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
