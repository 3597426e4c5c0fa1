// @ts-check
/**
 * A file on its way over a line that breaks, by the tus protocol 1.0.0 (tus.io): it goes on from
 * what the server has, as often as it takes. Knows no page; requests are made by a `Line`.
 */

/**
 * @typedef {{ status: number, offset: number | null, location: string, code: string, message: string }} Reply
 * `status` 0: no answer came. `message`: what the server says is wrong, in the page's language;
 * neither that nor `code` comes in answers to HEAD.
 */
/**
 * @typedef {(said: string | null) => void} OnWait
 * What keeps it waiting, in the server's words; empty: the line. Null: it goes on.
 */
/**
 * @typedef {object} Line
 * @property {(method: string, address: string, headers: Record<string, string>, body: Blob | null, onSent: (bytes: number) => void) => Promise<Reply>} ask
 * @property {() => number} now in ms
 * @property {(ms: number) => Promise<void>} pause until then, or until the line is said to be back
 */

// 8 s of a line of 256 kbit/s: no more is lost by a break where a proxy hands on whole requests
// only, or where a browser sends one again by itself, which then comes from the wrong place.
export const PIECE_BYTES = 256 * 1024;
// On a wide line pieces double, so that no more than a few are asked for in a second.
const MOST_PIECE_BYTES = 4 * 1024 * 1024;
const QUICK_MS = 500;
const SLOW_MS = 2_000;
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 30_000;
/** No answer came, it is being written to, or too much is asked. */
const AGAIN = new Set([0, 423, 429]);
/** It comes from another place, or is taken in by another hub. */
const AGAIN_CODES = new Set(["other_offset", "in_use"]);
// The disk is full, or the scanner away: some five minutes, in which a scanner is back that loads
// its signatures.
const MOST_REFUSED = 15;

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
 * @param {OnWait} onWait
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
 * @param {{ onProgress?: (bytes: number) => void, onWait?: OnWait }} [told]
 */
export async function send(line, address, file, { onProgress = () => {}, onWait = () => {} } = {}) {
  /** @type {number | null} */
  let offset = null;
  let most = PIECE_BYTES;
  await insistent(
    line,
    (reply) => isGood(reply) && reply.offset === file.size,
    onWait,
    async () => {
      if (offset === null) {
        const known = await line.ask("HEAD", address, {}, null, () => {});
        // Its words come with an answer that has a body, which nothing is sent for.
        if (!isGood(known) && !mayChange(known) && known.status !== 404) return patch(file.size, 0);
        if (!isGood(known) || known.offset === null || known.offset === file.size) return known;
        offset = known.offset;
        onProgress(offset);
      }
      const from = offset;
      offset = null; // unknown until it is answered
      const began = line.now();
      const reply = await patch(from, most);
      const took = line.now() - began;
      if (!isGood(reply) || took > SLOW_MS) most = PIECE_BYTES;
      else if (took < QUICK_MS) most = Math.min(2 * most, MOST_PIECE_BYTES);
      if (isGood(reply) && reply.offset !== null) {
        offset = reply.offset;
        onProgress(offset);
      }
      return reply;
    },
  );

  /** @param {number} from @param {number} bytes */
  function patch(from, bytes) {
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(from) };
    const piece = file.slice(from, from + bytes);
    return line.ask("PATCH", address, headers, piece, (went) => onProgress(from + went));
  }
}

/**
 * Nothing is to become of the file. Tells whether that is so: not where it was taken in before.
 * @param {Line} line
 * @param {string} address
 * @returns {Promise<boolean>}
 */
export async function giveUp(line, address) {
  const isTold = (/** @type {Reply} */ reply) => isGood(reply) || reply.status === 404 || reply.status === 409;
  const reply = await insistent(line, isTold, () => {}, () => line.ask("DELETE", address, {}, null, () => {}));
  return reply.status !== 409;
}

/**
 * Ask until the answer is what is wanted; Refused for one that will not change.
 * @param {Line} line
 * @param {(reply: Reply) => boolean} isWanted
 * @param {OnWait} onWait
 * @param {() => Promise<Reply>} ask
 */
async function insistent(line, isWanted, onWait, ask) {
  let failures = 0;
  /** @type {Reply | null} */
  let why = null;
  for (;;) {
    const reply = await ask();
    if (isWanted(reply)) return reply;
    if (isGood(reply)) {
      failures = 0;
      why = null;
      onWait(null);
      continue;
    }
    if (!mayChange(reply)) throw new Refused(reply);
    failures += 1;
    if (reply.code || reply.status !== why?.status) why = reply;
    if (why.code && why.status >= 500 && failures >= MOST_REFUSED) throw new Refused(why);
    if (reply.status === 0 || reply.status >= 500) onWait(why.message);
    else if (reply.status === 429 && reply.message) onWait(reply.message);
    await line.pause(pauseAfter(failures));
  }
}

/** Whether another answer may come. @param {Reply} reply */
function mayChange(reply) {
  return AGAIN.has(reply.status) || reply.status >= 500 || AGAIN_CODES.has(reply.code);
}

/** @param {Reply} reply */
function isGood(reply) {
  return reply.status >= 200 && reply.status < 300;
}
