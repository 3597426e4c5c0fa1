// @ts-check
// Forms marked `data-draft` keep what is typed into them until the hub has taken it: after a refusal,
// a cut or a wrong step back it stands there again. drafts.js decides; this file reads and fills.

import { askForUnit, byName, decide, Drafts, kept, keyFor } from "./drafts.js";
import { language, t } from "./i18n.js";
import { el, icon } from "./picker-parts.js";

/** @typedef {import("./drafts.js").Draft} Draft */
/** @typedef {import("./drafts.js").Fields} Fields */

// Typing goes on meanwhile; leaving the page saves at once.
const PAUSE_MS = 400;

/** @returns {Storage | null} */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** How this page was come by. */
function arrival() {
  // Older browsers tell nothing; what was typed is then offered instead of filled in.
  const navigation = /** @type {PerformanceNavigationTiming | undefined} */ (
    performance.getEntriesByType("navigation")[0]
  );
  return {
    type: navigation?.type ?? "navigate",
    redirects: navigation?.redirectCount ?? 0,
    answers: document.body.dataset.answers ?? "",
    referred: document.referrer !== "",
    fromItself:
      document.referrer !== "" && new URL(document.referrer).pathname === location.pathname && !document.body.dataset.answers,
  };
}

const drafts = new Drafts(storage(), document.body.dataset.account ?? "");

/** Once for every page: what was sent is forgotten where the hub took it, and all at signing out. */
export function settleDrafts() {
  if (document.body.dataset.account) drafts.dropOthers();
  drafts.settle(arrival());
  for (const note of document.querySelectorAll("[data-draft-kept]")) {
    if (note instanceof HTMLElement) note.hidden = drafts.find(location.pathname, Date.now()) === null;
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented || asksForMore(event)) return;
    drafts.post(new URL(form.action).pathname);
  });
  document.querySelector("form[action='/signout']")?.addEventListener("submit", () => drafts.dropAll());
}

/** Another button than the one that saves. @param {SubmitEvent} event @returns {boolean} */
function asksForMore(event) {
  return event.submitter instanceof HTMLButtonElement && event.submitter.name !== "";
}

/**
 * Keep what is typed into the form, and bring it back where it was lost.
 * @param {HTMLFormElement} form
 * @param {{parts?: () => unknown, prepare?: (draft: Draft) => void}} [own] `parts` are kept beside
 *   the fields; `prepare` draws what the fields need before they are filled in
 * @returns {{restored: boolean, touch: () => void}} `touch` says that a script changed the form
 */
