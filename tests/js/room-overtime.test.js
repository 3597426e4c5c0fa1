import assert from "node:assert/strict";
import { test } from "node:test";

import { words } from "../../web/static/js/room/features/overtime.js";
import { emptyRoom, reduceRoom } from "../../web/static/js/room/state.js";

const hear = (...messages) => messages.reduce(reduceRoom, emptyRoom()).parts.overtime;
const told = { type: "time_left", stage: "soon", at: 100, left_s: 60 };
const welcome = { type: "welcome", member: "a-1", members: [], room: null };

test("the last word of the hub counts, and none from before a cut", () => {
  assert.deepEqual(hear(told), { stage: "soon", at: 100, left_s: 60 });
  assert.equal(hear(told, { ...told, stage: "none", at: 0, left_s: 0 }).stage, "none");
  assert.equal(hear(told, welcome).stage, "none");
  assert.equal(hear(told, welcome, told).stage, "soon");
});

test("minutes are counted up to the end, and those that are past", () => {
  for (const [stage, left_s, said] of [
    ["soon", 600, "Còn 10 phút"],
    ["soon", 541, "Còn 10 phút"],
    ["soon", 1, "Còn 1 phút"],
    ["over", 0, "Đã đến giờ kết thúc"],
    ["over", -59, "Đã đến giờ kết thúc"],
    ["over", -60, "Đã quá giờ kết thúc (09:30) 1 phút"],
    ["unattended", 1800, "sau 30 phút"],
    ["unattended", 5, "sau 1 phút"],
    ["unattended", -5, "trong ít phút nữa"],
  ]) {
    assert.ok(words(stage, left_s, "09:30", true).includes(said), words(stage, left_s, "09:30", true));
  }
});

test("who drives is told what to do, and everybody else that nobody is sent out", () => {
  assert.match(words("over", -600, "09:30", true), /kéo dài hoặc kết thúc/);
  assert.match(words("over", -600, "09:30", false), /tiếp tục đến khi thư ký kết thúc/);
  assert.match(words("soon", 600, "09:30", false), /Không điểm cầu nào bị ngắt/);
});
