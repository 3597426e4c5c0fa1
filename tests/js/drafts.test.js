// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { askForUnit, byName, decide, Drafts, kept, keyFor, wasTaken } from "../../web/static/js/drafts.js";

const HOUR_MS = 3_600_000;
const LED_ON = { type: "navigate", redirects: 1, answers: "", referred: true };

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
  const arrival = { type: "navigate", redirects: 0, answers: "", referred: true };
  assert.equal(wasTaken({ ...arrival, redirects: 1 }), true);
  assert.equal(wasTaken({ ...arrival, answers: "done" }), true);
  assert.equal(wasTaken(arrival), false); // another address, after a cut
  assert.equal(wasTaken({ ...arrival, answers: "refused" }), false);
  assert.equal(wasTaken({ ...arrival, type: "back_forward", redirects: 1 }), false);
  assert.equal(wasTaken({ ...arrival, redirects: 1, referred: false }), false); // typed after a cut
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
  mine.post("/meetings/new");
  mine.settle(LED_ON);
  mine.dropOthers();
  assert.deepEqual([...storage.held.keys()], ["confhub-choice", "draft:thu-ky:/sites/new"]);
  mine.post("/sites/new");
  mine.dropAll();
  assert.deepEqual([...storage.held.keys()], ["confhub-choice"]);
});

test("what was refused, or cut off, outlives a redirect and every other form that is taken", () => {
  const mine = new Drafts(new Memory(), "thu-ky");
  for (const answer of [{ ...LED_ON, redirects: 0, answers: "refused" }, { ...LED_ON, type: "back_forward" }]) {
    mine.save("/meetings/new", draft({ sent: true }));
    mine.post("/meetings/new");
    mine.settle(answer);
    mine.settle(LED_ON); // a link that leads to the sign-in form
    mine.post("/signin");
    mine.settle(LED_ON);
    mine.save("/sites/new", draft({ sent: true }));
    mine.post("/sites/new");
    mine.settle(LED_ON);
    assert.equal(mine.find("/sites/new", 0), null);
    // A cut alone leaves it open whether the hub has it.
    assert.equal(mine.find("/meetings/new", 0)?.sent, answer.answers !== "refused");
  }
  mine.post("/meetings/new"); // sent again, by this form or from the page that asks whether to
  mine.settle(LED_ON);
  assert.equal(mine.find("/meetings/new", 0), null);
});

test("what was changed since it was sent goes under a key of its own", () => {
  const before = [/** @type {const} */ (["key", "old"]), /** @type {const} */ (["phone", "1"])];
  assert.equal(keyFor(before, [["key", "old"], ["phone", "1"]], "new"), "old");
  assert.equal(keyFor(before, [["key", "old"], ["phone", "2"]], "new"), "new");
  assert.equal(keyFor(before, [["key", "new"], ["phone", "1"]], "new"), "old"); // changed back
  assert.equal(keyFor([["phone", "1"]], [["key", "new"], ["phone", "1"]], "new"), "new");
});

test("a page that names another unit than the draft is asked for the draft's, once", () => {
  const fields = [/** @type {const} */ (["unit_id", "si-pha"])];
  assert.equal(askForUnit("", "nam-po", fields), "?unit=si-pha");
  assert.equal(askForUnit("?q=xã+chà", "nam-po", fields), "?q=x%C3%A3+ch%C3%A0&unit=si-pha");
  assert.equal(askForUnit("", "si-pha", fields), null);
  assert.equal(askForUnit("?unit=cha-nua", "cha-nua", fields), null);
  assert.equal(askForUnit("?unit=si-pha", "", fields), null); // the hub does not know it any more
  assert.equal(askForUnit("", "nam-po", [["unit_id", ""]]), null);
});

test("nothing breaks without storage, where it is full, or where something else was stored", () => {
  const none = new Drafts(null, "thu-ky");
  none.save("/meetings/new", draft());
  assert.equal(none.find("/meetings/new", 0), null);
  none.post("/meetings/new");
  none.settle(LED_ON);
  none.dropAll();
  const storage = new Memory();
  const mine = new Drafts(storage, "thu-ky");
  mine.save("/meetings/new", draft());
  storage.room = 10;
  mine.save("/meetings/new", draft({ at: 1 }));
  mine.post("/meetings/new");
  assert.equal(storage.length, 0);
  for (const odd of ["{", "7", '{"fields": 3}']) {
    storage.room = 100;
    storage.setItem("draft:thu-ky:/meetings/new", odd);
    assert.equal(mine.find("/meetings/new", 0), null);
  }
});
