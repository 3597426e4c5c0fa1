/** Requests of scripts to the server: JSON, with the page's CSRF token. */

import { within } from "./deadline.js";
import { t } from "./i18n.js";

// A commune on a 256 kbit/s line still gets its answer; a dead line is told within a breath.
const TIMEOUT_MS = 15_000;

/** A failure the server explained; `fields` says which fields of a form are wrong. */
export class HttpError extends Error {
  /**
   * @param {number} status 0 when no answer came
   * @param {string} code
   * @param {string} message in the page's language
   * @param {Readonly<Record<string, string>>} [fields]
   */
  constructor(status, code, message, fields = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

/** @returns {string} */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/**
 * @param {string} url
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<any>}
 */
export function getJson(url, options = {}) {
  return send(url, { method: "GET", ...options });
}

/**
 * @param {string} url
 * @param {unknown} body
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<any>}
 */
export function postJson(url, body, options = {}) {
  return send(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() },
    ...options,
  });
}

/**
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<any>}
 */
async function send(url, init) {
  const headers = { Accept: "application/json", ...init.headers };
  let response, body;
  try {
    [response, body] = await within(
      TIMEOUT_MS,
      async (signal) => {
        const found = await fetch(url, { ...init, headers, signal });
        const isEmpty = found.status === 204;
        return [found, isEmpty ? null : await found.json().catch(() => ({}))];
      },
      init.signal,
    );
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new HttpError(0, "offline", t("Không kết nối được máy chủ. Xin kiểm tra đường truyền."));
  }
  if (response.ok) return body;
  const message = body.detail ?? t("Có lỗi xảy ra. Xin thử lại.");
  throw new HttpError(response.status, body.code ?? "error", message, body.fields);
}
