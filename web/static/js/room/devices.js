/**
 * Microphone, camera and speaker: opening each by itself, so that one that fails takes nothing
 * else with it, and saying in plain words why one cannot be had.
 */

import { t } from "../i18n.js";

/** @typedef {"microphone" | "camera"} Source */
/** @typedef {"insecure" | "unable" | "denied" | "none" | "busy" | "failed"} Trouble */
/** @typedef {{microphone: string, camera: string, speaker: string, cameraOn: boolean, audioOnly: boolean}} Choice */

const KEY = "confhub.devices";
const KIND = /** @type {const} */ ({
  microphone: "audioinput",
  camera: "videoinput",
  speaker: "audiooutput",
});

/** @type {Record<string, Trouble>} names of DOMException in Media Capture and Streams */
const TROUBLES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Whether this page may use devices at all: browsers give them to secure pages only. */
export function mayCapture() {
  return window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
}

/**
 * Tell each permission that is there, or given while the page is open. Browsers without this say
 * nothing: the person then asks again by hand.
 *
 * @param {(source: Source) => void} tell
 */
export function watchPermissions(tell) {
  for (const source of /** @type {const} */ (["microphone", "camera"])) {
    const asked = navigator.permissions?.query?.({ name: source });
    asked?.then(
      (status) => {
        const say = () => status.state === "granted" && tell(source);
        status.onchange = say;
        say(); // given while we asked
      },
      () => undefined,
    );
  }
}

/** @param {Source} source */
async function isGranted(source) {
  const status = await navigator.permissions?.query?.({ name: source }).catch(() => undefined);
  return status?.state === "granted";
}

/** @returns {Choice} what was chosen here the last time */
export function rememberedChoice() {
  const plain = { microphone: "", camera: "", speaker: "", cameraOn: true, audioOnly: false };
  try {
    return { ...plain, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return plain;
  }
}

/** @param {Choice} choice */
export function rememberChoice(choice) {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Private windows may forbid it: then it is asked anew.
  }
}

export class Devices {
  /** @type {Record<Source, MediaStreamTrack | null>} */
  tracks = { microphone: null, camera: null };
  /** @type {Record<Source, Trouble | null>} */
  troubles = { microphone: null, camera: null };
  choice = rememberedChoice();
  /** @type {MediaDeviceInfo[]} */
  #known = [];
  /** @type {(source: Source) => void} called when a device was pulled out */
  onLost = () => undefined;
  /** @type {(source: Source, muted: boolean) => void} the machine or a headset muted it, or no more */
  onMuted = () => undefined;

  /**
   * Open a device; an open one is closed first. The trouble, if any, stays in `troubles`.
   *
   * @param {Source} source
   * @returns {Promise<MediaStreamTrack | null>}
   */
  async open(source) {
    this.close(source);
    if (!mayCapture()) {
      this.troubles[source] = window.isSecureContext ? "unable" : "insecure";
      return null;
    }
    try {
      const stream = await this.#capture(source);
      const track = stream.getTracks()[0] ?? null;
      this.troubles[source] = track ? null : "failed";
      this.tracks[source] = track;
      if (track) this.#watch(source, track);
      return track;
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      this.troubles[source] = TROUBLES[name] ?? "failed";
      return null;
    }
  }

