/** One site in detail beside the table; the page's own address for it without script. */

import { t } from "../i18n.js";
import { byId, make } from "../room/dom.js";
import { AGAIN_MS, fetchPart, renew } from "./site-part.js";

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
      renew(this.#body, found);
    } else if (whole) {
      this.#body.replaceChildren(
        make("p", "muted drawer-wait", t("Không tải được. Trang sẽ thử lại.")),
      );
    }
    this.#body.classList.toggle("is-old", !found);
    this.#timer = setTimeout(() => void this.#load(site, whole && !found), AGAIN_MS);
  }
}
