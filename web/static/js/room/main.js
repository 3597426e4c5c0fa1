/**
 * The meeting page: device check, then the room, then goodbye.
 *
 * For tests and for a technician at the console: `document.documentElement.dataset.roomState` is
 * checking, joining, live, reconnecting or closed; tiles carry data-member, data-slot and
 * data-video; `window.confhubRoom` gives the two peer connections and the state, to be read.
 */

/** @import {Boot, CloseReason} from "./messages.js" */
/** @import {LinkEvent} from "./link-state.js" */
import { postJson } from "../http.js";
import { t } from "../i18n.js";
import { Announcer, changes, moved, spanOf, timeIn } from "./announce.js";
import { BannerView } from "./banner.js";
import { chairGoneWords, newChairWatch, watchChair } from "./chair-watch.js";
import { Check } from "./check.js";
import { Controls } from "./controls.js";
import { Devices } from "./devices.js";
import { byId, setData, setText } from "./dom.js";
import { FeatureViews } from "./feature-views.js";
import { showGoodbye } from "./goodbye.js";
import { Keys } from "./keys.js";
import { arrange } from "./layout.js";
import { bannerOf, newLink, reduceLink } from "./link-state.js";
import { attendance, isHere, ordered } from "./members.js";
import { NoticeBoard } from "./notice-board.js";
import { Pickers } from "./pickers.js";
import { Roster } from "./roster.js";
import { Session } from "./session.js";
import { Sound } from "./sound.js";
import { pickSpeaker } from "./speaking.js";
import { emptyRoom, reduceRoom } from "./state.js";
import { arrivalType, recallStay, rememberStay, tabMemory } from "./stay.js";
import { createStore } from "./store.js";
import { Stage } from "./tiles.js";
import { viewOf } from "./view.js";
import { keepAwake } from "./wake.js";
import { showWhereabouts } from "./whereabouts.js";

/** Longer than a look at another tab, shorter than forgetting this one. */
const HIDDEN_AFTER_MS = 10_000;

const root = document.documentElement;
const boot = /** @type {Boot} */ (JSON.parse(byId("boot", HTMLElement).textContent ?? "{}"));

class RoomPage {
  #devices = new Devices();
  #room = createStore(reduceRoom, emptyRoom());
  #link = newLink();
  #sound = new Sound(byId("sound", HTMLElement));
  #stage = new Stage(byId("stage", HTMLElement));
  #announcer = new Announcer(byId("announcer", HTMLElement));
  #notices = new NoticeBoard();
  #banner;
  #features;
  #controls;
  #roster;
  #pickers;
  #session;
  /** @type {string | null} */
  #speaker = null;
  #chair = newChairWatch();
  /** As the observer told it: measuring at every drawing would lay the page out anew each time. */
  #stageSize = { width: 0, height: 0 };
  #hidden = document.hidden;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #hiding;

