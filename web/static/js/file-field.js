// @ts-check
/** Fields for files in the page's language: a browser writes its own words on them. */

import { t } from "./i18n.js";

/**
 * The field itself stays, unseen, above what is seen: pressed, reached by keys, and files dropped on it.
 * @param {HTMLInputElement} input
 */
export function dressFileField(input) {
  const box = document.createElement("span");
  box.className = "file-field";
  const button = document.createElement("span");
  button.className = "button button-plain";
  button.textContent = t("Chọn tệp…");
  const name = document.createElement("span");
  name.className = "file-name";
  for (const part of [button, name]) part.setAttribute("aria-hidden", "true"); // the input says it all
  input.replaceWith(box);
  box.append(button, name, input);
  const say = () => {
    name.textContent = chosen([...(input.files ?? [])].map((file) => file.name));
  };
  input.addEventListener("change", say);
  // The form is emptied after its handlers.
  input.form?.addEventListener("reset", () => queueMicrotask(say));
  say();
}

/**
 * @param {readonly string[]} names
 * @returns {string}
 */
export function chosen(names) {
  if (!names.length) return t("Chưa chọn tệp nào");
  return names.join(", ");
}
