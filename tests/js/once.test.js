// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { sendOnce } from "../../web/static/js/once.js";

/** As much of a form as is asked for. */
class Form extends EventTarget {
  buttons = [{ disabled: false }, { disabled: false }];
  note = { hidden: true };
  querySelectorAll() {
    return this.buttons;
  }
  querySelector() {
    return this.note;
  }
  send() {
    return this.dispatchEvent(new Event("submit", { cancelable: true }));
  }
}

/** @param {EventTarget} page */
function watched(page) {
  const form = new Form();
  sendOnce(/** @type {HTMLFormElement} */ (/** @type {unknown} */ (form)), page);
  return form;
}

test("a second press sends nothing, and the pressed button is sent before it rests", async () => {
  const form = watched(new EventTarget());
  assert.equal(form.send(), true);
  assert.equal(form.buttons[0]?.disabled, false);
  assert.equal(form.send(), false);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual([form.buttons.map((one) => one.disabled), form.note.hidden], [[true, true], false]);
});

test("who steps back to the page may send again", async () => {
  const page = new EventTarget();
  const form = watched(page);
  form.send();
  await new Promise((resolve) => setTimeout(resolve, 0));
  page.dispatchEvent(new Event("pageshow"));
  assert.deepEqual([form.buttons.map((one) => one.disabled), form.note.hidden], [[false, false], true]);
  assert.equal(form.send(), true);
});
