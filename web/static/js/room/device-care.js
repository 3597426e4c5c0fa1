/**
 * Looks after microphone and camera while they are used: one that cannot be opened, is pulled out,
 * is muted by the machine or stays silent gets a sentence and a way out.
 */

/** @import {Devices, Source, Trouble} from "./devices.js" */
/** @import {EarEvent, Hearing} from "./hearing.js" */
/** @import {Notice, Topic} from "./notices.js" */
import { t } from "../i18n.js";
import { explain, mayCapture } from "./devices.js";
import { hearingOf, newEar, reduceEar } from "./hearing.js";

/** Often enough to tell ten seconds of silence from eleven. */
const LISTEN_MS = 1000;

/**
 * @typedef {object} Means
 * @property {Devices} devices
 * @property {(source: Source) => boolean} isOn in the room
 * @property {(source: Source, track: MediaStreamTrack | null) => Promise<void>} publish
 * @property {(source: Source, on: boolean) => void} tell the room
 * @property {(source: Source) => void} switchOn as the button does
 * @property {() => RTCRtpSender | null} sender of the microphone
 * @property {() => boolean} leads we spoke last, and nobody speaks now
 * @property {(notice: Notice) => void} onNotice
 * @property {(topic: Topic) => void} onSettled
 * @property {() => void} pick show the dialog where devices are chosen
 */

export class DeviceCare {
  #means;
  #ear = newEar();
  /** @type {Hearing} */
  #told = "none";
  /** @type {Set<Source>} pulled out while in use, and not replaced */
  #missing = new Set();
  /** @type {{energy: number, seconds: number} | null} of all time, at the last look */
  #before = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {Means} means */
  constructor(means) {
    this.#means = means;
    if (mayCapture()) {
      navigator.mediaDevices.addEventListener("devicechange", () => void this.#plugged());
    }
  }

  /** From the check page on the devices are ours to look after. */
  start() {
    const { devices } = this.#means;
    devices.onLost = (source) => void this.#lost(source);
    devices.onMuted = (source, muted) => this.#muted(source, muted);
    for (const source of /** @type {const} */ (["microphone", "camera"])) {
      if (devices.tracks[source]?.muted) this.#muted(source, true);
    }
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#listen(), LISTEN_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** The microphone was switched, or its people were asked to speak. @param {EarEvent} event */
  hear(event) {
    this.#ear = reduceEar(this.#ear, event, performance.now());
    this.#judge();
  }

  /** Open a device and say why if it cannot be had. @param {Source} source */
  async open(source) {
    const { devices } = this.#means;
    const track = await devices.open(source);
    const trouble = devices.troubles[source];
    if (trouble) {
      this.#explain(source, trouble);
    } else {
      this.#missing.delete(source);
      this.#means.onSettled(source);
    }
    return track;
  }

  /** @param {Source} source @param {Trouble} trouble */
  #explain(source, trouble) {
    const text = explain(source, trouble);
    const answers = [{ label: t("Đã hiểu"), run: () => undefined }];
    this.#means.onNotice({ text, topic: source, answers });
  }

  /** A device was pulled out: go on with another one, if there is. @param {Source} source */
  async #lost(source) {
    const { devices, isOn, publish, tell, onNotice } = this.#means;
    const wasOn = isOn(source);
    await publish(source, null);
    if (!wasOn) return;
    const other = await devices.open(source);
    if (!other) {
      this.#missing.add(source);
      this.#explain(source, "none");
      tell(source, false);
      return;
    }
    await publish(source, other);
    const name = other.label;
    const text =
      source === "microphone"
        ? t("Micrô vừa bị rút ra. Đang dùng: %(name)s", { name })
        : t("Camera vừa bị rút ra. Đang dùng: %(name)s", { name });
    onNotice({ text, topic: source });
    tell(source, true);
  }

  /** Something was plugged in: what was missing is offered, never switched on by itself. */
  async #plugged() {
    if (!this.#missing.size) return;
    const { devices, onNotice, switchOn } = this.#means;
    await devices.refresh();
    for (const source of this.#missing) {
      if (!devices.list(source).length) continue;
      this.#missing.delete(source);
      const isMicrophone = source === "microphone";
      onNotice({
        text: isMicrophone ? t("Đã thấy micrô trở lại.") : t("Đã thấy camera trở lại."),
        topic: source,
        answers: [
          {
            label: isMicrophone ? t("Bật micrô") : t("Bật camera"),
            run: () => switchOn(source),
          },
          later(),
        ],
      });
    }
  }

  /** The machine or the headset muted it, or lets it through again. @param {Source} source @param {boolean} muted */
  #muted(source, muted) {
    if (source === "microphone") return this.hear({ type: "muted", muted });
    if (!muted) return this.#means.onSettled("camera");
    if (!this.#means.isOn("camera")) return;
    const text = t("Camera bị tắt ở máy: nắp che, phím tắt hoặc cài đặt quyền riêng tư. Hãy bật lại ở đó.");
    this.#means.onNotice({ text, topic: "camera", answers: [this.#picking(), later()] });
  }

  async #listen() {
    const rms = await this.#loudness();
    if (rms !== null) this.hear({ type: "level", rms, leads: this.#means.leads() });
    else this.#judge();
  }

  /** Root mean square of what was sent since the last look; null where the browser does not tell. */
  async #loudness() {
    const sender = this.#means.sender();
    const before = this.#before;
    this.#before = null;
    if (!sender?.track || !this.#means.isOn("microphone")) return null;
    const report = await sender.getStats();
    for (const stat of /** @type {Map<string, Record<string, any>>} */ (report).values()) {
      if (stat.type !== "media-source" || typeof stat.totalAudioEnergy !== "number") continue;
      const now = { energy: stat.totalAudioEnergy, seconds: Number(stat.totalSamplesDuration) };
      this.#before = now;
      const seconds = now.seconds - (before?.seconds ?? now.seconds);
      return before && seconds > 0 ? Math.sqrt(Math.max(0, now.energy - before.energy) / seconds) : null;
    }
    return null;
  }

  #judge() {
    const hearing = hearingOf(this.#ear, performance.now());
    if (hearing === this.#told) return;
    const before = this.#told;
    this.#told = hearing;
    const { onNotice, onSettled } = this.#means;
    onSettled("silence");
    if (hearing === "none") {
      if (before === "muted" && this.#ear.on) onNotice({ text: t("Micrô đã được bật lại ở máy.") });
      return;
    }
    const text =
      hearing === "muted"
        ? t("Micrô bị tắt ở máy hoặc trên tai nghe: không ai nghe thấy bạn. Hãy bật lại ở đó, hoặc chọn micrô khác.")
        : t("Micrô đang bật nhưng chưa nghe thấy tiếng. Xem nút tắt tiếng trên micrô, hoặc chọn micrô khác.");
    onNotice({ text, topic: "silence", answers: [this.#picking(), later()] });
  }

  #picking() {
    return { label: t("Chọn thiết bị"), run: () => this.#means.pick() };
  }
}

/** @returns {import("./notices.js").Answer} */
function later() {
  return { label: t("Để sau"), run: () => undefined, quiet: true };
}
