/**
 * The planned end comes and passes: everybody is told how long is left and that nobody is sent out;
 * who drives may put the end off right there, or at any time by the button beside the clock.
 */

/** @import {PageFeature, Tools} from "../features.js" */
/** @import {RoomState} from "../state.js" */
import { t, tn } from "../../i18n.js";
import { byId, icon, make, setText } from "../dom.js";

/** As a press in the room may add (confhub/meetings/overtime.py). */
const STEPS_MIN = [15, 30];
/** In a hall nobody sits at the screen to wave it away: long enough to be read out twice. */
const PASSES_MS = 60_000;
/** Minutes are shown. */
const COUNT_MS = 5_000;

/** @typedef {"none" | "soon" | "over" | "unattended"} TimeStage */
/** @typedef {{stage: TimeStage, at: number, left_s: number}} TimeLeft as the hub told it last */

/** @type {PageFeature<TimeLeft>} */
export const overtime = {
  name: "overtime",
  initial: { stage: "none", at: 0, left_s: 0 },
  heard: {
    // Who comes in is told after its welcome; what a hub of before the cut said is over.
    welcome: () => ({ ...overtime.initial }),
    time_left: (_, { stage, at, left_s }) => ({ stage, at, left_s }),
  },
  mount: (tools) => new OvertimeView(tools),
};

/**
 * What is said to who drives, and to everybody else. Pure.
 *
 * @param {TimeStage} stage
 * @param {number} left_s seconds until it is time; less than 0: since
 * @param {string} time when that is, as people read it
 * @param {boolean} drives
 */
export function words(stage, left_s, time, drives) {
  if (stage === "unattended") {
    // The job that ends it looks every few minutes (confhub/jobs/overruns.py).
    if (left_s <= 0) return t("Không còn điểm cầu nào trong phòng họp. Cuộc họp tự kết thúc trong ít phút nữa.");
    const minutes = Math.ceil(left_s / 60);
    return tn("Không còn điểm cầu nào trong phòng họp. Cuộc họp tự kết thúc sau %(num)s phút.", minutes);
  }
  return `${endWords(stage, left_s, time)} ${drives ? adviceWords(stage) : goesOnWords()}`;
}

/**
 * @param {TimeStage} stage
 * @param {number} left_s
 * @param {string} time
 */
function endWords(stage, left_s, time) {
  if (stage === "soon") {
    const minutes = Math.max(1, Math.ceil(left_s / 60));
    return tn("Còn %(num)s phút đến giờ kết thúc (%(time)s).", minutes, { time });
  }
  const past = Math.floor(-left_s / 60);
  return past < 1
    ? t("Đã đến giờ kết thúc (%(time)s).", { time })
    : tn("Đã quá giờ kết thúc (%(time)s) %(num)s phút.", past, { time });
}

/** @param {TimeStage} stage */
function adviceWords(stage) {
  return stage === "soon"
    ? t("Cần thêm giờ thì kéo dài cuộc họp.")
    : t("Không điểm cầu nào bị ngắt: hãy kéo dài hoặc kết thúc cuộc họp.");
}

function goesOnWords() {
  return t("Không điểm cầu nào bị ngắt: cuộc họp tiếp tục đến khi thư ký kết thúc.");
}

/** The button in the room's head, and its dialog. */
class Extending {
  #tools;
  #button = byId("tool-extend", HTMLButtonElement);
  #box = byId("extend-dialog", HTMLDialogElement);
  #endsAt = 0;

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    this.#button.addEventListener("click", () => this.#ask());
    for (const choice of this.#box.querySelectorAll("button")) {
      const minutes = Number(choice.dataset.minutes);
      if (minutes) choice.addEventListener("click", () => this.#extend(minutes));
    }
  }

  /** @param {RoomState} state */
  render({ mayDrive, room }) {
    this.#button.hidden = !mayDrive;
    this.#endsAt = room?.ends_at ?? 0;
  }

  /** Beside each step stands the end it leads to. */
  #ask() {
    if (!this.#endsAt) return;
    const from = Math.max(this.#endsAt, Math.floor(Date.now() / 60_000) * 60);
    for (const until of this.#box.querySelectorAll("small")) {
      const minutes = Number(until.dataset.until);
      setText(until, t("đến %(time)s", { time: this.#tools.time(from + minutes * 60) }));
    }
    this.#box.showModal();
  }

  /** @param {number} minutes */
  #extend(minutes) {
    this.#box.close();
    this.#tools.extend(minutes);
  }
}

class OvertimeView {
  #tools;
  #extending;
  /** @type {TimeLeft} */
  #told = overtime.initial;
  #drives = false;
  /** What was waved away: after a cut the hub says it again. */
  #read = "";
  /** When it is time, in ms of the page's own steady clock. */
  #until = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #counting;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #passing;
  #strip = make("section", "time-strip");
  #text = make("p", "time-strip-text");
  #steps = STEPS_MIN.map((minutes) => this.#step(minutes));

  /** @param {Tools} tools */
  constructor(tools) {
    this.#tools = tools;
    this.#extending = new Extending(tools);
    tools.style("overtime");
    const read = make("button", "banner-dismiss", t("Đã biết"));
    read.type = "button";
    read.addEventListener("click", () => this.#wave());
    this.#strip.hidden = true;
    this.#strip.setAttribute("aria-label", t("Giờ kết thúc"));
    this.#text.setAttribute("role", "status");
    this.#strip.append(icon("clock"), this.#text, make("div", "time-strip-answers", ...this.#steps, read));
    tools.addStrip(this.#strip);
  }

  /**
   * @param {TimeLeft} told
   * @param {RoomState} state
   */
  render(told, state) {
    const { mayDrive } = state;
    this.#extending.render(state);
    if (told === this.#told && mayDrive === this.#drives) return;
    if (told !== this.#told) this.#until = performance.now() + told.left_s * 1000;
    this.#told = told;
    this.#drives = mayDrive;
    for (const step of this.#steps) step.hidden = !mayDrive;
    clearInterval(this.#counting);
    clearTimeout(this.#passing);
    this.#strip.hidden = told.stage === "none" || keyOf(told) === this.#read;
    if (this.#strip.hidden) return;
    this.#count();
    this.#counting = setInterval(() => this.#count(), COUNT_MS);
    if (!mayDrive) this.#passing = setTimeout(() => this.#wave(), PASSES_MS);
  }

  #count() {
    const left_s = (this.#until - performance.now()) / 1000;
    const time = this.#tools.time(this.#told.at);
    setText(this.#text, words(this.#told.stage, left_s, time, this.#drives));
  }

  #wave() {
    this.#read = keyOf(this.#told);
    this.#strip.hidden = true;
    clearInterval(this.#counting);
    clearTimeout(this.#passing);
  }

  /** @param {number} minutes */
  #step(minutes) {
    const button = make("button", "banner-action", t("+%(minutes)s phút", { minutes }));
    button.type = "button";
    // Once it is done the hub tells everybody of the new end, and takes this back.
    button.addEventListener("click", () => this.#tools.extend(minutes));
    return button;
  }
}

/** @param {TimeLeft} told */
const keyOf = ({ stage, at }) => `${stage} ${at}`;