  /** @param {Source} source */
  async #capture(source) {
    try {
      return await navigator.mediaDevices.getUserMedia(this.#wish(source));
    } catch (error) {
      // The permission may have been given while the refusal was on its way: nothing else would
      // tell of it any more.
      const denied = error instanceof DOMException && TROUBLES[error.name] === "denied";
      if (!denied || !(await isGranted(source))) throw error;
      return navigator.mediaDevices.getUserMedia(this.#wish(source));
    }
  }

  /** @param {Source} source */
  close(source) {
    const track = this.tracks[source];
    if (track) {
      track.onended = track.onmute = track.onunmute = null;
      track.stop();
    }
    this.tracks[source] = null;
  }

  /** Ask what is plugged in; names are known only after a permission. */
  async refresh() {
    this.#known = mayCapture()
      ? await navigator.mediaDevices.enumerateDevices().catch(() => [])
      : [];
  }

  /**
   * @param {Source | "speaker"} source
   * @returns {MediaDeviceInfo[]}
   */
  list(source) {
    return this.#known.filter((device) => device.kind === KIND[source]);
  }

  /** @returns {{camera: boolean, microphone: boolean, speaker: boolean}} */
  present() {
    return {
      camera: this.list("camera").length > 0,
      microphone: this.list("microphone").length > 0,
      // Firefox and Safari do not list outputs: no list is no proof of silence.
      speaker: this.list("speaker").length > 0 || !("setSinkId" in HTMLMediaElement.prototype),
    };
  }

  /** @param {Source} source @returns {MediaStreamConstraints} */
  #wish(source) {
    const id = this.choice[source];
    // "ideal": a device that is not there today gives way to another.
    const deviceId = id ? { ideal: id } : undefined;
    if (source === "microphone") {
      return {
        audio: {
          ...(deviceId ? { deviceId } : {}),
          echoCancellation: true,
          noiseSuppression: true,
          autoGainControl: true,
          channelCount: { ideal: 1 },
        },
      };
    }
    return {
      video: {
        ...(deviceId ? { deviceId } : {}),
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 25, max: 30 },
      },
    };
  }

  /**
   * @param {Source} source
   * @param {MediaStreamTrack} track
   */
  #watch(source, track) {
    track.onended = () => this.#ended(source, track);
    track.onmute = () => this.onMuted(source, true);
    track.onunmute = () => this.onMuted(source, false);
    // Another device than the one that was muted, or one that is muted from the start.
    this.onMuted(source, track.muted);
  }

  /**
   * @param {Source} source
   * @param {MediaStreamTrack} track
   */
  #ended(source, track) {
    if (this.tracks[source] !== track) return;
    this.tracks[source] = null;
    this.troubles[source] = "none";
    this.onLost(source);
  }
}

/** @type {Record<Source, Record<Trouble, () => string>>} */
const WORDS = {
  microphone: {
    insecure: () => t("Trang chưa mở bằng HTTPS nên trình duyệt không cho dùng micrô."),
    unable: () => t("Trình duyệt này không cho dùng micrô. Hãy mở liên kết bằng Chrome, Edge, Firefox hoặc Safari."),
    denied: () =>
      t("Trình duyệt chưa được phép dùng micrô. Bấm biểu tượng ở đầu ô địa chỉ trang, chuyển Micrô sang “Cho phép”."),
    none: () => t("Không tìm thấy micrô. Hãy cắm micrô rồi chọn lại."),
    busy: () => t("Micrô đang được phần mềm khác sử dụng. Hãy tắt phần mềm đó rồi chọn lại."),
    failed: () => t("Không mở được micrô. Hãy rút ra cắm lại, hoặc chọn micrô khác."),
  },
  camera: {
    insecure: () => t("Trang chưa mở bằng HTTPS nên trình duyệt không cho dùng camera."),
    unable: () => t("Trình duyệt này không cho dùng camera. Hãy mở liên kết bằng Chrome, Edge, Firefox hoặc Safari."),
    denied: () =>
      t("Trình duyệt chưa được phép dùng camera. Bấm biểu tượng ở đầu ô địa chỉ trang, chuyển Camera sang “Cho phép”."),
    none: () => t("Không tìm thấy camera. Vẫn có thể vào họp không cần camera."),
    busy: () => t("Camera đang được phần mềm khác sử dụng. Hãy tắt phần mềm đó rồi chọn lại."),
    failed: () => t("Không mở được camera. Hãy rút ra cắm lại, hoặc chọn camera khác."),
  },
};

/**
 * @param {Source} source
 * @param {Trouble} trouble
 */
export function explain(source, trouble) {
  return WORDS[source][trouble]();
}
