// @ts-check
// Dates and times of the meeting form, as a person types them: local, without a zone. Pure.

const MINUTES_A_DAY = 24 * 60;
// As the server has it: an end that reads earlier than the start is meant for the next day, if the
// meeting is then no longer than this.
const LONGEST_MINUTES = 12 * 60;

/**
 * @param {string} text "HH:MM"
 * @returns {number | null} minutes since midnight
 */
export function readMinutes(text) {
  const match = /^(\d{1,2}):(\d{2})/.exec(text);
  if (!match) return null;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return minutes < MINUTES_A_DAY ? minutes : null;
}

/**
 * @param {number} minutes since midnight
 * @returns {string} "HH:MM"
 */
export function writeMinutes(minutes) {
  const within = ((minutes % MINUTES_A_DAY) + MINUTES_A_DAY) % MINUTES_A_DAY;
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${two(Math.floor(within / 60))}:${two(within % 60)}`;
}

/**
 * Where the end goes when the start moves: the length stays, past midnight too.
 * @param {string} oldStart
 * @param {string} oldEnd
 * @param {string} newStart
 * @returns {string} the new end; `oldEnd` when one of them cannot be read
 */
export function moveEnd(oldStart, oldEnd, newStart) {
  const [next, length] = [readMinutes(newStart), lengthOf(oldStart, oldEnd)];
  return next === null || length === null ? oldEnd : writeMinutes(next + length);
}

/**
 * @param {string} start
 * @param {string} end
 * @returns {number | null} minutes between; null when unreadable or not after the start
 */
export function lengthOf(start, end) {
  const [from, to] = [readMinutes(start), readMinutes(end)];
  if (from === null || to === null) return null;
  const length = to < from ? to + MINUTES_A_DAY - from : to - from;
  return length === 0 || (to < from && length > LONGEST_MINUTES) ? null : length;
}

/**
 * @param {string} start
 * @param {string} end
 * @returns {boolean} whether the end is meant for the day after the start
 */
export function endsNextDay(start, end) {
  const [from, to] = [readMinutes(start), readMinutes(end)];
  return from !== null && to !== null && to < from && lengthOf(start, end) !== null;
}

/**
 * When each agenda item comes, one after the other from the start.
 * @param {string} start "HH:MM"
 * @param {(number | null)[]} lengths minutes; null where none was given
 * @returns {string[]} "HH:MM" while all before have a length, then ""
 */
export function itemTimes(start, lengths) {
  let at = readMinutes(start);
  return lengths.map((length) => {
    const text = at === null ? "" : writeMinutes(at);
    at = at === null || length === null ? null : at + length;
    return text;
  });
}

/**
 * @param {string} date "YYYY-MM-DD"
 * @param {string} language in which the weekday is named
 * @returns {{weekday: string, date: string} | null} "Thứ Năm" and dd/mm/yyyy
 */
export function nameDate(date, language) {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const inWords = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
  const weekday = inWords.format(Date.UTC(year, month - 1, day));
  return { weekday, date: `${match[3]}/${match[2]}/${match[1]}` };
}