export function keepDraft(form, own = {}) {
  const path = location.pathname;
  let touched = "typed" in form.dataset;
  let leaving = false;
  let timer = 0;
  let setKey = () => {};

  /** @param {boolean} sent */
  const save = (sent) => {
    clearTimeout(timer);
    setKey();
    drafts.save(path, { fields: fieldsOf(form), parts: own.parts?.() ?? null, at: Date.now(), sent, wanted: false });
  };
  const touch = () => {
    touched = true;
    leaving = false;
    clearTimeout(timer);
    timer = setTimeout(() => save(false), PAUSE_MS);
  };
  /** @param {Draft | null} draft what the page shall show, if not the form as the hub has it */
  const openAnew = (draft) => {
    clearTimeout(timer);
    touched = leaving = false;
    if (draft) drafts.save(path, { ...draft, wanted: true });
    else drafts.drop(path);
    location.reload();
  };
  const draft = touched ? null : drafts.find(path, Date.now());
  const what = decide(draft, arrival());
  if (draft && what === "restore") {
    const unit = form.elements.namedItem("unit_id");
    const query = unit && isNamedOnly(unit) ? askForUnit(location.search, unit.value, draft.fields) : null;
    if (query) {
      drafts.save(path, { ...draft, wanted: true });
      location.replace(path + query);
      return { restored: false, touch: () => {} };
    }
    const key = form.elements.namedItem("key");
    const fresh = key instanceof HTMLInputElement ? key.value : "";
    own.prepare?.(draft);
    fill(form, draft.fields);
    if (key instanceof HTMLInputElement) setKey = () => void (key.value = keyFor(draft.fields, fieldsOf(form), fresh));
    drafts.save(path, { ...draft, wanted: false });
    const time = hour(draft);
    const said = draft.sent
      ? t("Đã điền lại những gì bạn nhập lúc %(time)s, chưa rõ đã lưu hay chưa.", { time })
      : t("Đã điền lại những gì bạn nhập lúc %(time)s, chưa lưu.", { time });
    note(form, said, [[t("Bỏ bản nhập dở"), () => openAnew(null)]]);
  } else if (draft && what === "offer") {
    const time = hour(draft);
    const said = draft.sent
      ? t("Bạn có bản nhập dở lúc %(time)s, chưa rõ đã lưu hay chưa.", { time })
      : t("Bạn có bản nhập dở lúc %(time)s, chưa lưu.", { time });
    const offer = note(form, said, [
      [t("Điền lại"), () => openAnew(draft)],
      [t("Bỏ bản nhập dở"), () => {
        drafts.drop(path);
        offer.remove();
      }],
    ]);
  }
  // A reload, or coming back, asks for the form anew instead of sending it once more.
  if ("typed" in form.dataset) history.replaceState(history.state, "", location.href);

  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  // A script above may still stop it, or another button only asks for more fields.
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) save(!asksForMore(event));
    touched = false;
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element && event.target.closest("a[data-leave]"))) return;
    clearTimeout(timer);
    leaving = true;
  });
  window.addEventListener("pagehide", () => {
    if (leaving) drafts.drop(path);
    else if (touched) save(false);
  });
  return { restored: what === "restore", touch };
}

/** @param {HTMLFormElement} form @returns {Fields} */
function fieldsOf(form) {
  const passwords = [...form.elements].filter((one) => one instanceof HTMLInputElement && one.type === "password");
  return kept(new FormData(form), new Set(passwords.map((one) => one.getAttribute("name") ?? "")));
}

/**
 * A unit that a long tree's form names in words: the page alone makes words and value agree.
 * @param {Element | RadioNodeList} one
 * @returns {one is HTMLInputElement}
 */
function isNamedOnly(one) {
  return one instanceof HTMLInputElement && one.name === "unit_id" && one.type === "hidden";
}

/**
 * A unit that was chosen by a search on the page, and is named in its address, stays.
 * @param {HTMLFormElement} form @param {Fields} fields
 */
function fill(form, fields) {
  const values = byName(fields);
  const asked = new URLSearchParams(location.search).has("unit");
  for (const one of form.elements) {
    if (!(one instanceof HTMLInputElement || one instanceof HTMLSelectElement || one instanceof HTMLTextAreaElement)) continue;
    const known = values.get(one.name);
    if ((asked && one.name === "unit_id") || isNamedOnly(one)) continue;
    if (one.type === "checkbox" || one.type === "radio") {
      if (one instanceof HTMLInputElement) one.checked = known?.includes(one.value) ?? false;
    } else if (one instanceof HTMLSelectElement) {
      const value = known?.shift();
      if ([...one.options].some((option) => option.value === value)) one.value = value ?? "";
    } else if (known?.length && one.type !== "password" && one.type !== "file") {
      one.value = known.shift() ?? "";
    }
  }
}

/** @param {Draft} draft @returns {string} 09:12 */
function hour(draft) {
  return new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(draft.at);
}

/**
 * A line above the form.
 * @param {HTMLFormElement} form @param {string} text
 * @param {(readonly [string, () => void])[]} acts labels of buttons, and what they do
 */
function note(form, text, acts) {
  const buttons = acts.map(([label, run]) => {
    const button = el("button", { type: "button", class: "button button-plain" }, [label]);
    button.addEventListener("click", run);
    return button;
  });
  const box = el("div", { class: "flash flash-info draft-note", role: "status" }, [
    icon(form.dataset.sprite ?? "", "rotate-ccw"),
    el("p", {}, [text]),
    el("span", { class: "cluster" }, buttons),
  ]);
  form.before(box);
  return box;
}
