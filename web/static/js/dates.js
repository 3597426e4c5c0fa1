// @ts-check
// Days and hours as people here write them, whatever language the browser was set to. Pure.

const DAY_MS = 86_400_000;
const DAYS_A_WEEK = 7;

/** @param {number} number @param {number} digits */
const padded = (number, digits) => String(number).padStart(digits, "0");

/**
 * @param {string} text "3/12/2026", "03.12.2026", "03122026" or "2026-12-03"
 * @returns {string} "2026-12-03", or "" for what is no day
 */
export function readDay(text) {
  const plain = text.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(plain);
  const ours = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$/.exec(plain) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(plain);
  const parts = iso ? iso.slice(1, 4) : ours ? [ours[3], ours[2], ours[1]] : null;
  if (!parts) return "";
  const [year, month, day] = parts.map(Number);
  const found = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  // The 31st of November would be the first of December.
  if (found.getUTCMonth() !== (month ?? 0) - 1 || found.getUTCDate() !== day) return "";
  return isoOf(found);
}

/**
 * As `readDay`; a day without a year, "3/12", is the next such one.
 * @param {string} text
 * @param {string} today "2026-11-30", which counts
 * @returns {string}
 */
export function readComing(text, today) {
  const plain = text.trim();
  if (!/^\d{1,2}[/.\- ]\d{1,2}$/.test(plain)) return readDay(plain);
  const year = Number(today.slice(0, 4));
  // The 29th of February comes within eight years.
  for (let ahead = 0; ahead <= 8; ahead += 1) {
    const found = readDay(`${plain.replace(/\D/, "/")}/${year + ahead}`);
    if (found >= today) return found;
  }
  return "";
}

/** @param {string} iso @returns {string} "03/12/2026" */
export function writeDay(iso) {
  const [year, month, day] = iso.split("-");
  return `${day}/${month}/${year}`;
}

/**
 * The day of a moment where the browser is; UTC is on yesterday until seven in Vietnam.
 * @param {Date} moment @returns {string} "2026-12-03"
 */
export function dayOf(moment) {
  return `${padded(moment.getFullYear(), 4)}-${padded(moment.getMonth() + 1, 2)}-${padded(moment.getDate(), 2)}`;
}

/**
 * @param {string} text "8", "8:30", "8h30", "0830"
 * @returns {string} "08:30", or "" for what is no time of day
 */
export function readTime(text) {
  const found = /^(\d{1,2})\s*(?:[:hg.]\s*(\d{1,2})?)?$/i.exec(text.trim()) ?? /^(\d{1,2})(\d{2})$/.exec(text.trim());
  if (!found) return "";
  const [hours, minutes] = [Number(found[1]), Number(found[2] ?? 0)];
  return hours < 24 && minutes < 60 ? `${padded(hours, 2)}:${padded(minutes, 2)}` : "";
}

/** @param {string} iso @param {number} days @returns {string} */
export function addDays(iso, days) {
  return isoOf(new Date(Date.parse(`${iso}T00:00:00Z`) + days * DAY_MS));
}

/**
 * The same day of another month, or that month's last.
 * @param {string} iso @param {number} months @returns {string}
 */
export function addMonths(iso, months) {
  const [year, month, day] = iso.split("-").map(Number);
  const last = new Date(Date.UTC(year ?? 0, (month ?? 1) + months, 0));
  last.setUTCDate(Math.min(day ?? 1, last.getUTCDate()));
  return isoOf(last);
}

/**
 * The weeks of a day's month, Monday first; days of the neighbours fill the ends.
 * @param {string} iso @returns {string[][]}
 */
export function weeksOf(iso) {
  const first = `${iso.slice(0, 8)}01`;
  const weekday = (new Date(`${first}T00:00:00Z`).getUTCDay() + DAYS_A_WEEK - 1) % DAYS_A_WEEK;
  const weeks = [];
  for (let at = addDays(first, -weekday); weeks.length === 0 || at.slice(0, 7) === iso.slice(0, 7); at = addDays(at, DAYS_A_WEEK)) {
    weeks.push(Array.from({ length: DAYS_A_WEEK }, (_, n) => addDays(at, n)));
  }
  return weeks;
}

/** @param {Date} date */
function isoOf(date) {
  return `${padded(date.getUTCFullYear(), 4)}-${padded(date.getUTCMonth() + 1, 2)}-${padded(date.getUTCDate(), 2)}`;
}
