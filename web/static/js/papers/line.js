// @ts-check
/** Requests of uploads: XMLHttpRequest, since fetch does not tell how much of a body has gone. */

import { csrfToken } from "../http.js";

/** @typedef {import("./tus.js").Reply} Reply */

// Longer than the server waits for a line that stands still (30 s), which then keeps what came.
const STILL_MS = 40_000;
// The last piece is answered when the whole file was looked at, by a virus scanner too.
const LOOKED_AT_MS = 180_000;

/**
 * @param {AbortSignal} signal ends the request under way and every pause
 * @returns {import("./tus.js").Line}
 */
export function lineOf(signal) {
  return {
    ask: (method, address, headers, body, onSent) => ask(signal, method, address, headers, body, onSent),
    now: () => performance.now(),
    pause: (ms) => pause(signal, ms),
  };
}

/**
 * @param {AbortSignal} signal
 * @param {string} method
 * @param {string} address
 * @param {Record<string, string>} headers
 * @param {Blob | null} body
 * @param {(bytes: number) => void} onSent
 * @returns {Promise<Reply>}
 */
function ask(signal, method, address, headers, body, onSent) {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    /** @param {number} ms */
    const wait = (ms) => {
      clearTimeout(timer);
      timer = window.setTimeout(() => request.abort(), ms);
    };
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(signal.reason);
      else resolve(read(request));
    };
    const stop = () => request.abort();
    signal.addEventListener("abort", stop);
    request.upload.onprogress = (event) => {
      wait(STILL_MS);
      onSent(event.loaded);
    };
    request.upload.onload = () => wait(LOOKED_AT_MS);
    request.onloadend = end;
    request.open(method, address);
    const all = { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrfToken(), Accept: "application/json", ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    wait(body ? STILL_MS : LOOKED_AT_MS);
    request.send(body);
  });
}

/**
 * @param {XMLHttpRequest} request
 * @returns {Reply}
 */
function read(request) {
  const offset = request.getResponseHeader("Upload-Offset");
  let code = "";
  let message = "";
  try {
    const said = JSON.parse(request.responseText);
    [code, message] = [said.code ?? "", said.detail ?? ""];
  } catch {
    // An answer to HEAD has no body.
  }
  const location = request.getResponseHeader("Location") ?? "";
  return { status: request.status, offset: offset === null ? null : Number(offset), location, code, message };
}

/**
 * @param {AbortSignal} signal
 * @param {number} ms
 * @returns {Promise<void>}
 */
function pause(signal, ms) {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      window.removeEventListener("online", over);
      signal.removeEventListener("abort", over);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = window.setTimeout(over, ms);
    window.addEventListener("online", over);
    signal.addEventListener("abort", over);
  });
}
