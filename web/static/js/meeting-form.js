// @ts-check
// The meeting form's page: joins the picker, the agenda, the times and the conflict watch.

import { AgendaEditor } from "./agenda.js";
import { ConflictWatch } from "./conflicts.js";
import { readDay, readTime, writeDay } from "./dates.js";
import { byName } from "./drafts.js";
import { keepDraft } from "./form-draft.js";
import { t } from "./i18n.js";
import { Repeat } from "./repeat.js";
import { SitePicker } from "./site-picker.js";
import { Sittings } from "./sittings.js";
import { SlotFinder } from "./slots.js";
import { sayTimes } from "./times-said.js";
import { lengthOf, moveEnd } from "./times.js";

/** @typedef {import("./picker-state.js").Chosen} Chosen */
/**
 * What the form's fields name and do not tell: the sites, and who may be the chair.
 * @typedef {{chosen: Chosen[], chairs: {value: string, text: string, unit: string}[]}} Parts
 */

const form = /** @type {HTMLFormElement} */ (document.getElementById("meeting-form"));
const field = (/** @type {string} */ name) =>
  /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const chairSelect = /** @type {HTMLSelectElement} */ (form.elements.namedItem("chair_site_id"));
const keeping = keepDraft(form, { parts, prepare });
let changed = form.dataset.dirty === "yes" || keeping.restored;

const picker = new SitePicker(place("site-picker"), { onChange: onChosen, day: () => times().date });
const repeat = new Repeat(place("repeat"), form, { sprite: picker.sprite, ask: question });
const agenda = new AgendaEditor(place("agenda"), {
  start: () => times().start,
  end: () => times().end,
});
const sittings = new Sittings(place("sittings"), {
  first: times,
  onChange: () => {
    changed = true;
    keeping.touch();
    watch.touch();
  },
});
let lastStart = times().start;
const saveWords = place("save-words");
const plainWords = saveWords.dataset.plain ?? "";
const finder = new SlotFinder(place("slots"), {
  ask: question,
  sprite: picker.sprite,
  onTake: ({ date, start, end }) => {
    field("date").value = writeDay(date);
    field("start").value = lastStart = start;
    field("end").value = end;
    sittings.follow();
    field("end").dispatchEvent(new Event("input", { bubbles: true }));
    field("date").focus();
  },
});
place("find-slots").addEventListener("click", () => finder.open());
const watch = new ConflictWatch(place("conflicts"), {
  ask: question,
  sprite: picker.sprite,
  onFound: ({ seal, clashes }) => {
    field("confirm").value = seal;
    place("override").hidden = clashes.length === 0;
    finder.follow(clashes.length > 0);
    sayButton();
  },
});

/** @returns {Parts} */
function parts() {
  const chairs = [...chairSelect.options].map(({ value, text, dataset }) => ({ value, text, unit: dataset.unit ?? "" }));
  return { chosen: picker.chosen, chairs };
}

/** The page as the hub would have drawn it for the draft. @param {import("./drafts.js").Draft} draft */
function prepare(draft) {
  const { chosen, chairs } = /** @type {Parts} */ (draft.parts);
  const typed = byName(draft.fields);
  const [host = ""] = typed.get("host_unit_id") ?? [];
  const start = /** @type {HTMLElement} */ (place("site-picker").querySelector("script"));
  const drawn = JSON.parse(start.textContent ?? "{}");
  const hostPath = host === drawn.host ? drawn.hostPath : [host];
  start.textContent = JSON.stringify({ ...drawn, host, hostPath, chosen });
  chairSelect.replaceChildren(
    ...chairs.map(({ value, text, unit }) => {
      const option = new Option(text, value);
      if (unit) option.dataset.unit = unit;
      return option;
    }),
  );
  haveRows(place("agenda"), typed.get("agenda_title")?.length ?? 0);
  haveRows(place("sittings"), typed.get("sitting_date")?.length ?? 0);
}

/** @param {HTMLElement} root @param {number} wanted */
function haveRows(root, wanted) {
  const rows = /** @type {HTMLElement} */ (root.querySelector("[data-rows]"));
  const template = /** @type {HTMLTemplateElement} */ (root.querySelector("template"));
  while (rows.children.length < wanted) rows.append(template.content.cloneNode(true));
  while (rows.children.length > wanted) rows.lastElementChild?.remove();
}

