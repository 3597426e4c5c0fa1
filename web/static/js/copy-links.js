// @ts-check
// Buttons that copy a link, a whole invitation or what a device is given, on the meeting's page and on the page of links; and printing.

import { t } from "./i18n.js";

// Long enough to be seen, short enough not to be taken for the next copy's answer.
const SHOWN_MS = 2_000;

for (const button of document.querySelectorAll("[data-copy], [data-invite], [data-text]")) {
  if (button instanceof HTMLButtonElement) button.addEventListener("click", () => void copy(button));
}
for (const button of document.querySelectorAll("[data-copy-message], [data-copy-messages]")) {
  if (button instanceof HTMLButtonElement) button.addEventListener("click", () => void copyMessages(button));
}
document.querySelector("[data-print]")?.addEventListener("click", () => void print());

/** Codes below the fold come when they are scrolled to; paper has no fold. */
async function print() {
  const codes = [...document.querySelectorAll("img")];
  for (const code of codes) code.loading = "eager";
  await Promise.allSettled(codes.map((code) => code.decode()));
  window.print();
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const { copy: link, invite, text: other } = button.dataset;
  const text = link ?? invite ?? other ?? "";
  const done = await write(text);
  if (!done) {
    window.prompt(t("Chọn và sao chép liên kết:"), text);
    return;
  }
  button.classList.add("is-copied");
  if (other) say(t("Đã sao chép."));
  else say(invite ? t("Đã sao chép lời mời.") : t("Đã sao chép liên kết."));
  setTimeout(() => button.classList.remove("is-copied"), SHOWN_MS);
}

/**
 * What stands beside the button, or all messages of the page.
 * @param {HTMLButtonElement} button
 */
async function copyMessages(button) {
  const place = "copyMessages" in button.dataset ? document : button.closest("li");
  const texts = [...(place ?? document).querySelectorAll("[data-message]")].map((one) => one.textContent ?? "");
  const text = texts.join("\n\n――――――――\n\n");
  if (!(await write(text))) {
    window.prompt(t("Chọn và sao chép:"), text);
    return;
  }
  button.classList.add("is-copied");
  say(t("Đã sao chép."));
  setTimeout(() => button.classList.remove("is-copied"), SHOWN_MS);
}

/**
 * The clipboard is there on secure pages only; elsewhere a selected field does.
 * @param {string} text
 * @returns {Promise<boolean>}
 */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

/** @param {string} text for readers of the screen */
function say(text) {
  let voice = document.getElementById("copy-voice");
  if (!voice) {
    voice = document.createElement("p");
    voice.id = "copy-voice";
    voice.className = "visually-hidden";
    voice.setAttribute("role", "status");
    document.body.append(voice);
  }
  voice.textContent = "";
  voice.textContent = text;
}
