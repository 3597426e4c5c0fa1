// @ts-check
// A chosen date and times in words: a browser set to English writes 12/03/2026 and 02:00 PM, and
// a day and a month are soon mistaken for each other. Here stands what the invitation will say.

import { language, t } from "./i18n.js";
import { endsNextDay, lengthOf, nameDate } from "./times.js";

/**
 * @param {string} date "YYYY-MM-DD"
 * @param {string} start "HH:MM"
 * @param {string} end "HH:MM"
 * @returns {string} "Thứ Năm, 03/12/2026 · 14:00–15:30 · 90 phút", as much as can be read
 */
export function sayTimes(date, start, end) {
  const named = nameDate(date, language());
  const length = lengthOf(start, end);
  const parts = [];
  if (named) parts.push(`${named.weekday}, ${named.date}`);
  const until = endsNextDay(start, end) ? t("%(time)s hôm sau", { time: end }) : end;
  if (length !== null) parts.push(`${start}–${until}`, t("%(count)s phút", { count: length }));
  return parts.join(" · ");
}
