import assert from "node:assert/strict";
import { test } from "node:test";

import { noNotices, reduceNotices, shown } from "../../web/static/js/room/notices.js";

const run = () => undefined;
const question = (text, topic) => ({ text, topic, answers: [{ label: "Đã hiểu", run }] });
const word = (text, topic) => ({ text, topic });
const after = (...events) => events.reduce(reduceNotices, noNotices());
const add = (notice) => ({ type: "add", notice });
const texts = (notices) => shown(notices).map(({ text }) => text);

const SOUND = question("Trình duyệt đang chặn tiếng", "sound");
const CAMERA = question("Không mở được camera", "camera");
const MOVED = question("Giờ họp đã đổi: 10:00", "time");
const PASSING = word("Thư ký đã tắt micrô");

test("what waits for an answer is not replaced by what comes after it", () => {
  for (const later of [PASSING, CAMERA, MOVED, word("Mất kết nối")]) {
    assert.equal(texts(after(add(SOUND), add(later)))[0], SOUND.text);
  }
  const answered = after(add(SOUND), add(CAMERA), { type: "answered", notice: SOUND });
  assert.deepEqual(texts(answered), [CAMERA.text]);
});

test("questions wait by importance, of equal importance as they came", () => {
  const all = after(add(MOVED), add(CAMERA), add(SOUND), add(question("Một", undefined)));
  assert.deepEqual(
    all.questions.map(({ text }) => text),
    [SOUND.text, CAMERA.text, MOVED.text, "Một"],
  );
});

test("a question and a passing word are shown together", () => {
  assert.deepEqual(texts(after(add(PASSING), add(SOUND))), [SOUND.text, PASSING.text]);
});

test("a newer question about the same takes the older one's place, the same one is asked once", () => {
  const later = question("Giờ họp đã đổi: 11:00", "time");
  assert.deepEqual(texts(after(add(MOVED), add(later))), [later.text]);
  const once = after(add(SOUND));
  const again = reduceNotices(once, add({ ...SOUND }));
  assert.equal(shown(again)[0], SOUND);
});

test("what settles itself is asked no more, and nothing else goes with it", () => {
  const settled = after(add(SOUND), add(MOVED), { type: "settled", topic: "sound" });
  assert.deepEqual(texts(settled), [MOVED.text]);
  const none = noNotices();
  assert.equal(reduceNotices(none, { type: "settled", topic: "sound" }), none);
});

test("words pass one after another; a burst drops the oldest that wait", () => {
  const burst = after(...["a", "b", "c", "d", "e", "f"].map((text) => add(word(text))));
  assert.deepEqual(burst.words.map(({ text }) => text), ["a", "d", "e", "f"]);
  const next = reduceNotices(burst, { type: "passed" });
  assert.deepEqual(texts(next), ["d"]);
});

test("the same words are not said twice in a row", () => {
  assert.equal(after(add(PASSING), add({ ...PASSING })).words.length, 1);
  const renewed = after(add(word("x")), add(word("Đang dùng A", "microphone")), add(word("Đang dùng B", "microphone")));
  assert.deepEqual(renewed.words.map(({ text }) => text), ["x", "Đang dùng B"]);
});
