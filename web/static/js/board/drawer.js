/** One site in detail beside the table; the page's own address for it without script. */

import { t } from "../i18n.js";
import { byId, make } from "../room/dom.js";

// A digest comes every 5 s; a slow line still answers within 10 s.
const AGAIN_MS = 5_000;
const TIMEOUT_MS = 10_000;
const PREFIX = "#diem-cau-";

export class Drawer {
  #drawer = byId("drawer", HTMLElement);
  #body = byId("drawer-body", HTMLElement);
  #site = "";
  #timer = 0;
  /** @type {HTMLElement | null} where the keyboard was */
  #from = null;

  constructor() {
    byId("drawer-close", HTMLButtonElement).addEventListener("click", () => this.#leave());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#site) this.#leave();
    });
    window.addEventListener("popstate", () => this.#follow());
    this.#follow();
  }

  /** @param {string} site @param {HTMLElement} from */
  open(site, from) {
    this.#from = from;
    const address = `${location.pathname}${location.search}${PREFIX}${site}`;
    // One step back closes it, however many sites were looked at.
    if (this.#site) history.replaceState(history.state, "", address);
    else history.pushState({ drawer: true }, "", address);
    this.#follow();
  }

  #leave() {
    if (history.state?.drawer) {
      history.back();
      return;
    }
    history.replaceState(null, "", location.pathname + location.search);
    this.#follow();
  }

  /** Show what the address says. */
  #follow() {
    const site = location.hash.startsWith(PREFIX) ? location.hash.slice(PREFIX.length) : "";
    if (site === this.#site) return;
    this.#site = site;
    clearTimeout(this.#timer);
    for (const row of document.querySelectorAll("tr.is-open")) row.classList.remove("is-open");
    this.#drawer.hidden = !site;
    document.body.classList.toggle("has-drawer", Boolean(site));
    if (!site) {
      this.#from?.focus();
      return;
    }
    for (const row of document.querySelectorAll(`tr[data-site="${CSS.escape(site)}"]`)) row.classList.add("is-open");
    this.#body.replaceChildren(make("p", "muted drawer-wait", t("Đang tải…")));
    void this.#load(site, true);
  }

  /** @param {string} site @param {boolean} whole */
  async #load(site, whole) {
    const found = await fetchPart(site);
    if (site !== this.#site) return;
    if (found && whole) {
      this.#body.replaceChildren(...found.childNodes);
      this.#drawer.scrollTop = 0;
      const heading = this.#body.querySelector("[data-heading]");
      if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
    } else if (found) {
      this.#renew(found);
    } else if (whole) {
      this.#body.replaceChildren(
        make("p", "muted drawer-wait", t("Không tải được. Trang sẽ thử lại.")),
      );
    }
    this.#body.classList.toggle("is-old", !found);
    this.#timer = setTimeout(() => void this.#load(site, whole && !found), AGAIN_MS);
  }

  /** Only the numbers: whoever is about to dial keeps the link under the finger. @param {Element} found */
  #renew(found) {
    for (const fresh of found.querySelectorAll("[data-live]")) {
      const name = fresh.getAttribute("data-live") ?? "";
      this.#body.querySelector(`[data-live="${name}"]`)?.replaceWith(fresh);
    }
  }
}

/** @param {string} site @returns {Promise<HTMLElement | null>} null when it did not come */
async function fetchPart(site) {
  try {
    const answer = await fetch(`/board/sites/${encodeURIComponent(site)}?part=1`, {
      headers: { Accept: "text/html" },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").body;
  } catch {
    return null;
  }
}
