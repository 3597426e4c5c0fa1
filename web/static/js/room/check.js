/**
 * The device check before joining: the picture, the microphone's level, a tone for the speaker.
 * Nothing that is missing or refused keeps anybody out.
 */

/** @import {Boot} from "./messages.js" */
/** @import {Devices, Source} from "./devices.js" */
import { t } from "../i18n.js";
import { byId, setData, setText, swapIcon } from "./dom.js";
import { explain, mayCapture, rememberChoice, watchPermissions } from "./devices.js";
import { Pickers } from "./pickers.js";
import { meter, playTone } from "./sound.js";

/** @typedef {{microphone: boolean, camera: boolean, audioOnly: boolean}} Wish */

const SOURCES = /** @type {const} */ (["microphone", "camera"]);
/** Long enough to read the request and say a sentence. */
const SILENCE_MS = 10_000;
/** A camera that another program holds, or that an old machine starts too slowly, is tried again. */
const BUSY_MS = 3_000;

export class Check {
  #devices;
  /** @type {Wish} */
  #wish;
  #pickers;
  #stopMeter = () => {};
  #video = byId("check-video", HTMLVideoElement);
  #heard = false;
  #silent = false;
  #muted = false;
  #isOpen = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #listening;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /**
   * @param {Pick<Boot, "chair" | "role">} boot
   * @param {Devices} devices
   */
  constructor(boot, devices) {
    this.#devices = devices;
    const { cameraOn, audioOnly } = devices.choice;
    this.#wish = {
      // Microphones are off until invited; the chair speaks first.
      microphone: boot.chair,
      camera: cameraOn && boot.role === "site" && !audioOnly,
      audioOnly,
    };
    this.#pickers = new Pickers("check", devices, (source) => void this.#picked(source));
  }

  /**
   * Show the page until the person joins.
   *
   * @returns {Promise<Wish>}
   */
  async run() {
    const button = byId("join", HTMLButtonElement);
    if (!mayCapture()) setText(byId("join-text", HTMLElement), t("Vào họp để nghe và xem"));
    const joined = new Promise((resolve) => {
      button.addEventListener("click", resolve, { once: true });
    });
    button.disabled = false;
    this.start();
    await joined;
    this.#close();
    return { ...this.#wish };
  }

  /** Open the devices and show what they give; nobody joins anything by it. */
  start() {
    this.#bind();
    void this.#open();
  }

  #bind() {
    setData(byId("check", HTMLElement), "capture", String(mayCapture()));
    this.#toggle("check-toggle-microphone", () => void this.#flip("microphone"));
    this.#toggle("check-toggle-camera", () => void this.#flip("camera"));
    const audioOnly = byId("check-audio-only", HTMLInputElement);
    audioOnly.checked = this.#wish.audioOnly;
    audioOnly.addEventListener("change", () => {
      this.#wish.audioOnly = audioOnly.checked;
      this.#remember();
      void this.#setCamera(!audioOnly.checked);
    });
    const tone = byId("check-tone", HTMLButtonElement);
    tone.addEventListener("click", () => void this.#tone(tone));
    this.#toggle("check-retry", () => void this.#retry(this.#troubled()));
    watchPermissions((source) => {
      if (this.#devices.troubles[source] === "denied" && this.#isOpen) void this.#retry([source]);
    });
    if (mayCapture()) navigator.mediaDevices.addEventListener("devicechange", this.#changed);
    // Pulled out: another one, or a word that there is none.
    this.#devices.onLost = (source) => void this.#picked(source);
    this.#devices.onMuted = (source, muted) => {
      if (source === "microphone") this.#muted = muted;
      this.#show();
    };
  }

  /** @param {string} id @param {() => void} onClick */
  #toggle(id, onClick) {
    byId(id, HTMLButtonElement).addEventListener("click", onClick);
  }

  async #open() {
    await Promise.all([this.#openMicrophone(), this.#setCamera(this.#wish.camera)]);
    await this.#pickers.refresh();
    this.#show();
  }

  /** What was missing may have been plugged in. */
  #changed = async () => {
    await this.#pickers.refresh();
    const { troubles } = this.#devices;
    const here = SOURCES.filter((one) => troubles[one] === "none" && this.#devices.list(one).length);
    if (here.length) await this.#retry(here);
  };

  /** @param {Source[]} sources */
  async #retry(sources) {
    if (sources.includes("microphone")) await this.#openMicrophone();
    if (sources.includes("camera") && !this.#wish.audioOnly) await this.#setCamera(true);
    // A permission given just now brings the devices' names with it.
    await this.#pickers.refresh();
    this.#show();
  }

  /** Those that the person may mend and try again. */
  #troubled() {
    const { troubles } = this.#devices;
    return SOURCES.filter((one) => troubles[one] && !(one === "camera" && this.#wish.audioOnly));
  }

  async #openMicrophone() {
    this.#stopMeter();
    const track = await this.#devices.open("microphone");
    const bar = byId("check-meter", HTMLElement);
    this.#heard = this.#silent = false;
    clearTimeout(this.#listening);
    if (track) {
      const stop = meter(track, (level) => {
        bar.style.setProperty("--level", level.toFixed(2));
        if (level > 0.35 && !this.#heard) {
          this.#heard = true;
          this.#silent = false;
          this.#show();
        }
      });
      this.#stopMeter = stop ?? (() => undefined);
      // What cannot be measured is not called silent.
      if (stop) this.#listening = setTimeout(() => this.#judgeSilence(), SILENCE_MS);
    } else {
      bar.style.setProperty("--level", "0");
      this.#wish.microphone = false;
    }
    this.#show();
  }

  #judgeSilence() {
    this.#silent = !this.#heard;
    this.#show();
  }

  /** @param {boolean} on */
  async #setCamera(on) {
    this.#wish.camera = on;
    if (on) {
      const track = await this.#devices.open("camera");
      this.#video.srcObject = track ? new MediaStream([track]) : null;
      this.#wish.camera = track !== null;
    } else {
      this.#devices.close("camera");
      this.#video.srcObject = null;
    }
    this.#show();
  }

  /** @param {Source} source */
  async #flip(source) {
    if (source === "camera") {
      await this.#setCamera(!this.#wish.camera);
      if (this.#wish.camera) this.#wish.audioOnly = false;
      byId("check-audio-only", HTMLInputElement).checked = this.#wish.audioOnly;
      this.#remember();
    } else {
      const on = !this.#wish.microphone;
      if (on && !this.#devices.tracks.microphone) await this.#openMicrophone();
      this.#wish.microphone = on && this.#devices.tracks.microphone !== null;
    }
    // A permission given just now brings the devices' names with it.
    await this.#pickers.refresh();
    this.#show();
  }

  /** @param {Source | "speaker"} source */
  async #picked(source) {
    if (source === "microphone") await this.#openMicrophone();
    if (source === "camera") await this.#setCamera(true);
  }

  /** @param {HTMLButtonElement} button */
  async #tone(button) {
    button.disabled = true;
    const answer = byId("check-speaker-note", HTMLElement);
    setText(answer, t("Đang phát âm thử…"));
    try {
      await playTone(this.#devices.choice.speaker);
      setText(answer, t("Không nghe thấy? Chọn loa khác hoặc tăng âm lượng của máy."));
    } catch {
      setText(answer, t("Không phát được âm thanh trên loa này. Hãy chọn loa khác."));
    }
    button.disabled = false;
  }

  #show() {
    const { microphone, camera } = this.#wish;
    press("check-toggle-microphone", microphone, microphone ? "mic" : "mic-off");
    setText(
      byId("check-toggle-microphone-text", HTMLElement),
      microphone ? t("Micrô: bật") : t("Micrô: tắt"),
    );
    press("check-toggle-camera", camera, camera ? "video" : "video-off");
    setText(
      byId("check-toggle-camera-text", HTMLElement),
      camera ? t("Camera: bật") : t("Camera: tắt"),
    );
    const preview = byId("check-preview", HTMLElement);
    setData(preview, "camera", String(camera));
    const { troubles, tracks } = this.#devices;
    const cameraTrouble = this.#wish.audioOnly ? null : troubles.camera;
    setText(
      byId("check-camera-note", HTMLElement),
      cameraTrouble ? explain("camera", cameraTrouble) : camera ? "" : t("Camera đang tắt"),
    );
    const note = byId("check-microphone-note", HTMLElement);
    const bad = troubles.microphone || this.#silent || this.#muted;
    setData(note, "kind", bad ? "trouble" : this.#heard ? "good" : "plain");
    if (this.#muted) setText(note, t("Micrô bị tắt ở máy hoặc trên tai nghe. Hãy bật lại ở đó, hoặc chọn micrô khác."));
    else setText(note, microphoneNote(troubles.microphone, tracks.microphone !== null, this.#heard, this.#silent));
    const troubled = this.#troubled();
    byId("check-help", HTMLElement).hidden = !troubled.length || !mayCapture();
    byId("check-guide", HTMLElement).hidden = !troubled.some((one) => troubles[one] === "denied");
    this.#tryBusyOnesAgain(troubled.filter((one) => troubles[one] === "busy"));
  }

  /** @param {Source[]} busy */
  #tryBusyOnesAgain(busy) {
    if (!busy.length || !this.#isOpen) return;
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      const still = this.#troubled().filter((one) => this.#devices.troubles[one] === "busy");
      if (still.length && this.#isOpen) void this.#retry(still);
    }, BUSY_MS);
  }

  #remember() {
    const { choice } = this.#devices;
    choice.audioOnly = this.#wish.audioOnly;
    choice.cameraOn = this.#wish.camera || this.#wish.audioOnly;
    rememberChoice(choice);
  }

  #close() {
    this.#isOpen = false;
    clearTimeout(this.#listening);
    clearTimeout(this.#again);
    this.#stopMeter();
    this.#video.srcObject = null;
    if (mayCapture()) navigator.mediaDevices.removeEventListener("devicechange", this.#changed);
  }
}

/**
 * @param {import("./devices.js").Trouble | null} trouble
 * @param {boolean} open
 * @param {boolean} heard
 * @param {boolean} silent
 */
function microphoneNote(trouble, open, heard, silent) {
  if (trouble) return explain("microphone", trouble);
  if (!open) return t("Đang mở micrô…");
  if (silent) {
    return t("Chưa nghe thấy tiếng. Xem nút tắt tiếng trên micrô, hoặc chọn micrô khác.");
  }
  return heard ? t("Micrô hoạt động tốt.") : t("Hãy nói thử vài câu: vạch sẽ chuyển động.");
}

/**
 * @param {string} id
 * @param {boolean} on
 * @param {string} sign
 */
function press(id, on, sign) {
  const button = byId(id, HTMLButtonElement);
  button.setAttribute("aria-pressed", String(on));
  swapIcon(button, sign);
}
