/**
 * The few ways this page touches the document.
 */

// Relative to this module, so that the version in the static path carries over.
const ICONS = import.meta.url ? new URL("../../vendor/icons.svg", import.meta.url).href : "";

/**
 * The element with this id, of this class; a template and a script that disagree fail at once.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`no ${type.name} #${id} in the page`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * @param {string} name of lucide, listed in static/icons.txt
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.classList.add("icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * Show another icon in an element that holds one.
 *
 * @param {Element} holder
 * @param {string} name
 */
export function swapIcon(holder, name) {
  holder.querySelector("use")?.setAttribute("href", `${ICONS}#${name}`);
}

/** Set text only when it differs: no work for the layout otherwise. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} element @param {string} name @param {string} value */
export function setData(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

/**
 * Two letters for a place without a picture: "Huyện Nậm Pồ" gives "NP".
 *
 * @param {string} name
 */
export function initials(name) {
  const kinds = /^(phòng họp|hội trường|điểm cầu|ubnd|bộ|tỉnh|thành phố|tp\.?|huyện|quận|thị xã|xã|phường|thị trấn)\s+/iu;
  let rest = name.trim();
  while (kinds.test(rest)) rest = rest.replace(kinds, "");
  const words = (rest || name).trim().split(/\s+/u);
  return words
    .slice(-2)
    .map((word) => word[0] ?? "")
    .join("")
    .toLocaleUpperCase("vi");
}
