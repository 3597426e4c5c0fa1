// Words of scripts: a page's catalogue, placeholders, and texts that count things.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fill, t, tn, written } from "../../web/static/js/i18n.js";

test("placeholders take values; one without a value stays to be seen", () => {
  assert.equal(fill("%(name)s có %(count)d", { name: "Nậm Pồ", count: 2 }), "Nậm Pồ có 2");
  assert.equal(fill("%(name)s", {}), "%(name)s");
});

test("a page without a catalogue speaks Vietnamese", () => {
  assert.equal(t("Loa %(number)s", { number: 1 }), "Loa 1");
  assert.equal(tn("%(num)s điểm cầu", 1), "1 điểm cầu");
});

test("large counts are written as the page's language does", (context) => {
  assert.equal(written(10599), "10.599");
  Object.assign(globalThis, { document: { documentElement: { lang: "en" } } });
  context.after(() => Reflect.deleteProperty(globalThis, "document"));
  assert.equal(written(10599), "10,599");
});

test("a catalogue gives the text, and for a count its singular or plural", async (context) => {
  const texts = { Loa: "Speaker", "%(num)s điểm cầu": ["%(num)s site", "%(num)s sites"] };
  const page = { getElementById: () => ({ textContent: JSON.stringify(texts) }) };
  Object.assign(globalThis, { document: page });
  context.after(() => Reflect.deleteProperty(globalThis, "document"));
  const english = await import("../../web/static/js/i18n.js?english"); // its own catalogue
  assert.equal(english.t("Loa"), "Speaker");
  assert.equal(english.t("Tắt"), "Tắt");
  assert.equal(english.tn("%(num)s điểm cầu", 1), "1 site");
  assert.equal(english.tn("%(num)s điểm cầu", 12), "12 sites");
});
