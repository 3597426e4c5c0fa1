// @ts-check
// The site form's page: lines that were typed and not saved are drawn again before they are filled in.

import { byName } from "./drafts.js";
import { keepDraft } from "./form-draft.js";
import { t } from "./i18n.js";

const NUMBERED = ["name", "id", "for", "aria-describedby"];
const form = document.querySelector("form[data-draft]");

/** @param {HTMLFormElement} form @param {number} wanted */
function addLines(form, wanted) {
  const lines = [...form.querySelectorAll("fieldset.line-form")];
  let last = lines.at(-1);
  for (let n = lines.length; last && n < wanted; n += 1) {
    const made = /** @type {Element} */ (last.cloneNode(true));
    for (const one of made.querySelectorAll("[name], [id], [for]")) {
      for (const name of NUMBERED) {
        const old = one.getAttribute(name);
        if (old) one.setAttribute(name, old.replaceAll(`line${n - 1}_`, `line${n}_`));
      }
    }
    const legend = made.querySelector("legend");
    if (legend) legend.textContent = t("Đường %(number)s", { number: n + 1 });
    last.after(made);
    last = made;
  }
}

if (form instanceof HTMLFormElement) {
  keepDraft(form, {
    prepare: ({ fields }) => {
      const typed = [...byName(fields).keys()].filter((name) => /^line\d+_kind$/.test(name));
      addLines(form, typed.length);
    },
  });
}
