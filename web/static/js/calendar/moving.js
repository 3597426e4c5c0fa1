// @ts-check
// Meetings are taken to another time: by the mouse, or by arrow keys from the meeting in focus.
// Nothing is changed before the dialog has said what is in the way. A finger scrolls the page.

import { t } from "../i18n.js";
import { el } from "../picker-parts.js";
import { sayTimes } from "../times-said.js";
import { columnsBoard, squaresBoard } from "./boards.js";
import { MoveDialog } from "./move-dialog.js";
import { isSame, keyed, readSpan, textsOf } from "./spans.js";

/** @typedef {import("./boards.js").Board} Board @typedef {import("./spans.js").Span} Span */
/** @typedef {{ box: HTMLElement, from: Span, to: Span, by: "keys" | "mouse" }} Move */

// A click that shakes a little is still a click.
const SLACK_PX = 5;
const KEPT = "confhub-moved";
// Below this the calendar is a list of its days (calendar.css).
const wide = matchMedia("(min-width: 52.01rem)");

class Moving {
  /** @param {Board} board @param {HTMLElement} said @param {MoveDialog} dialog */
  constructor(board, said, dialog) {
    this.board = board;
    this.said = said;
    this.dialog = dialog;
    this.move = /** @type {Move | null} */ (null);
    for (const box of board.element.querySelectorAll("[data-move]")) {
      if (box instanceof HTMLElement) this.offer(box);
    }
    board.element.addEventListener("pointerdown", (event) => this.press(event));
    board.element.addEventListener("keydown", (event) => this.key(event));
    board.element.addEventListener("focusout", () => {
      if (this.move?.by === "keys" && !this.dialog.isOpen) this.takeBack();
    });
  }

  /** @param {HTMLElement} box */
  offer(box) {
    box.draggable = false; // a browser would drag the link's address
    if (this.board.grips && box.dataset.grip === "yes") {
      box.append(el("span", { class: "cal-grip", "aria-hidden": "true" }, []));
    }
  }

  /** @param {HTMLElement} box @param {"keys" | "mouse"} by @returns {Move} */
  begin(box, by) {
    const span = readSpan(box.dataset.starts ?? "", box.dataset.ends ?? "");
    box.classList.add("is-moving");
    this.board.element.classList.add("is-moving-one");
    return (this.move = { box, from: span, to: span, by });
  }

  /** @param {Move} move @param {Span} to */
  put(move, to) {
    move.to = to;
    this.board.draw(to, move.box.dataset.title ?? "");
  }

  /** @param {string} [words] */
  takeBack(words = t("Giữ giờ cũ.")) {
    if (!this.move) return;
    this.move.box.classList.remove("is-moving");
    this.board.element.classList.remove("is-moving-one");
    this.board.clear();
    this.move = null;
    this.said.textContent = words;
  }

  /** @param {Move} move */
  drop(move) {
    if (isSame(move.from, move.to)) return this.takeBack();
    const { box, from, to } = move;
    if (document.activeElement !== box) box.focus({ preventScroll: true });
    this.dialog.open(
      {
        id: box.dataset.move ?? "",
        version: Number(box.dataset.version),
        title: box.dataset.title ?? "",
        inSeries: box.dataset.series === "yes",
        from,
        to,
      },
      {
        onTurn: (span) => this.put(move, span),
        onBack: () => this.takeBack(),
        onSaved: () => {
          sessionStorage.setItem(KEPT, box.dataset.move ?? "");
          location.reload();
        },
      },
    );
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const box = event.target;
    if (!(box instanceof HTMLElement) || !box.dataset.move || !wide.matches) return;
    if (event.altKey || event.ctrlKey || event.metaKey || this.move?.by === "mouse") return;
    if (this.move && event.key === "Enter") {
      event.preventDefault();
      return this.drop(this.move);
    }
    if (this.move && event.key === "Escape") return this.takeBack();
    const now = this.move?.to ?? readSpan(box.dataset.starts ?? "", box.dataset.ends ?? "");
    const next = keyed(now, event.key, event.shiftKey, this.board.field);
    if (!next) return;
    event.preventDefault();
    const move = this.move ?? this.begin(box, "keys");
    this.put(move, next);
    const { starts, ends } = textsOf(next);
    this.said.textContent = isSame(now, next)
      ? t("Không dời xa hơn ở đây được.")
      : sayTimes(next.date, starts, ends);
  }

  /** @param {PointerEvent} event */
  press(event) {
    const target = event.target instanceof Element ? event.target : null;
    const box = target?.closest("[data-move]");
    if (!(box instanceof HTMLElement) || !wide.matches) return;
    if (event.pointerType !== "mouse" || event.button !== 0 || this.move) return;
    const stretch = Boolean(target?.closest(".cal-grip"));
    const press = { x: event.clientX, y: event.clientY + scrollY };
    const listening = new AbortController();
    const { signal } = listening;
    let last = { x: event.clientX, y: event.clientY };
    let begun = false;

    const follow = () => {
      const at = { x: last.x, y: last.y + scrollY };
      if (!begun) {
        if (Math.hypot(at.x - press.x, at.y - press.y) < SLACK_PX) return;
        begun = true;
        this.begin(box, "mouse");
        this.board.element.classList.toggle("is-stretching", stretch);
      }
      if (!this.move) return; // taken back
      // Squares are looked for in the window, columns by how far the pointer went on the page.
      const point = this.board.field.timed ? at : last;
      this.put(this.move, this.board.under(this.move.from, press, point, stretch));
    };
    const end = () => {
      listening.abort();
      this.board.element.classList.remove("is-stretching");
    };
    window.addEventListener("pointermove", (moved) => {
      last = { x: moved.clientX, y: moved.clientY };
      follow();
    }, { signal });
    window.addEventListener("scroll", follow, { signal, passive: true });
    window.addEventListener("pointerup", () => {
      end();
      if (begun) swallowClick();
      if (this.move) this.drop(this.move);
    }, { signal });
    window.addEventListener("pointercancel", () => (end(), this.takeBack()), { signal });
    window.addEventListener("keydown", (key) => {
      if (key.key === "Escape") this.takeBack();
    }, { signal });
  }
}

/** The click that follows a drag opens nothing. */
function swallowClick() {
  const stop = (/** @type {Event} */ event) => (event.preventDefault(), event.stopPropagation());
  window.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", stop, { capture: true }));
}

/** After the page came anew the meeting that was moved has the focus again. */
function returnFocus() {
  const id = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  const box = id && document.querySelector(`[data-move="${CSS.escape(id)}"]`);
  if (box instanceof HTMLElement) box.focus({ preventScroll: true });
}

const calendar = document.querySelector(".cal, .mon");
const said = document.getElementById("cal-moved-said");
const dialog = document.getElementById("move-dialog");
if (calendar instanceof HTMLElement && said && dialog instanceof HTMLDialogElement) {
  const board = calendar.matches(".mon") ? squaresBoard(calendar) : columnsBoard(calendar);
  new Moving(board, said, new MoveDialog(dialog));
  returnFocus();
}
