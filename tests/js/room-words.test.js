import assert from "node:assert/strict";
import { test } from "node:test";

import { explain } from "../../web/static/js/room/devices.js";
import { initials } from "../../web/static/js/room/dom.js";
import { loudness } from "../../web/static/js/room/sound.js";

test("a place without a picture has the letters of its own name, not of its kind", () => {
  const expected = { "Huyện Nậm Pồ": "NP", "Xã Si Pa Phìn": "PP", "Tỉnh Điện Biên": "ĐB", "Phòng họp UBND xã Chà Nưa": "CN", Xã: "X" };
  for (const [name, letters] of Object.entries(expected)) assert.equal(initials(name), letters);
});

test("loudness runs from silence to loud speech", () => {
  assert.equal(loudness(new Float32Array(64)), 0);
  assert.equal(loudness(new Float32Array(64).fill(0.5)), 1);
  const middle = loudness(new Float32Array(64).fill(0.02)); // -34 dBFS
  assert.ok(middle > 0.4 && middle < 0.6);
});

test("every trouble of a device has words", () => {
  for (const source of ["microphone", "camera"]) {
    for (const trouble of ["insecure", "unable", "denied", "none", "busy", "failed"]) {
      assert.ok(explain(source, trouble).length > 20);
    }
  }
});
