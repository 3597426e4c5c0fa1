/** The board's stream: opened, watched, opened again. Says what it hears and how it is. */

import { EventReader } from "./events.js";
import { age, end, hear, listen, lose, retryMs, SILENT_MS } from "./pulse.js";

/** @typedef {import("./pulse.js").Pulse} Pulse */
/** @typedef {import("./pulse.js").Why} Why */
/** @typedef {(name: string, data: any) => void} Take */

const LOOK_MS = 1_000;
/** @type {Readonly<Record<number, Why>>} answers that another attempt would get again */
const FINAL = { 401: "signed_out", 403: "refused", 404: "gone" };

export class BoardStream {
  /** @type {Pulse} */
  #pulse;
  #take;
  #tell;
  #url = "";
  /** @type {AbortController | null} */
  #line = null;
  #startedAt = 0;
  #retry = 0;

  /**
   * @param {string} at HH:MM of the page's own numbers
   * @param {Take} take is given `snapshot` and `rows`
   * @param {(pulse: Pulse) => void} tell is called when the pulse changed
   */
  constructor(at, take, tell) {
    this.#pulse = listen(Date.now(), at);
    this.#take = take;
    this.#tell = tell;
    setInterval(() => this.#look(), LOOK_MS);
    // A page that slept, and a cable that is plugged in again, need no waiting.
    document.addEventListener("visibilitychange", () => this.#look());
    window.addEventListener("online", () => this.#hurry());
    window.addEventListener("pageshow", (event) => event.persisted && this.#hurry());
  }

  /** Listen at `url`, in place of where it listened before. @param {string} url */
  open(url) {
    this.#url = url;
    if (this.#pulse.feed !== "ended") void this.#run();
  }

  async #run() {
    clearTimeout(this.#retry);
    this.#line?.abort();
    const line = new AbortController();
    this.#line = line;
    this.#startedAt = Date.now();
    try {
      await this.#read(line.signal);
    } catch {
      // Why it failed does not matter: the line is gone and is tried again.
    }
    // A newer run has taken over, and it alone speaks for the page.
    if (this.#line !== line) return;
    this.#line = null;
    this.#set(lose(this.#pulse, Date.now()));
    if (this.#pulse.feed === "ended") return;
    this.#retry = setTimeout(() => void this.#run(), retryMs(this.#pulse.tries, Math.random()));
  }

  /** @param {AbortSignal} signal */
  async #read(signal) {
    const answer = await fetch(this.#url, {
      // JSON too, so that a sign-in that ended is an answer and no page to follow to.
      headers: { Accept: "text/event-stream, application/json" },
      cache: "no-store",
      redirect: "error",
      signal,
    });
    const why = FINAL[answer.status];
    if (why) this.#set(end(this.#pulse, why));
    if (!answer.ok || !answer.body) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const events = new EventReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      for (const event of events.read(value)) this.#hear(event.name, JSON.parse(event.data));
    }
  }

  /** @param {string} name @param {any} data */
  #hear(name, data) {
    if (name === "signed_out" || name === "refused") {
      this.#set(end(this.#pulse, name));
      return;
    }
    if (name !== "beat") this.#take(name, data);
    this.#set(hear(this.#pulse, data.at, Date.now()));
  }

  #look() {
    const now = Date.now();
    this.#set(age(this.#pulse, now));
    // A line that is open and says nothing is broken somewhere on the way.
    const silent = Math.abs(now - Math.max(this.#startedAt, this.#pulse.heardAt)) >= SILENT_MS;
    if (this.#line && silent && this.#pulse.feed !== "ended") void this.#run();
  }

  #hurry() {
    if (this.#pulse.feed !== "ended" && this.#pulse.feed !== "live") void this.#run();
  }

  /** @param {Pulse} pulse */
  #set(pulse) {
    if (pulse === this.#pulse) return;
    this.#pulse = pulse;
    this.#tell(pulse);
  }
}
