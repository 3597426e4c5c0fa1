/**
 * Tells who drives the meeting that the presiding site is gone, with the numbers to call: everybody
 * waits for it, and nobody else can see why nothing happens.
 */

/** @import {Phone} from "./messages.js" */
/** @import {RoomState} from "./state.js" */
import { t } from "../i18n.js";

/** A line that stalls for a breath is not told of. */
export const AWAY_MS = 8_000;

/** @typedef {{wasHere: boolean, awayFrom: number | null, told: boolean}} ChairWatch times in ms */

/** @returns {ChairWatch} */
export function newChairWatch() {
  return { wasHere: false, awayFrom: null, told: false };
}

/**
 * Pure; to be asked at every change, and while `awayFrom` is set.
 *
 * @param {ChairWatch} watch
 * @param {RoomState} state
 * @param {number} now ms, monotonic
 * @returns {{watch: ChairWatch, news: "gone" | "back" | null}}
 */
export function watchChair(watch, state, now) {
  const chair = state.members[state.room?.chair ?? ""];
  if (!state.welcomed || !state.mayDrive || !chair || chair.id === state.self) {
    return { watch: newChairWatch(), news: null };
  }
  if (chair.presence === "present") {
    return {
      watch: { wasHere: true, awayFrom: null, told: false },
      news: watch.told ? "back" : null,
    };
  }
  // Who has not come yet is seen in the list.
  if (!watch.wasHere || watch.told) return { watch, news: null };
  const awayFrom = watch.awayFrom ?? now;
  const isGone = chair.presence !== "reconnecting" || now - awayFrom >= AWAY_MS;
  return { watch: { ...watch, awayFrom, told: isGone }, news: isGone ? "gone" : null };
}

/**
 * @param {RoomState} state
 * @returns {string}
 */
export function chairGoneWords(state) {
  const chair = state.members[state.room?.chair ?? ""];
  const name = chair?.name ?? "";
  const text =
    chair?.presence === "left"
      ? t("Điểm cầu chủ trì %(name)s đã rời họp.", { name })
      : t("Điểm cầu chủ trì %(name)s mất kết nối.", { name });
  const phones = phoneWords(state.contacts[chair?.id ?? ""] ?? []);
  if (!phones) return text;
  const call = t("Gọi: %(phones)s", { phones });
  return `${text} ${call}`;
}

/** "0215 3832 123, Lò Văn Sơn 0912 345 678"; no number is broken. @param {Phone[]} phones */
export function phoneWords(phones) {
  return phones
    .map(({ name, number }) => `${name} ${number.replaceAll(" ", "\u00a0")}`.trim())
    .join(", ");
}
