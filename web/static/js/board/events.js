/** Server-sent events out of a stream of text. Pure. Source: WHATWG HTML, section 9.2.6. */

/** @typedef {{name: string, data: string}} StreamEvent */

// A snapshot of 400 rows is 300 KB; what is longer is not ours.
const MAX_LETTERS = 8_000_000;

/** Takes chunks as they come, cut anywhere; gives each event once it is whole. */
export class EventReader {
  #rest = "";
  #name = "";
  /** @type {string[]} */
  #data = [];

  /**
   * @param {string} chunk
   * @returns {StreamEvent[]}
   */
  read(chunk) {
    const text = this.#rest + chunk;
    // A CR at the end may be half of a CRLF.
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + text.slice(whole.length);
    if (this.#rest.length > MAX_LETTERS) throw new RangeError("an event without end");
    return lines.flatMap((line) => this.#take(line));
  }

  /** @param {string} line @returns {StreamEvent[]} */
  #take(line) {
    if (line === "") {
      const event = { name: this.#name || "message", data: this.#data.join("\n") };
      const isEmpty = this.#data.length === 0;
      this.#name = "";
      this.#data = [];
      return isEmpty ? [] : [event];
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    return [];
  }
}
