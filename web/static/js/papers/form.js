// @ts-check
/** The form that sends papers: one file after the other, each with its progress; after a break, or
 * when the page was left and the same file is chosen again, from where it stood. */

import { t } from "../i18n.js";
import { lineOf } from "./line.js";
import { announce, giveUp, Refused, send } from "./tus.js";

const KEPT = "confhub.upload.";

for (const form of document.querySelectorAll("form[data-papers]")) {
  if (form instanceof HTMLFormElement) setUp(form);
}

/** @param {HTMLFormElement} form */
function setUp(form) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
  const list = /** @type {HTMLElement} */ (form.querySelector("[data-coming]"));
  const voice = /** @type {HTMLElement} */ (form.querySelector("[data-voice]"));
  let busy = false;

  for (const radio of form.querySelectorAll("input[name=shown]")) radio.addEventListener("change", () => showLevels(form));
  showLevels(form);
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const files = [...(input.files ?? [])];
    if (busy) return;
    if (!files.length) {
      voice.classList.remove("visually-hidden");
      voice.textContent = t("Xin chọn tệp cần gửi.");
      input.focus();
      return;
    }
    busy = true;
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button:not([type=button])"));
    button.disabled = true;
    void all(form, files, list, voice).then((good) => {
      busy = false;
      button.disabled = false;
      input.value = "";
      input.dispatchEvent(new Event("change"));
      if (good) location.assign(form.dataset.after ?? location.pathname);
    });
  });
}

/** @param {HTMLFormElement} form */
function showLevels(form) {
  const levels = /** @type {HTMLElement | null} */ (form.querySelector("[data-levels]"));
  const chosen = new FormData(form).get("shown");
  if (levels) levels.hidden = chosen !== "levels";
}

/**
 * @param {HTMLFormElement} form
 * @param {File[]} files
 * @param {HTMLElement} list
 * @param {HTMLElement} voice
 * @returns {Promise<boolean>} whether each was taken
 */
async function all(form, files, list, voice) {
  list.replaceChildren();
  voice.classList.add("visually-hidden"); // it stands beside the file
  const rows = files.map((file) => new Row(list, file));
  let good = true;
  for (const row of rows) {
    const taken = await one(form, row);
    voice.textContent = row.said;
    good = good && taken;
  }
  return good;
}

/**
 * @param {HTMLFormElement} form
 * @param {Row} row
 * @returns {Promise<boolean>}
 */
async function one(form, row) {
  const { file, signal } = row;
  const at = form.dataset.papers ?? "";
  const data = new FormData(form);
  const said = {
    name: file.name,
    shown: String(data.get("shown") ?? "host"),
    levels: data.getAll("levels").join(" "),
    paper: form.dataset.paper ?? "",
  };
  const key = `${KEPT}${at}.${said.paper}.${file.name}.${file.size}.${file.lastModified}`;
  const line = lineOf(signal);
  const told = {
    onProgress: (/** @type {number} */ bytes) => row.progress(bytes),
    onWait: (/** @type {string | null} */ said) => row.wait(said),
  };
  let address = kept(key);
  try {
    if (address) {
      try {
        await send(line, address, file, told);
        forget(key);
        return row.done();
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 404) throw error;
      }
    }
    address = await announce(line, at, file.size, said, told.onWait);
    keep(key, address);
    await send(line, address, file, told);
    forget(key);
    return row.done();
  } catch (error) {
    if (signal.aborted) return stopped(row, key, address);
    const again = error instanceof Refused && (error.status === 401 || error.status === 403 || error.status >= 500);
    if (!again) forget(key);
    return row.failed(error instanceof Refused ? error.message : "");
  }
}

/**
 * @param {Row} row
 * @param {string} key
 * @param {string} address
 * @returns {Promise<boolean>} whether it was taken all the same
 */
async function stopped(row, key, address) {
  row.leave();
  try {
    const gone = !address || (await giveUp(lineOf(new AbortController().signal), address));
    forget(key);
    return gone ? row.failed(t("Đã bỏ.")) : row.done();
  } catch (error) {
    return row.failed(error instanceof Refused ? error.message : "");
  }
}

/** One file of those that were chosen. */
class Row {
  /**
   * @param {HTMLElement} list
   * @param {File} file
   */
  constructor(list, file) {
    this.file = file;
    this.said = "";
    const stop = new AbortController();
    this.signal = stop.signal;
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.className = "paper-coming-name";
    name.textContent = file.name;
    this.bar = document.createElement("progress");
    this.bar.max = Math.max(1, file.size);
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", file.name);
    this.state = document.createElement("span");
    this.state.className = "muted";
    this.state.textContent = t("Chờ gửi");
    this.stop = document.createElement("button");
    this.stop.type = "button";
    this.stop.className = "button button-quiet";
    this.stop.textContent = t("Bỏ");
    this.stop.setAttribute("aria-label", t("Bỏ tệp %(name)s", { name: file.name }));
    this.stop.addEventListener("click", () => stop.abort());
    row.append(name, this.bar, this.state, this.stop);
    list.append(row);
    this.row = row;
  }

  /** @param {number} bytes */
  progress(bytes) {
    this.bar.value = bytes;
    const percent = Math.floor((100 * bytes) / Math.max(1, this.file.size));
    this.state.textContent =
      bytes >= this.file.size ? t("Đang kiểm tra tệp…") : t("Đã gửi %(share)s", { share: `${percent}%` });
  }

  /** @param {string | null} said as of tus.js */
  wait(said) {
    if (said === null) return;
    this.state.textContent = said || t("Mất đường truyền: sẽ tự gửi tiếp từ chỗ đã nhận.");
  }

  leave() {
    this.stop.disabled = true;
    this.state.textContent = t("Đang bỏ tệp…");
  }

  /** @returns {true} */
  done() {
    this.bar.value = this.bar.max;
    this.end(t("Đã nhận."));
    return true;
  }

  /** @param {string} message @returns {false} */
  failed(message) {
    this.row.classList.add("paper-coming-failed");
    this.end(message || t("Có lỗi xảy ra. Xin thử lại."));
    return false;
  }

  /** @param {string} said */
  end(said) {
    this.said = `${this.file.name}: ${said}`;
    this.state.textContent = said;
    this.stop.remove();
  }
}

/** @param {string} key */
function kept(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} key @param {string} address */
function keep(key, address) {
  try {
    localStorage.setItem(key, address);
  } catch {
    // A browser that keeps nothing sends the whole file again, after the page was left.
  }
}

/** @param {string} key */
function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // It kept nothing.
  }
}
