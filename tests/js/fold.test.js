// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { fold, markMatches } from "../../web/static/js/fold.js";

test("folding drops diacritics, case, đ and doubled spaces", () => {
  assert.equal(fold("  Huyện  Nậm Pồ"), "huyen nam po");
  assert.equal(fold("ĐIỆN BIÊN ĐÔNG"), "dien bien dong");
});

test("what does not show is not looked for", () => {
  assert.equal(fold("nậm\u200bpồ\u2060\u00ad\u202e"), "nam po");
});

test("folding reads composed and decomposed text alike", () => {
  assert.equal(fold("Nậm Pồ".normalize("NFD")), "nam po");
});

test("matches are marked in the original letters", () => {
  assert.deepEqual(markMatches("Huyện Nậm Pồ", "nam po"), [
    { text: "Huyện ", hit: false },
    { text: "Nậm", hit: true },
    { text: " ", hit: false },
    { text: "Pồ", hit: true },
  ]);
});

test("every word is marked by itself, in any order, however often it comes", () => {
  const marked = markMatches("Xã Nà Hỳ, Nà Khoa", "khoa na").filter((piece) => piece.hit);
  assert.deepEqual(
    marked.map((piece) => piece.text),
    ["Nà", "Nà", "Khoa"],
  );
});

test("pieces join to the whole text, with an empty query too", () => {
  for (const query of ["", "ien", "xyz"]) {
    const pieces = markMatches("Điện Biên", query);
    assert.equal(pieces.map((piece) => piece.text).join(""), "Điện Biên");
  }
});
