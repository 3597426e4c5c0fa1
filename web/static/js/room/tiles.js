/**
 * The stage: one element per tile, kept by member and source, moved and filled as the room goes.
 */

/** @import {Arrangement, Placed} from "./layout.js" */
/** @import {Member} from "./messages.js" */
/** @import {RoomState} from "./state.js" */
import { t } from "../i18n.js";
import { icon, initials, make, setData, setText, swapIcon } from "./dom.js";
import { shortNames } from "./names.js";
import { slotOf } from "./state.js";

/**
 * @typedef {object} TileParts
 * @property {HTMLElement} root
 * @property {HTMLVideoElement} video
 * @property {HTMLElement} face
 * @property {HTMLElement} name
 * @property {HTMLElement} level
 * @property {HTMLElement} microphone
 * @property {HTMLElement} note
 * @property {string} box last geometry, to skip what did not change
 */

export class Stage {
  #holder;
  /** @type {Map<string, TileParts>} */
  #tiles = new Map();

  /** @param {HTMLElement} holder positioned element that the tiles fill */
  constructor(holder) {
    this.#holder = holder;
  }

  /**
   * @param {RoomState} state
   * @param {Arrangement} arrangement
   * @param {Map<string, MediaStreamTrack>} tracks of the receiving connection, by mid
   * @param {MediaStreamTrack | null} ownCamera
   */
  render(state, arrangement, tracks, ownCamera) {
    const wanted = new Set(arrangement.tiles.map(keyOf));
    const names = shortNames(state.members);
    for (const [key, tile] of this.#tiles) {
      if (wanted.has(key)) continue;
      tile.video.srcObject = null;
      tile.root.remove();
      this.#tiles.delete(key);
    }
    for (const placed of arrangement.tiles) {
      const member = state.members[placed.member];
      if (!member) continue;
      const tile = this.#tiles.get(keyOf(placed)) ?? this.#add(placed);
      putAt(tile, placed);
      describe(tile, state, member, placed, names.get(member.id) ?? member.name);
      if (member.id === state.self && placed.source === "camera") {
        showTrack(tile, ownCamera, "own");
      } else {
        const mid = slotOf(state.slots, placed.member, placed.source);
        const visible = member[placed.source] && !state.audioOnly;
        showTrack(tile, (visible && mid && tracks.get(mid)) || null, mid ?? "");
      }
    }
  }

  /** @param {Placed} placed */
  #add(placed) {
    const tile = newTile(placed);
    this.#tiles.set(keyOf(placed), tile);
    this.#holder.append(tile.root);
    return tile;
  }
}

/** @param {Placed} placed */
const keyOf = (placed) => `${placed.member} ${placed.source}`;

/** @param {Placed} placed @returns {TileParts} */
function newTile(placed) {
  const video = make("video", "tile-video");
  video.muted = true; // sound comes from the audio lines
  video.playsInline = true;
  video.autoplay = true;
  video.disablePictureInPicture = true;
  const face = make("div", "tile-face");
  face.setAttribute("aria-hidden", "true");
  const name = make("span", "tile-name");
  const level = make("span", "tile-level");
  const microphone = make("span", "tile-mic", icon("mic-off"));
  const note = make("p", "tile-note");
  const hand = make("span", "tile-hand", icon("hand"));
  hand.title = t("Đang xin phát biểu");
  const label = make("footer", "tile-label", microphone, name, level);
  const root = make("article", "tile", face, video, note, hand, label);
  root.dataset.member = placed.member;
  root.dataset.source = placed.source;
  root.dataset.video = "none";
  return { root, video, face, name, level, microphone, note, box: "" };
}

/**
 * @param {TileParts} tile
 * @param {Placed} placed
 */
function putAt(tile, placed) {
  const { x, y, width, height, part } = placed;
  const box = `${x},${y},${width},${height}`;
  if (tile.box === box && tile.root.dataset.part === part) return;
  tile.box = box;
  const style = tile.root.style;
  style.left = `${x}px`;
  style.top = `${y}px`;
  style.width = `${width}px`;
  style.height = `${height}px`;
  tile.root.dataset.part = part;
  tile.root.classList.toggle("tile-tiny", width < 170);
}

/**
 * @param {TileParts} tile
 * @param {RoomState} state
 * @param {Member} member
 * @param {Placed} placed
 * @param {string} short
 */
function describe(tile, state, member, placed, short) {
  const own = member.id === state.self;
  const { root } = tile;
  // The large picture has room for the full name.
  const large = placed.part === "main";
  const isScreen = placed.source === "screen";
  const name = large && own ? t("%(name)s (bạn)", { name: member.name }) : member.name;
  // Over a page of text no word may be longer than it must be.
  if (isScreen) setText(tile.name, t("Màn hình của %(place)s", { place: short }));
  else setText(tile.name, large ? name : short);
  const about = [member.name, member.unit, member.device ? t("thiết bị WHIP") : ""];
  tile.name.title = about.filter(Boolean).join(" · ");
  setText(tile.level, own && !large ? t("Bạn") : levelOf(member, placed));
  tile.level.hidden = isScreen;
  setText(tile.face, initials(member.unit || member.name));
  const microphone = !isScreen && (own ? state.microphone : member.microphone);
  setData(tile.microphone, "on", String(microphone));
  swapIcon(tile.microphone, microphone ? "mic" : "mic-off");
  tile.microphone.title = microphone ? t("Micrô đang bật") : t("Micrô đang tắt");
  setData(root, "self", String(own));
  setData(root, "presence", member.presence);
  setData(root, "chair", String(member.chair));
  setData(root, "hand", String(!isScreen && member.hand_at !== null));
  setData(root, "speaking", String(microphone && state.speaking.includes(member.id)));
  const waiting = member.presence === "reconnecting" ? t("Đang nối lại…") : "";
  setText(tile.note, waiting);
  root.setAttribute("aria-label", labelOf(member, placed));
}

/**
 * @param {Member} member
 * @param {Placed} placed
 */
function levelOf({ chair, level }, { part }) {
  if (!chair) return level;
  return part === "main" ? t("Chủ trì · %(level)s", { level }) : t("Chủ trì");
}

/**
 * @param {Member} member
 * @param {Placed} placed
 */
function labelOf(member, placed) {
  const place = `${member.name}, ${member.level}`;
  return placed.source === "screen" ? t("Màn hình của %(place)s", { place }) : place;
}

/**
 * @param {TileParts} tile
 * @param {MediaStreamTrack | null} track
 * @param {string} slot mid of the line, "own", or "" for none
 */
function showTrack(tile, track, slot) {
  const { video, root } = tile;
  const current = /** @type {MediaStream | null} */ (video.srcObject)?.getTracks()[0] ?? null;
  setData(root, "slot", slot);
  if (slot && slot !== "own") setData(video, "mid", slot);
  else delete video.dataset.mid;
  if (current === track) return;
  if (!track) {
    video.srcObject = null;
    root.dataset.video = "none";
    return;
  }
  root.dataset.video = "waiting";
  video.srcObject = new MediaStream([track]);
  video.play().catch(() => undefined); // another track came: its own play() follows
  whenPainted(video, () => {
    if (video.srcObject && root.dataset.video === "waiting") root.dataset.video = "playing";
  });
}

/**
 * Until the first frame of the new source the placeholder stays: never one site's picture under
 * another's name.
 *
 * @param {HTMLVideoElement} video
 * @param {() => void} then
 */
function whenPainted(video, then) {
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(then);
  else /** @type {HTMLVideoElement} */ (video).addEventListener("playing", then, { once: true });
}
