// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { byName, decide, Drafts, kept, wasTaken } from "../../web/static/js/drafts.js";

const HOUR_MS = 3_600_000;

/** As the browser's, of `room` characters. */
class Memory {
  /** @type {Map<string, string>} */
  held = new Map();
  room = Infinity;
  get length() {
    return this.held.size;
  }
  key(/** @type {number} */ n) {
    return [...this.held.keys()][n] ?? null;
  }
  getItem(/** @type {string} */ key) {
    return this.held.get(key) ?? null;
  }
  setItem(/** @type {string} */ key, /** @type {string} */ value) {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.held.set(key, value);
  }
  removeItem(/** @type {string} */ key) {
    this.held.delete(key);
  }
  clear() {
    this.held.clear();
  }
}

/** @param {Partial<import("../../web/static/js/drafts.js").Draft>} [more] */
const draft = (more = {}) => ({ fields: [/** @type {const} */ (["title", "Giao ban"])], parts: null, at: 0, sent: false, wanted: false, ...more });

test("passwords, tokens, seals and files are not kept", () => {
  const sent = /** @type {[string, unknown][]} */ ([
    ["csrf", "1"], ["confirm", "2"], ["present", "bí mật"], ["file", {}], ["title", "Giao ban"], ["key", "k"], ["version", "3"],
  ]);
  assert.deepEqual(kept(sent, new Set(["present"])), [["title", "Giao ban"], ["key", "k"], ["version", "3"]]);
});

test("fields of one name stay in their order", () => {
  const found = byName([["row", "1"], ["title", "a"], ["row", ""], ["row", "3"]]);
  assert.deepEqual(found.get("row"), ["1", "", "3"]);
});

test("only an answer that leads on or refuses nothing says that a form was taken", () => {
  const arrival = { type: "navigate", redirects: 0, answers: "" };
  assert.equal(wasTaken({ ...arrival, redirects: 1 }), true);
  assert.equal(wasTaken({ ...arrival, answers: "done" }), true);
  assert.equal(wasTaken(arrival), false); // another address, after a cut
  assert.equal(wasTaken({ ...arrival, answers: "refused" }), false);
  assert.equal(wasTaken({ type: "back_forward", redirects: 1, answers: "" }), false);
});

test("a draft comes back by itself to who comes back, and is offered to who comes anew", () => {
  const anew = { type: "navigate", fromItself: false };
  assert.equal(decide(null, { ...anew, type: "reload" }), "nothing");
  assert.equal(decide(draft(), { ...anew, type: "back_forward" }), "restore");
  assert.equal(decide(draft(), { ...anew, type: "reload" }), "restore");
  assert.equal(decide(draft(), { ...anew, fromItself: true }), "restore");
  assert.equal(decide(draft(), anew), "offer");
  assert.equal(decide(draft({ wanted: true }), anew), "restore");
});

test("a draft is found under its account and address, for a working day", () => {
  const storage = new Memory();
  const mine = new Drafts(storage, "thu-ky");
  mine.save("/meetings/new", draft({ at: HOUR_MS }));
  assert.deepEqual(mine.find("/meetings/new", 2 * HOUR_MS)?.fields, [["title", "Giao ban"]]);
  assert.equal(mine.find("/sites/new", 2 * HOUR_MS), null);
  assert.equal(new Drafts(storage, "quan-tri").find("/meetings/new", 2 * HOUR_MS), null);
  assert.equal(mine.find("/meetings/new", 14 * HOUR_MS), null);
  assert.equal(storage.length, 0);
});

test("what was taken is forgotten, and what others typed", () => {
  const storage = new Memory();
  const mine = new Drafts(storage, "thu-ky");
  storage.setItem("confhub-choice", "1");
  mine.save("/meetings/new", draft({ sent: true }));
  mine.save("/sites/new", draft());
  new Drafts(storage, "quan-tri").save("/accounts/new", draft());
  assert.deepEqual(mine.sent(), ["/meetings/new"]);
  mine.settle();
  mine.dropOthers();
  assert.deepEqual([...storage.held.keys()], ["confhub-choice", "draft:thu-ky:/sites/new"]);
  mine.dropAll();
  assert.deepEqual([...storage.held.keys()], ["confhub-choice"]);
});

test("nothing breaks without storage, where it is full, or where something else was stored", () => {
  const none = new Drafts(null, "thu-ky");
  none.save("/meetings/new", draft());
  assert.equal(none.find("/meetings/new", 0), null);
  none.dropAll();
  const storage = new Memory();
  const mine = new Drafts(storage, "thu-ky");
  mine.save("/meetings/new", draft());
  storage.room = 10;
  mine.save("/meetings/new", draft({ at: 1 }));
  assert.equal(storage.length, 0);
  for (const odd of ["{", "7", '{"fields": 3}']) {
    storage.room = 100;
    storage.setItem("draft:thu-ky:/meetings/new", odd);
    assert.equal(mine.find("/meetings/new", 0), null);
  }
});
