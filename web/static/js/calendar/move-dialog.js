// @ts-check
// Asked before a meeting goes to another time: from when to when, who is taken then, which other
// times are free, and of a series which of its meetings are meant.

import { ConflictWatch } from "../conflicts.js";
import { HttpError, postJson } from "../http.js";
import { t } from "../i18n.js";
import { el } from "../picker-parts.js";
import { SlotFinder } from "../slots.js";
import { datesShown } from "../repeat.js";
import { sayTimes } from "../times-said.js";
import { readSpan, textsOf, writeSpan } from "./spans.js";

/** @typedef {import("./spans.js").Span} Span */
/**
 * @typedef {{ id: string, version: number, title: string, inSeries: boolean, from: Span, to: Span }} Asked
 * @typedef {{ onTurn: (span: Span) => void, onBack: () => void, onSaved: () => void }} Heard
 */

export class MoveDialog {
  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
    this.form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
    this.asked = /** @type {Asked | null} */ (null);
    this.heard = /** @type {Heard | null} */ (null);
    this.seal = "";
    const sprite = dialog.dataset.sprite ?? "";
    this.finder = new SlotFinder(this.part("slots"), {
      ask: () => this.question(),
      sprite,
      onTake: ({ date, start, end }) => {
        const starts = `${date}T${start}`;
        // As the server has it: an end that reads earlier is meant for the next day.
        const taken = readSpan(starts, `${date}T${end}`);
        this.turn(taken.end <= taken.start ? { ...taken, end: taken.end + 24 * 60 } : taken);
        this.button.focus();
      },
    });
    this.watch = new ConflictWatch(this.part("findings"), {
      ask: () => this.question(),
      sprite,
      onFound: ({ seal, clashes }) => {
        this.seal = seal;
        this.part("override").hidden = clashes.length === 0;
        this.finder.follow(clashes.length > 0);
        this.part("save-words").textContent = seal ? t("Vẫn dời") : t("Dời cuộc họp");
      },
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    this.running = /** @type {AbortController | null} */ (null);
    this.part("scope").addEventListener("change", () => void this.lookAhead());
    this.sprite = sprite;
    this.part("close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.heard?.onBack());
  }

  get isOpen() {
    return this.dialog.open;
  }

  get button() {
    return /** @type {HTMLButtonElement} */ (this.part("save"));
  }

  get reason() {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem("override_reason"));
  }

  /** @param {string} name */
  part(name) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(`[data-${name}]`));
  }

  /** @param {Asked} asked @param {Heard} heard */
  open(asked, heard) {
    this.asked = asked;
    this.heard = heard;
    this.seal = "";
    this.form.reset();
    this.part("title").textContent = asked.title;
    this.part("old").textContent = say(asked.from);
    this.part("scope").hidden = !asked.inSeries;
    for (const name of ["findings", "dates", "slots", "override"]) this.part(name).hidden = true;
    this.part("save-words").textContent = t("Dời cuộc họp");
    this.tell("");
    this.turn(asked.to);
    this.dialog.showModal();
    this.button.focus();
  }

  /** @param {Span} span */
  turn(span) {
    if (!this.asked) return;
    this.asked = { ...this.asked, to: span };
    this.part("new").textContent = say(span);
    this.heard?.onTurn(span);
    this.look();
  }

  look() {
    this.watch.last = ""; // it may be another meeting at the same time, or time has passed
    void this.watch.check();
    void this.lookAhead();
  }

  /** On which dates the others of its series come then, and who is taken on them. */
  async lookAhead() {
    const output = this.part("dates");
    this.running?.abort();
    const scope = String(new FormData(this.form).get("scope"));
    if (!this.asked?.inSeries || scope === "one") {
      output.hidden = true;
      return;
    }
    const running = (this.running = new AbortController());
    const question = { scope, meeting: this.question() };
    try {
      const found = await postJson("/api/meetings/dates", question, { signal: running.signal });
      const shown = found.error ? [el("p", { class: "muted" }, [found.error])] : datesShown(found, this.sprite);
      output.replaceChildren(...shown);
      output.hidden = false;
    } catch {
      if (!running.signal.aborted) output.hidden = true; // saving asks in any case
    }
  }

  question() {
    const span = this.asked ? writeSpan(this.asked.to) : {};
    return { meeting_id: this.asked?.id ?? null, ...span };
  }

  async save() {
    if (!this.asked || this.button.disabled) return;
    const scope = new FormData(this.form).get("scope");
    const { id, version, to, inSeries } = this.asked;
    this.tell("");
    this.button.disabled = true;
    try {
      await postJson(`/api/meetings/${id}/move`, {
        version,
        ...writeSpan(to),
        scope: inSeries ? scope : "one",
        confirm: this.seal,
        override_reason: this.reason.value,
      });
    } catch (error) {
      this.button.disabled = false;
      this.refused(error instanceof HttpError ? error : new HttpError(0, "", t("Có lỗi xảy ra. Xin thử lại.")));
      return;
    }
    this.heard?.onSaved();
  }

  /** @param {HttpError} error */
  refused(error) {
    const { override_reason: reason, ...fields } = error.fields;
    const others = Object.values(fields);
    if (reason) this.tellReason(reason);
    if (others.length || !reason) this.tell([...others, ...(others.length ? [] : [error.message])].join(" "));
    if (reason) this.reason.focus();
    if (["unseen", "clashing"].includes(error.code)) this.look();
  }

  /** @param {string} text */
  tell(text) {
    this.part("trouble").hidden = !text;
    this.part("trouble-words").textContent = text;
    if (!text) this.tellReason("");
  }

  /** @param {string} text */
  tellReason(text) {
    this.part("reason-wrong").hidden = !text;
    this.part("reason-words").textContent = text;
    this.reason.setAttribute("aria-invalid", String(Boolean(text)));
  }
}

/** @param {Span} span */
function say(span) {
  const { starts, ends } = textsOf(span);
  return sayTimes(span.date, starts, ends);
}
