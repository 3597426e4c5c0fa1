/** What stands over the table: whether it is live, the counters, and what is said aloud. */

import { language, t } from "../i18n.js";
import { byId, setData, setText, swapIcon } from "../room/dom.js";
import { countTrouble } from "./state.js";

/** @typedef {import("./pulse.js").Pulse} Pulse */
/** @typedef {import("./pulse.js").Feed} Feed */
/** @typedef {import("./state.js").Asked} Asked */
/** @typedef {import("./state.js").Board} Board */
/** @typedef {import("./state.js").Row} Row */

/** @type {Readonly<Record<Feed, string>>} */
const ICONS = {
  opening: "refresh-cw",
  live: "radio-tower",
  fading: "refresh-cw",
  stale: "wifi-off",
  ended: "wifi-off",
};
const TITLE = document.title;
// More names in one breath nobody can follow.
const MAX_SPOKEN = 3;

export class Head {
  #feed = byId("feed", HTMLElement);
  #note = byId("feed-note", HTMLElement);
  #spoken = byId("spoken", HTMLElement);
  #frame = document.getElementById("board");
  #trouble = 0;
  #isLive = true;

  /** @param {Pulse} pulse */
  showFeed(pulse) {
    setData(this.#feed, "feed", pulse.feed);
    if (this.#frame) setData(this.#frame, "feed", pulse.feed);
    swapIcon(this.#feed, ICONS[pulse.feed]);
    setText(find(this.#feed, "word"), wordOf(pulse));
    find(this.#feed, "again").hidden = true;
    this.#isLive = pulse.feed !== "stale" && pulse.feed !== "ended";
    this.#showNote(pulse);
    this.#showTitle();
  }

  /** @param {Pulse} pulse */
  #showNote(pulse) {
    this.#note.hidden = this.#isLive;
    if (this.#isLive) return;
    const link = find(this.#note, "link");
    const { title, text, label, href } = noteOf(pulse);
    setText(find(this.#note, "title"), title);
    setText(find(this.#note, "text"), text);
    setText(link, label);
    link.setAttribute("href", href);
    link.hidden = !label;
  }

  /** @param {Board} board @param {Asked} asked */
  showCounts(board, asked) {
    for (const counter of document.querySelectorAll("[data-standing]")) {
      if (!(counter instanceof HTMLElement)) continue;
      const standing = /** @type {keyof Board["counts"]} */ (counter.dataset["standing"]);
      const count = board.counts[standing] ?? 0;
      setText(find(counter, "number"), count.toLocaleString(language()));
      counter.classList.toggle("counter-none", count === 0);
      if (asked.state === standing) counter.setAttribute("aria-current", "true");
      else counter.removeAttribute("aria-current");
    }
    this.#trouble = countTrouble(board.counts);
    this.#showTitle();
  }

  /** The tab says how many wait, also while another is looked at. */
  #showTitle() {
    const sign = this.#isLive ? (this.#trouble ? `(${this.#trouble}) ` : "") : "⚠ ";
    if (document.title !== sign + TITLE) document.title = sign + TITLE;
  }

  /** @param {readonly Row[]} rows sites that got worse */
  speak(rows) {
    if (!rows.length) return;
    const named = rows.slice(0, MAX_SPOKEN).map((row) => `${row.name}: ${row.word}`);
    if (rows.length > MAX_SPOKEN) named.push(t("và %(count)s điểm cầu nữa", { count: rows.length - MAX_SPOKEN }));
    this.#spoken.textContent = named.join(". ");
  }
}

/** @param {Pulse} pulse */
function wordOf(pulse) {
  switch (pulse.feed) {
    case "opening":
      return t("Đang nối… số liệu lúc %(time)s", { time: pulse.at });
    case "live":
      return t("Trực tiếp · %(time)s", { time: pulse.at });
    case "fading":
      return t("Đang nối lại…");
    default:
      return t("Dừng từ %(time)s", { time: pulse.at });
  }
}

/** @param {Pulse} pulse */
function noteOf(pulse) {
  const here = encodeURIComponent(location.pathname + location.search);
  switch (pulse.why) {
    case "signed_out":
      return {
        title: t("Phiên đăng nhập đã hết."),
        text: t("Số liệu bên dưới dừng từ %(time)s.", { time: pulse.at }),
        label: t("Đăng nhập lại"),
        href: `/signin?next=${here}`,
      };
    case "refused":
    case "gone":
      return {
        title: t("Bạn không còn xem được bảng này."),
        text: t("Số liệu bên dưới dừng từ %(time)s.", { time: pulse.at }),
        label: t("Về bảng của đơn vị mình"),
        href: "/board",
      };
    default:
      return {
        title: t("Mất liên lạc với máy chủ."),
        text: t("Số liệu bên dưới dừng từ %(time)s, không phải hiện tại. Trang đang tự nối lại.", {
          time: pulse.at,
        }),
        label: "",
        href: "",
      };
  }
}

/** @param {HTMLElement} holder @param {string} name @returns {HTMLElement} */
function find(holder, name) {
  const found = holder.querySelector(`[data-f="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`no part ${name}`);
  return found;
}