  constructor() {
    const session = new Session({
      boot,
      devices: this.#devices,
      room: this.#room,
      onLink: (event) => this.#linkChanged(event),
      onTracks: () => this.#tracksChanged(),
      onNotice: (notice) => this.#notices.add(notice),
      onSettled: (topic) => this.#notices.settle(topic),
      onPick: () => this.#controls.showDevices(),
      onHeard: (message) => this.#features.hear(message),
      onEnd: () => this.#features.end(),
    });
    this.#session = session;
    this.#banner = new BannerView({
      onAction: () => {
        this.#linkChanged({ type: "dismiss" });
        void session.setAudioOnly(true);
      },
      onDismiss: () => this.#linkChanged({ type: "dismiss" }),
    });
    const keys = new Keys(() => this.#isLive());
    // Before the controls, which bind all dialogs.
    this.#features = new FeatureViews({
      meeting: boot.meeting_id,
      send: (/** @type {any} */ message) => session.send(message),
      time: timeIn(boot),
      extend: (minutes) => void this.#extend(minutes),
      notify: (notice) => this.#notices.add(notice),
      settle: (topic) => this.#notices.settle(topic),
      switchTo: (source, on) => void session.switchTo(source, on),
      expectVoice: () => session.expectVoice(),
      publish: (source, track) => session.publisher.setTrack(source, track),
      back: () => this.#comeBack(),
      addKey: (code, act) => keys.add(code, act),
    });
    this.#controls = new Controls(keys, {
      microphone: (on) => void session.setMicrophone(on),
      camera: (on) => void this.#setCamera(on),
      audioOnly: (on) => void session.setAudioOnly(on),
      people: () => this.#draw(),
      devices: () => void this.#pickers.refresh(),
      leave: () => this.#leave(),
      turn: (step) => this.#turn(step),
    });
    this.#roster = new Roster(byId("roster", HTMLElement), (member, state) =>
      this.#features.acts(member, state),
    );
    this.#pickers = new Pickers("room", this.#devices, (source) => {
      if (source === "speaker") void this.#sound.setSpeaker(this.#devices.choice.speaker);
      else void session.changeDevice(source).then(() => this.#draw());
    });
    this.#sound.onBlocked = (blocked) => this.#soundBlocked(blocked);
    this.#room.listen((state, before) => {
      this.#draw();
      this.#announcer.say(changes(before, state));
      const news = moved(before, state, boot);
      const answers = [{ label: t("Đã biết"), run: () => undefined }];
      if (news) this.#notices.add({ text: news, topic: "time", answers });
      this.#watchChair();
    });
    new ResizeObserver(([entry]) => {
      if (entry) this.#stageSize = entry.contentRect;
      this.#draw();
    }).observe(byId("stage", HTMLElement));
    document.addEventListener("visibilitychange", () => this.#visibilityChanged());
    window.addEventListener("pagehide", () => this.#rememberStay());
    // Out of the browser's cache of pages comes a picture of a room that we left.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
    Object.defineProperty(window, "confhubRoom", { value: this.#handle() });
  }

  async run() {
    root.dataset.roomState = "checking";
    const stay = recallStay(tabMemory(), boot.meeting_id, Date.now(), arrivalType());
    const wish = stay ? await this.#wishAfter(stay) : await new Check(boot, this.#devices).run();
    root.dataset.roomState = "joining";
    byId("check", HTMLElement).hidden = true;
    byId("room", HTMLElement).hidden = false;
    // The button that had the focus is gone: a screen reader goes on from the meeting's name.
    byId("room-title", HTMLElement).focus();
    keepAwake();
    await this.#sound.setSpeaker(this.#devices.choice.speaker);
    await this.#session.join(wish);
    setInterval(() => {
      this.#linkChanged({ type: "tick" });
      this.#watchChair();
    }, 1000);
    if (stay?.microphone && !wish.microphone) {
      this.#notices.add({ text: t("Trang vừa tải lại, micrô đang tắt. Bấm “Bật micrô” khi cần nói.") });
    }
  }

  /**
   * Who comes back from a reload speaks again only after a click, save for the chair.
   *
   * @param {import("./stay.js").Stay} stay
   */
  async #wishAfter(stay) {
    await this.#devices.open("microphone");
    const microphone = boot.chair && stay.microphone && this.#devices.tracks.microphone !== null;
    return { ...stay, microphone };
  }

  #rememberStay() {
    if (this.#isLive()) this.#keepStay();
  }

  /** We are in the room, or coming back to it. */
  #isLive() {
    const { welcomed, closed } = this.#room.get();
    return welcomed && !closed;
  }

  /** @param {number} step pages of tiles */
  #turn(step) {
    this.#room.dispatch({ type: "local.page", page: this.#room.get().page + step });
  }

  #keepStay() {
    const { microphone, camera, audioOnly } = this.#room.get();
    const stay = { microphone, camera, audioOnly };
    rememberStay(tabMemory(), boot.meeting_id, stay, Date.now());
  }

  /** Into the room again, past the device check that was passed before. */
  #comeBack() {
    this.#keepStay();
    location.reload();
  }

  #watchChair() {
    const { watch, news } = watchChair(this.#chair, this.#room.get(), performance.now());
    this.#chair = watch;
    if (news === "gone") {
      const answers = [{ label: t("Đã biết"), run: () => undefined }];
      this.#notices.add({ text: chairGoneWords(this.#room.get()), topic: "chair", answers });
    } else if (news === "back") {
      this.#notices.settle("chair");
      this.#notices.add({ text: t("Điểm cầu chủ trì đã vào lại.") });
    }
  }

  /** A tab that nobody sees needs no pictures; a glance at another one is not worth a key frame. */
  #visibilityChanged() {
    clearTimeout(this.#hiding);
    if (document.hidden) {
      this.#hiding = setTimeout(() => {
        this.#hidden = true;
        this.#draw();
      }, HIDDEN_AFTER_MS);
    } else if (this.#hidden) {
      this.#hidden = false;
      this.#draw();
    }
  }

  #draw() {
    const state = this.#room.get();
    this.#drawPhase();
    this.#features.render(state);
    if (!state.welcomed || state.closed || !this.#stageSize.width) return;
    this.#speaker = pickSpeaker(state, this.#speaker);
    const arrangement = this.#arrange();
    const { receiver, view } = this.#session;
    const ownCamera = state.camera ? this.#devices.tracks.camera : null;
    this.#stage.render(state, arrangement, receiver.tracks, ownCamera);
    view.want(this.#hidden ? [] : viewOf(state, arrangement.tiles, window.devicePixelRatio));
    this.#controls.render(state, arrangement);
    if (!byId("panel", HTMLElement).hidden) this.#roster.render(state);
    showWhereabouts(state);
    const { here, invited } = attendance(state);
    setText(byId("people-count", HTMLElement), `${here}/${invited}`);
    setText(byId("room-title", HTMLElement), state.room?.title ?? boot.title);
    if (state.room) setText(byId("room-time", HTMLElement), spanOf(state.room, boot));
    const alone = Object.values(state.members).filter(isHere).length < 2;
    byId("alone", HTMLElement).hidden = !alone;
    setData(byId("alone", HTMLElement), "empty", String(!arrangement.tiles.length));
  }

  #arrange() {
    const state = this.#room.get();
    const { width, height } = this.#stageSize;
    const self = state.members[state.self];
    const others = ordered(state.members).filter(
      // Officers sit beside a site's camera: they have a tile only when they show themselves.
      (member) => member.id !== state.self && isHere(member) && (member.role === "site" || member.camera),
    );
    const layout = state.room?.layout;
    return arrange({
      mode: layout?.mode ?? "lecture",
      focus: layout?.focus ?? null,
      chair: state.room?.chair ?? null,
      speaker: this.#speaker,
      self: state.self,
      selfShown: self?.role === "site" || state.camera,
      members: others.map((member) => member.id),
      screens: others.filter((member) => member.screen).map((member) => member.id),
      width,
      height,
      page: state.page,
    });
  }

  #drawPhase() {
    const state = this.#room.get();
    if (state.closed) this.#showClosed(state.closed.reason, state.closed.message);
    else if (state.welcomed) root.dataset.roomState = this.#link.lost ? "reconnecting" : "live";
  }

  /** @param {LinkEvent} event */
  #linkChanged(event) {
    const now = performance.now();
    this.#link = reduceLink(this.#link, event, now);
    const banner = bannerOf(this.#link, now);
    // Who already gave the picture up needs no advice to do so.
    const advised = banner === "weak" || banner === "slow";
    this.#banner.show(advised && this.#room.get().audioOnly ? "none" : banner);
    this.#drawPhase();
  }

  #tracksChanged() {
    this.#sound.play(this.#session.receiver.tracks);
    this.#draw();
  }

  /** @param {boolean} blocked */
  #soundBlocked(blocked) {
    if (!blocked) return this.#notices.settle("sound");
    this.#notices.add({
      text: t("Trình duyệt đang chặn tiếng của cuộc họp."),
      topic: "sound",
      // The click itself is what the browser waits for: should it refuse again, it is asked again.
      answers: [{ label: t("Bật âm thanh"), run: () => this.#sound.unblock() }],
    });
  }

  /** @param {boolean} on */
  async #setCamera(on) {
    if (on) this.#room.dispatch({ type: "local.audio_only", on: false });
    await this.#session.setCamera(on);
    this.#draw();
  }

  #leave() {
    this.#session.leave();
    this.#room.dispatch({
      type: "closed",
      reason: "left",
      message: t("Bạn đã rời cuộc họp."),
      retry: false,
    });
  }

  /**
   * @param {CloseReason} reason
   * @param {string} message
   */
  #showClosed(reason, message) {
    if (root.dataset.roomState === "closed") return;
    root.dataset.roomState = "closed";
    this.#sound.play(new Map());
    showGoodbye(reason, message, () => this.#comeBack());
  }

  /** @param {number} minutes */
  async #extend(minutes) {
    try {
      // Pressed again where no answer came, it is the same step from the same end.
      const seen = { minutes, ends_at: this.#room.get().room?.ends_at };
      await postJson(`/api/meetings/${encodeURIComponent(boot.meeting_id)}/extend`, seen);
    } catch (error) {
      // Who is told of the new end is told by the hub, like everybody.
      this.#notices.add({ text: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Read-only: getStats() of both connections, and what the page believes. */
  #handle() {
    const session = this.#session;
    const room = this.#room;
    const link = () => this.#link;
    return Object.freeze({
      get send() {
        return session.publisher.pc;
      },
      get receive() {
        return session.receiver.pc;
      },
      get state() {
        return room.get();
      },
      get link() {
        return link();
      },
    });
  }
}

// too-old.js has said so already.
if (root.dataset.browser !== "old") void new RoomPage().run();
