// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { giveUp, Refused } from "../../web/static/js/papers/tus.js";

/** @param {number[]} statuses what is answered, one after the other */
function line(...statuses) {
  /** @type {string[]} */
  const asked = [];
  return {
    asked,
    ask: async (/** @type {string} */ method, /** @type {string} */ address) => {
      asked.push(`${method} ${address}`);
      return { status: statuses.shift() ?? 500, offset: null, location: "", code: "", message: "" };
    },
    pause: async () => {},
  };
}

test("a file is given up over a line that breaks, and once the server knows no more of it", async () => {
  const broken = line(0, 503, 204);
  assert.equal(await giveUp(broken, "/one"), true);
  assert.deepEqual(broken.asked, ["DELETE /one", "DELETE /one", "DELETE /one"]);
  assert.equal(await giveUp(line(0, 404), "/one"), true);
});

test("a file that was taken in is not given up", async () => {
  assert.equal(await giveUp(line(409), "/one"), false);
});

test("who is signed out has not given it up", async () => {
  await assert.rejects(giveUp(line(401), "/one"), Refused);
});
