// @ts-check
// What was typed into a form and not saved yet, kept for this tab alone: pages are never stored by
// the browser, so going back brings them empty. Pure but for the storage that is handed in.

// A working day: what was typed yesterday is more likely in the way than of use.
const KEEP_MS = 12 * 3_600_000;
// The token and the seal of warnings that were seen belong to the page that had them.
const NEVER = new Set(["csrf", "confirm"]);
const PREFIX = "draft:";
// The address of the form that was posted last: what comes next answers it and no other.
const POSTED = "draft-posted";

/** @typedef {readonly (readonly [string, string])[]} Fields names and values, in their order */
/**
 * `parts` is what the form's own script needs besides to draw it; `sent`: on its way to the hub,
 * and nobody has said yet what became of it; `wanted`: a person asked to have it back.
 * @typedef {{fields: Fields, parts: unknown, at: number, sent: boolean, wanted: boolean}} Draft
 */

/**
 * The fields worth keeping of those a form sends.
 * @param {Iterable<readonly [string, unknown]>} sent as FormData gives them
 * @param {ReadonlySet<string>} passwords names of fields that hold one
 * @returns {Fields}
 */
export function kept(sent, passwords) {
  return [...sent].flatMap(([name, value]) =>
    typeof value !== "string" || NEVER.has(name) || passwords.has(name)
      ? []
      : [/** @type {const} */ ([name, value])],
  );
}

/**
 * Values by name, in their order.
 * @param {Fields} fields
 * @returns {Map<string, string[]>}
 */
export function byName(fields) {
  const found = /** @type {Map<string, string[]>} */ (new Map());
  for (const [name, value] of fields) {
    const values = found.get(name);
    if (values) values.push(value);
    else found.set(name, [value]);
  }
  return found;
}

/**
 * How a page was come by. `answers`: "done" or "refused" where it answers a form, else "";
 * `referred`: from a page of ours, not by an address that was typed after a cut.
 * @typedef {{type: string, redirects: number, answers: string, referred: boolean}} Arrival
 */

/**
 * Whether the hub took what was posted just before: it leads on to another page, or answers with
 * one that refuses nothing. Going back and reloading say nothing of it.
 * @param {Arrival} arrival
 * @returns {boolean}
 */
export function wasTaken({ type, redirects, answers, referred }) {
  return type === "navigate" && (answers === "done" || (answers === "" && redirects > 0 && referred));
}

/**
 * The key of a form that was filled in again: the hub makes one thing under each, so what was
 * changed since is sent under the page's own and what was not under the one it may have had.
 * @param {Fields} before as they were kept @param {Fields} now as they would be sent
 * @param {string} fresh the page's own key
 * @returns {string}
 */
export function keyFor(before, now, fresh) {
  const said = (/** @type {Fields} */ fields) => JSON.stringify(fields.filter(([name]) => name !== "key"));
  return (said(before) === said(now) && byName(before).get("key")?.[0]) || fresh;
}

/**
 * What to ask the page with so that it names the draft's unit, where it cannot be chosen from a
 * list; null where the page names it, or one that was just asked for.
 * @param {string} search of the page's address @param {string} shown the unit it names
 * @param {Fields} fields the draft's
 * @returns {string | null}
 */
export function askForUnit(search, shown, fields) {
  const query = new URLSearchParams(search);
  const [unit = ""] = byName(fields).get("unit_id") ?? [];
  if (!unit || unit === shown || query.has("unit")) return null;
  query.set("unit", unit);
  return `?${query}`;
}

/**
 * What to do with a draft on a page that shows its form as the hub has it.
 * @param {Draft | null} draft
 * @param {{type: string, fromItself: boolean}} arrival `fromItself`: from a search on this page
 * @returns {"nothing" | "restore" | "offer"}
 */
export function decide(draft, { type, fromItself }) {
  if (!draft) return "nothing";
  return draft.wanted || fromItself || type === "back_forward" || type === "reload" ? "restore" : "offer";
}

/** The drafts of one account in this tab. */
export class Drafts {
  /**
   * @param {Storage | null} storage null where the browser has none: nothing is kept then
   * @param {string} account
   */
  constructor(storage, account) {
    this.storage = storage;
    this.prefix = `${PREFIX}${account}:`;
  }

  /**
   * @param {string} path the form's address
   * @param {number} now ms
   * @returns {Draft | null}
   */
  find(path, now) {
    const key = this.prefix + path;
    try {
      const draft = JSON.parse(this.storage?.getItem(key) ?? "null");
      if (!draft || !Array.isArray(draft.fields)) return null;
      if (now - draft.at <= KEEP_MS) return draft;
    } catch {
      // not ours, or cut short
    }
    this.drop(path);
    return null;
  }

  /** @param {string} path @param {Draft} draft */
  save(path, draft) {
    try {
      this.storage?.setItem(this.prefix + path, JSON.stringify(draft));
    } catch {
      this.drop(path); // full: an old state that looks like the newest would be worse than none
    }
  }

  /** @param {string} path */
  drop(path) {
    this.storage?.removeItem(this.prefix + path);
  }

  /** A form is on its way. @param {string} path its address */
  post(path) {
    try {
      this.storage?.setItem(POSTED, path);
    } catch {
      // full: what was typed is then offered once too often
    }
  }

  /** What became of the form that was posted last, and of no other. @param {Arrival} arrival */
  settle(arrival) {
    const path = this.storage?.getItem(POSTED) ?? "";
    this.storage?.removeItem(POSTED);
    const draft = path ? this.find(path, 0) : null;
    if (!draft) return;
    if (wasTaken(arrival)) this.drop(path);
    else if (arrival.answers === "refused") this.save(path, { ...draft, sent: false });
  }

  /** Of other accounts, that used this tab before. */
  dropOthers() {
    for (const key of this.#keys(PREFIX)) {
      if (!key.startsWith(this.prefix)) this.storage?.removeItem(key);
    }
  }

  dropAll() {
    this.storage?.removeItem(POSTED);
    for (const key of this.#keys(PREFIX)) this.storage?.removeItem(key);
  }

  /** @param {string} prefix */
  #keys(prefix) {
    const storage = this.storage;
    if (!storage) return [];
    const keys = Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? "");
    return keys.filter((key) => key.startsWith(prefix));
  }
}
