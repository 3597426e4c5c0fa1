import assert from "node:assert/strict";
import { test } from "node:test";

import { shortNames } from "../../web/static/js/room/names.js";

const seat = (id, unit, name, role = "site") => ({ id, unit, name, role });
const named = (...seats) =>
  Object.fromEntries(shortNames(Object.fromEntries(seats.map((one) => [one.id, one]))));

test("sites are told apart by their units, since their own names begin alike", () => {
  const seats = [
    seat("a", "Xã Chà Nưa", "Phòng họp UBND xã Chà Nưa"),
    seat("b", "Xã Chà Tở", "Phòng họp UBND xã Chà Tở"),
  ];
  assert.deepEqual(named(...seats), { a: "Xã Chà Nưa", b: "Xã Chà Tở" });
});

test("two sites of one unit keep their own names", () => {
  const seats = [
    seat("a", "Huyện Nậm Pồ", "Hội trường lớn"),
    seat("b", "Huyện Nậm Pồ", "Phòng họp số 2"),
    seat("c", "Xã Nà Hỳ", "Phòng họp UBND xã Nà Hỳ"),
  ];
  assert.deepEqual(named(...seats), { a: "Hội trường lớn", b: "Phòng họp số 2", c: "Xã Nà Hỳ" });
});

test("an officer is called by name and takes the unit's name from nobody", () => {
  const seats = [
    seat("a", "Huyện Nậm Pồ", "Phòng họp UBND huyện Nậm Pồ"),
    seat("o", "Huyện Nậm Pồ", "Thư ký Nậm Pồ", "secretary"),
  ];
  assert.deepEqual(named(...seats), { a: "Huyện Nậm Pồ", o: "Thư ký Nậm Pồ" });
});

test("a site without a unit's name has its own", () => {
  assert.deepEqual(named(seat("a", "", "Phòng họp")), { a: "Phòng họp" });
});
