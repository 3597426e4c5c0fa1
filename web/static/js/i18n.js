/** Words of scripts. The source language is Vietnamese, so a page in it carries no catalogue. */

/**
 * @typedef {Readonly<Record<string, string | number>>} Values
 */

/**
 * What the page's language says for a Vietnamese text: one form, or one for a single thing and
 * one for any other number.
 * @typedef {ReadonlyMap<string, string | readonly [string, string]>} Catalogue
 */

/** @type {Catalogue | null} */
let catalogue = null;

/**
 * @param {Document | null} page
 * @returns {Catalogue}
 */
export function readCatalogue(page) {
  const element = page?.getElementById("catalogue");
  if (!element?.textContent) return new Map();
  return new Map(Object.entries(JSON.parse(element.textContent)));
}

/**
 * The text in the page's language; `%(name)s` takes its value from `values`.
 * @param {string} message the Vietnamese text
 * @param {Values} [values]
 * @returns {string}
 */
export function t(message, values = {}) {
  return fill(form(message, 2), values);
}

/**
 * As `t`, of a text that counts things: `%(num)s` is the count.
 * @param {string} message the Vietnamese text, whose nouns have one form
 * @param {number} count
 * @param {Values} [values]
 * @returns {string}
 */
export function tn(message, count, values = {}) {
  return fill(form(message, count), { num: count, ...values });
}

/** @param {string} message @param {number} count */
function form(message, count) {
  catalogue ??= readCatalogue(typeof document === "undefined" ? null : document);
  const known = catalogue.get(message) ?? message;
  return typeof known === "string" ? known : known[count === 1 ? 0 : 1];
}

/**
 * @param {string} text
 * @param {Values} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)[sd]/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {number} count @returns {string} 10.599 in Vietnamese, 10,599 in English */
export function written(count) {
  return new Intl.NumberFormat(language()).format(count);
}

/** The page's language, for Intl. @returns {string} */
export function language() {
  return typeof document === "undefined" ? "vi" : document.documentElement.lang || "vi";
}
