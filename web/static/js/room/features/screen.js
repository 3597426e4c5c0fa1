/**
 * Sharing a screen: picking it, sending it with its sound, and ending it, from whichever side
 * the end comes: our button, the browser's own bar, the secretary, or a room where another
 * screen is shown already.
 */

/** @import {Act, PageFeature, Tools} from "../features.js" */
/** @import {ClientMessage, Member, Source} from "../messages.js" */
/** @import {RoomState} from "../state.js" */
import { t } from "../../i18n.js";
import { byId } from "../dom.js";
import { isHere } from "../members.js";
import { showTool } from "../tool.js";

/** @type {PageFeature<null>} */
export const screen = {
  name: "screen",
  initial: null, // the members' views hold it
  heard: {},
  announce: (before) => ({
    who: (member) => member.screen && !before.members[member.id]?.screen,
    words: (name) => t("%(name)s đang chia sẻ màn hình", { name }),
  }),
  mount: (tools) => new ScreenView(tools),
};

/**
 * Sharp text is worth more than motion: the camera in the hall shows people, this shows papers.
 * Ten frames a second follow a pointer; more than 15 would take bits from the letters.
 */
const WISH = {
  video: {
    frameRate: { ideal: 10, max: 15 },
    width: { max: 1920 },
    height: { max: 1080 },
  },
  // What a machine plays needs no cleaning, and loses by it.
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  // Newer members of DisplayMediaStreamOptions: this page in itself would be a hall of mirrors.
  selfBrowserSurface: "exclude",
  surfaceSwitching: "include",
  systemAudio: "include",
};

/** Whether this browser can share a screen; those of phones cannot. */
export function mayShare() {
  return window.isSecureContext && "getDisplayMedia" in (navigator.mediaDevices ?? {});
}

/** Whose screen is shown, if anybody's. @param {Record<string, Member>} members */
export function sharing(members) {
  return Object.values(members).find((member) => member.screen && isHere(member)) ?? null;
}

/**
 * @typedef {object} ScreenOptions
 * @property {(message: ClientMessage) => boolean} send
 * @property {(source: Source, track: MediaStreamTrack | null) => Promise<void>} publish
 * @property {() => void} onChange of `isOn`
 * @property {(text: string) => void} onNotice
 */

export class ScreenShare {
  /** @type {MediaStream | null} */
  #stream = null;
  #picking = false;
  #options;

  /** @param {ScreenOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** We share ours. */
  get isOn() {
    return this.#stream !== null;
  }

  /** Ask what to share, and share it. To be called from a click. */
  async start() {
    if (this.#stream || this.#picking) return;
    this.#picking = true;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(WISH);
      await this.#share(stream);
    } catch (error) {
      // Who closes the browser's dialog has changed their mind: no words about it.
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      if (!refused) this.#options.onNotice(t("Không chia sẻ được màn hình trên máy này."));
    } finally {
      this.#picking = false;
    }
  }

  /** End it, for us and for the room. */
  async stop() {
    if (!this.#stream) return;
    this.#options.send({ type: "screen", on: false });
    await this.#end();
  }

  /** The secretary ended it. */
  async muted() {
    if (!this.#stream) return;
    await this.#end();
    this.#options.onNotice(t("Thư ký đã dừng chia sẻ màn hình của bạn."));
  }

  /** The room shows another screen: the hub has said so. */
  async refused() {
    await this.#end();
  }

  /** A room that has never heard of it, or has begun anew. */
  repeat() {
    if (this.#stream) this.#options.send({ type: "screen", on: true });
  }

  /** @param {MediaStream} stream */
  async #share(stream) {
    const [picture = null] = stream.getVideoTracks();
    const [sound = null] = stream.getAudioTracks();
    if (!picture) return;
    this.#stream = stream;
    picture.contentHint = "text";
    // The browser's own "stop sharing", or the shared window was closed.
    picture.onended = () => void this.stop();
    this.#options.onChange();
    this.#options.send({ type: "screen", on: true });
    await this.#options.publish("screen", picture);
    if (sound) await this.#options.publish("screen_audio", sound);
  }

  async #end() {
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = null;
    for (const track of stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    this.#options.onChange();
    await this.#options.publish("screen", null);
    await this.#options.publish("screen_audio", null);
  }
}

class ScreenView {
  #tools;
  #share;
  #button = byId("tool-screen", HTMLButtonElement);
  /** @type {Pick<RoomState, "members" | "self">} */
  #seats = { members: {}, self: "" };

  hear = {
    welcome: () => this.#share.repeat(),
    muted: (/** @type {{source: string}} */ { source }) => {
      if (source === "screen") void this.#share.muted();
    },
    problem: (/** @type {{about: string | null}} */ { about }) => {
      if (about === "screen") void this.#share.refused();
    },
  };

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    this.#share = new ScreenShare({
      send: tools.send,
      publish: tools.publish,
      onChange: () => this.#draw(),
      onNotice: (text) => tools.notify({ text }),
    });
    this.#button.hidden = !mayShare();
    this.#button.addEventListener("click", () => {
      void (this.#share.isOn ? this.#share.stop() : this.#share.start());
    });
  }

  /**
   * @param {null} _part
   * @param {RoomState} state
   */
  render(_part, { members, self }) {
    this.#seats = { members, self };
    this.#draw();
  }

  /**
   * @param {Member} member
   * @returns {Act[]}
   */
  acts(member) {
    if (!isHere(member) || !member.screen) return [];
    const { id, name } = member;
    return [
      {
        name: "unshare",
        sign: "monitor-x",
        title: t("Dừng chia sẻ màn hình của %(name)s", { name }),
        run: () => this.#tools.send({ type: "mute", member: id, source: "screen" }),
      },
    ];
  }

  end() {
    void this.#share.stop();
  }

  /** While another screen is shown, ours has to wait. */
  #draw() {
    const { isOn } = this.#share;
    showTool("screen", isOn, isOn ? "monitor-x" : "monitor-up", {
      on: t("Dừng chia sẻ"),
      off: t("Chia sẻ màn hình"),
      key: "",
    });
    const other = isOn ? null : sharing(this.#seats.members);
    const taken = other !== null && other.id !== this.#seats.self;
    this.#button.disabled = taken;
    if (taken) this.#button.title = t("%(name)s đang chia sẻ màn hình", { name: other.name });
  }
}
