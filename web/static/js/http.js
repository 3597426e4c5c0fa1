/** Requests of scripts to the server: JSON, with the page's CSRF token. */

import { deadline } from "./deadline.js";
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
  const signal = deadline(TIMEOUT_MS, init.signal ?? undefined);
  const headers = { Accept: "application/json", ...init.headers };
  let response;
  try {
    response = await fetch(url, { ...init, headers, signal });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new HttpError(0, "offline", t("Không kết nối được máy chủ. Xin kiểm tra đường truyền."));
  }
  if (response.status === 204) return null;
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const message = body.message ?? t("Có lỗi xảy ra. Xin thử lại.");
  throw new HttpError(response.status, body.code ?? "error", message, body.fields);
}
