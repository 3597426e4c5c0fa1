/**
 * Device selectors: on the check page and in the room's dialog alike.
 */

/** @import {Devices} from "./devices.js" */
import { t } from "../i18n.js";
import { byId } from "./dom.js";
import { rememberChoice } from "./devices.js";

const SOURCES = /** @type {const} */ (["microphone", "camera", "speaker"]);
/** @typedef {(typeof SOURCES)[number]} Picked */

/** @type {Record<Picked, (number: number) => string>} */
const UNNAMED = {
  microphone: (number) => t("Micrô %(number)s", { number }),
  camera: (number) => t("Camera %(number)s", { number }),
  speaker: (number) => t("Loa %(number)s", { number }),
};

export class Pickers {
  #devices;
  #prefix;

  /**
   * @param {string} prefix of the ids: `${prefix}-microphone` and so on
   * @param {Devices} devices
   * @param {(source: Picked) => void} onPick
   */
  constructor(prefix, devices, onPick) {
    this.#devices = devices;
    this.#prefix = prefix;
    for (const source of SOURCES) {
      const select = this.#select(source);
      select.addEventListener("change", () => {
        devices.choice = { ...devices.choice, [source]: select.value };
        rememberChoice(devices.choice);
        onPick(source);
      });
    }
  }

  /** Fill the selectors with what is plugged in. */
  async refresh() {
    await this.#devices.refresh();
    for (const source of SOURCES) this.#fill(source);
  }

  /** @param {Picked} source */
  #fill(source) {
    const select = this.#select(source);
    const known = this.#devices.list(source).filter((device) => device.deviceId);
    const options = known.map((device, index) => {
      const option = document.createElement("option");
      option.value = device.deviceId;
      option.textContent = device.label || UNNAMED[source](index + 1);
      return option;
    });
    select.disabled = options.length === 0;
    if (options.length === 0) {
      const none = document.createElement("option");
      none.value = "";
      none.textContent = this.#emptyWord(source);
      options.push(none);
    }
    select.replaceChildren(...options);
    const active =
      source === "speaker" ? "" : this.#devices.tracks[source]?.getSettings().deviceId;
    const wanted = active || this.#devices.choice[source];
    if (options.some((option) => option.value === wanted)) select.value = wanted;
  }

  /** @param {Picked} source */
  #emptyWord(source) {
    if (source === "speaker") return t("Loa mặc định của máy");
    return this.#devices.troubles[source] === "denied" ? t("Chưa được phép") : t("Không có thiết bị");
  }

  /** @param {Picked} source */
  #select(source) {
    return byId(`${this.#prefix}-${source}`, HTMLSelectElement);
  }
}
