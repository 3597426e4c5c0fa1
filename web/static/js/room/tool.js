/**
 * A button of the toolbar that switches something on and off.
 */

import { byId, setText, swapIcon } from "./dom.js";

/**
 * @param {string} name
 * @param {boolean} on
 * @param {string} sign
 * @param {{on: string, off: string, key: string}} words what a click would do
 */
export function showTool(name, on, sign, words) {
  const button = byId(`tool-${name}`, HTMLButtonElement);
  const text = on ? words.on : words.off;
  if (button.dataset.on === String(on) && button.title.startsWith(text)) return;
  button.dataset.on = String(on);
  button.title = words.key ? `${text} (${words.key})` : text;
  // The text says what a click does, so the state is not given a second time as "pressed".
  setText(byId(`tool-${name}-text`, HTMLElement), text);
  swapIcon(button, sign);
}
