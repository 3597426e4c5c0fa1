// @ts-check
/**
 * A file on its way over a line that breaks, by the tus protocol 1.0.0 (tus.io): it goes on from
 * what the server has, as often as it takes. Knows no page; requests are made by a `Line`.
 */

/**
 * @typedef {{ status: number, offset: number | null, location: string, message: string }} Reply
 * `status` 0: no answer came. `message`: what the server says is wrong, in the page's language.
 */
/**
 * @typedef {object} Line
 * @property {(method: string, address: string, headers: Record<string, string>, body: Blob | null, onSent: (bytes: number) => void) => Promise<Reply>} ask
 * @property {(ms: number) => Promise<void>} pause until then, or until the line is said to be back
 */

// 8 s of a line of 256 kbit/s: no more is lost by a break where a proxy hands on whole requests
// only, or where a browser sends one again by itself, which then comes from the wrong place.
export const PIECE_BYTES = 256 * 1024;
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 30_000;
/** It comes from another place, is being written to, too much is asked, or the hub is away. */
const AGAIN = new Set([0, 409, 423, 429]);

/** The server says no, and why. */
export class Refused extends Error {
  /** @param {Reply} reply */
  constructor(reply) {
    super(reply.message);
    this.status = reply.status;
  }
}

/** @param {number} failures in a row @returns {number} ms */
export function pauseAfter(failures) {
  return Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1));
}

/**
 * @param {Readonly<Record<string, string>>} values
 * @returns {string} Upload-Metadata
 */
export function metadata(values) {
  return Object.entries(values)
    .map(([key, value]) => (value ? `${key} ${base64(value)}` : key))
    .join(",");
}

/** @param {string} text */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/**
 * Where the file is to be sent.
 * @param {Line} line
 * @param {string} at
 * @param {number} size
 * @param {Readonly<Record<string, string>>} said
 * @param {(waiting: boolean) => void} onWait
 * @returns {Promise<string>}
 */
export async function announce(line, at, size, said, onWait = () => {}) {
  const headers = { "Upload-Length": String(size), "Upload-Metadata": metadata(said) };
  const reply = await insistent(line, (reply) => reply.status === 201, onWait, () =>
    line.ask("POST", at, headers, null, () => {}),
  );
  return reply.location;
}

/**
 * Send what the server does not have; returns when all of it is taken in. Refused where it is not,
 * of status 404 where the server does not know of it any more.
 * @param {Line} line
 * @param {string} address
 * @param {Blob} file
 * @param {{ onProgress?: (bytes: number) => void, onWait?: (waiting: boolean) => void }} [told]
 */
export async function send(line, address, file, { onProgress = () => {}, onWait = () => {} } = {}) {
  /** @type {number | null} */
  let offset = null;
  await insistent(
    line,
    (reply) => isGood(reply) && reply.offset === file.size,
    onWait,
    async () => {
      if (offset === null) {
        const known = await line.ask("HEAD", address, {}, null, () => {});
        if (!isGood(known) || known.offset === null || known.offset === file.size) return known;
        offset = known.offset;
        onProgress(offset);
      }
      const from = offset;
      const piece = file.slice(from, from + PIECE_BYTES);
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(from) };
      offset = null; // unknown until it is answered
      const reply = await line.ask("PATCH", address, headers, piece, (bytes) => onProgress(from + bytes));
      if (isGood(reply) && reply.offset !== null) {
        offset = reply.offset;
        onProgress(offset);
      }
      return reply;
    },
  );
}

/**
 * Ask until the answer is what is wanted; Refused for one that will not change.
 * @param {Line} line
 * @param {(reply: Reply) => boolean} isWanted
 * @param {(waiting: boolean) => void} onWait
 * @param {() => Promise<Reply>} ask
 */
async function insistent(line, isWanted, onWait, ask) {
  let failures = 0;
  for (;;) {
    const reply = await ask();
    if (isWanted(reply)) return reply;
    if (isGood(reply)) {
      failures = 0;
      onWait(false);
      continue;
    }
    if (!AGAIN.has(reply.status) && reply.status < 500) throw new Refused(reply);
    failures += 1;
    onWait(true);
    await line.pause(pauseAfter(failures));
  }
}

/** @param {Reply} reply */
function isGood(reply) {
  return reply.status >= 200 && reply.status < 300;
}