/** As they can be read: "" for what cannot. */
function times() {
  return {
    date: readDay(field("date").value),
    start: readTime(field("start").value),
    end: readTime(field("end").value),
  };
}

/** "Vẫn lưu" is a promise: the warnings are all that stands against saving. */
function sayButton() {
  const { date, start, end } = times();
  const others = picker.chosen.some((site) => site.id !== chairSelect.value);
  const whole =
    field("title").value.trim() && chairSelect.value && others && date && lengthOf(start, end) !== null;
  const still = whole && field("confirm").value && !("overtaken" in saveWords.dataset);
  saveWords.textContent = still ? t("Vẫn lưu") : plainWords;
}

function question() {
  const { date, start, end } = times();
  return {
    meeting_id: form.dataset.meeting || null,
    host_unit_id: field("host_unit_id").value,
    chair_site_id: chairSelect.value,
    chair_name: field("chair_name").value,
    starts: `${date}T${start}`,
    ends: `${date}T${end}`,
    site_ids: picker.chosen.map((site) => site.id),
    sittings: sittings.question(),
  };
}

/** @param {Chosen[]} chosen */
function onChosen(chosen) {
  changed = true;
  keeping.touch();
  fillChairs(chosen);
  sayButton();
  watch.touch();
  repeat.refresh();
}

/**
 * The chair sits at one of the chosen sites; the host's own come first, and the present one stays.
 * @param {Chosen[]} chosen
 */
function fillChairs(chosen) {
  const held = chairSelect.value;
  const host = field("host_unit_id").value;
  const rest = [...chairSelect.options].filter(
    (option) => option.dataset.unit === host || option.value === held || option.value === "",
  );
  const known = new Set(rest.map((option) => option.value));
  const more = chosen
    .filter((site) => !known.has(site.id))
    .map((site) => {
      const option = new Option(`${site.unitName}: ${site.name}`, site.id);
      option.dataset.unit = site.unitId;
      return option;
    });
  more.sort((a, b) => Number(b.dataset.unit === host) - Number(a.dataset.unit === host));
  chairSelect.replaceChildren(...rest, ...more);
  chairSelect.value = held;
}

function showTimes() {
  const { date, start, end } = times();
  place("times-said").textContent = sayTimes(date, start, end);
  agenda.refresh();
}

field("start").addEventListener("change", () => {
  const { start, end } = times();
  if (!start || !end) return;
  field("end").value = moveEnd(lastStart, end, start);
  lastStart = start;
});

form.addEventListener("input", (event) => {
  changed = true;
  const name = event.target instanceof Element ? event.target.getAttribute("name") : null;
  if (["date", "start", "end"].includes(name ?? "")) showTimes();
  sayButton();
  watch.touch();
});
form.addEventListener("change", () => {
  sittings.follow();
  showTimes();
  watch.touch();
});
field("host_unit_id").addEventListener("change", () => void changeHost());

/** The host's own sites are offered for the chair, and the first is taken if none was chosen. */
async function changeHost() {
  const host = field("host_unit_id").value;
  await picker.setHost(host);
  const unit = picker.state.units.get(host);
  if (!unit || !unit.sites.length) return;
  const offered = unit.sites.map((site) => {
    const option = new Option(`${unit.name}: ${site.name}`, site.id);
    option.dataset.unit = unit.id;
    return option;
  });
  const chosen = picker.chosen.filter((site) => site.unitId !== host);
  chairSelect.replaceChildren(...offered);
  fillChairs(chosen);
  chairSelect.value = offered[0]?.value ?? "";
  const level = /** @type {HTMLSelectElement} */ (form.elements.namedItem("level_id"));
  if (level.dataset.touched !== "yes") level.value = unit.level;
  keeping.touch();
  watch.touch();
  repeat.refresh();
}
field("level_id").addEventListener("change", () => (field("level_id").dataset.touched = "yes"));

form.addEventListener("submit", (event) => {
  // What is only kept as a pattern opens beside this page, which stays.
  const asked = event.submitter instanceof HTMLButtonElement && event.submitter.formTarget === "_blank";
  if (!asked) changed = false;
});
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

place("agenda").addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("button")) keeping.touch();
});

showTimes();
watch.touch();
