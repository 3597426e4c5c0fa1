import assert from "node:assert/strict";
import { test } from "node:test";

import { chosen } from "../../web/static/js/file-field.js";

test("a field for files names what was chosen", () => {
  assert.equal(chosen([]), "Chưa chọn tệp nào");
  assert.equal(chosen(["danh-sach.csv"]), "danh-sach.csv");
  assert.equal(chosen(["a.pdf", "b.pdf"]), "a.pdf, b.pdf");
});
