/**
 * The list of everybody invited: who is here, who asks to speak, who is heard; and what a
 * secretary may do about it.
 */

/** @import {ClientMessage, Member} from "./messages.js" */
/** @import {RoomState} from "./state.js" */
import { t } from "../i18n.js";
import { icon, make, setData } from "./dom.js";
import { shortNames } from "./names.js";
import { floorQueue, isHere, ordered } from "./state.js";

/** @typedef {{title: () => string, members: Member[]}} Group */
/**
 * @typedef {object} RosterOrders
 * @property {(message: ClientMessage) => void} send
 * @property {(member: Member) => void} sendOut asks for the reason first
 */

/**
 * Floor queue first, then who is here, then who has not come. Pure.
 *
 * @param {RoomState} state
 * @returns {{hands: Member[], here: Member[], away: Member[]}}
 */
export function groups(state) {
  const everybody = ordered(state.members);
  return {
    hands: floorQueue(state.members),
    here: everybody.filter((member) => isHere(member) && member.hand_at === null),
    away: everybody.filter((member) => !isHere(member)),
  };
}

/**
 * How many invited sites are here, of how many. Officers' consoles are not sites.
 *
 * @param {RoomState} state
 */
export function attendance(state) {
  const sites = Object.values(state.members).filter((member) => member.role === "site");
  return { here: sites.filter(isHere).length, invited: sites.length };
}

export class Roster {
  #list;
  #orders;
  #drawn = "";
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  /** @type {Map<string, string>} */
  #names = new Map();

  /**
   * @param {HTMLElement} list
   * @param {RosterOrders} orders
   */
  constructor(list, orders) {
    this.#list = list;
    this.#orders = orders;
  }

  /** @param {RoomState} state */
  render(state) {
    const { hands, here, away } = groups(state);
    const seen = JSON.stringify([hands, here, away, state.mayDrive, state.room, state.contacts]);
    if (seen !== this.#drawn) {
      this.#drawn = seen;
      this.#redraw(state, [
        { title: () => t("Xin phát biểu (%(count)s)", { count: hands.length }), members: hands },
        { title: () => t("Đang dự họp (%(count)s)", { count: here.length }), members: here },
        { title: () => t("Chưa vào (%(count)s)", { count: away.length }), members: away },
      ]);
    }
    for (const [id, row] of this.#rows) {
      const member = state.members[id];
      setData(row, "speaking", String(Boolean(member?.microphone) && state.speaking.includes(id)));
    }
  }

  /**
   * @param {RoomState} state
   * @param {Group[]} sections
   */
  #redraw(state, sections) {
    this.#names = shortNames(state.members);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.action ?? "";
    this.#rows.clear();
    const shown = sections.filter((section) => section.members.length);
    this.#list.replaceChildren(...shown.map((section) => this.#section(state, section)));
    // A redraw must not throw the keyboard out of the list.
    if (focused) {
      const again = [...this.#list.querySelectorAll("button")];
      again.find((button) => button.dataset.action === focused)?.focus();
    }
  }

  /**
   * @param {RoomState} state
   * @param {Group} section
   */
  #section(state, section) {
    const heading = make("h3", "roster-heading", section.title());
    const rows = section.members.map((member) => this.#row(state, member));
    return make("section", "roster-section", heading, make("ul", "roster-rows", ...rows));
  }

  /**
   * @param {RoomState} state
   * @param {Member} member
   */
  #row(state, member) {
    const short = this.#names.get(member.id) ?? member.name;
    const own = member.id === state.self;
    const name = make("span", "roster-name", own ? t("%(name)s (bạn)", { name: short }) : short);
    name.title = member.name;
    const about = make("span", "roster-about", aboutOf(member));
    const text = make("div", "roster-text", name, about);
    const phones = isHere(member) ? [] : this.#phones(state, member);
    if (phones.length) text.append(make("div", "roster-phones", ...phones));
    const signs = make("span", "roster-signs", ...signsOf(member, state.mayDrive));
    if (isHere(member)) {
      signs.setAttribute("role", "img");
      signs.setAttribute("aria-label", signWords(member));
    }
    const actions = make("span", "roster-actions", ...this.#actions(state, member));
    const place = floorQueue(state.members).findIndex(({ id }) => id === member.id) + 1;
    const mark = place ? make("span", "roster-place", String(place)) : make("span", "roster-dot");
    const row = make("li", "roster-row", mark, text, signs, actions);
    row.dataset.member = member.id;
    row.dataset.presence = member.presence;
    row.dataset.hand = String(place > 0 && state.mayDrive);
    this.#rows.set(member.id, row);
    return row;
  }

  /**
   * @param {RoomState} state
   * @param {Member} member
   * @returns {HTMLElement[]}
   */
  #actions(state, member) {
    if (!state.mayDrive) return [];
    const { name } = member;
    const made = [];
    if (member.sent_out) {
      made.push(
        this.#button("let-in", member, "log-in", t("Cho %(name)s vào lại", { name }), {
          type: "let_in",
          member: member.id,
        }),
      );
    }
    if (!isHere(member)) return made;
    if (member.hand_at !== null) {
      made.push(
        this.#inviting(member),
        this.#button("lower", member, "hand", t("Hạ tay %(name)s", { name }), {
          type: "lower_hand",
          member: member.id,
        }),
      );
    }
    if (member.microphone) {
      made.push(
        this.#button("mute", member, "mic", t("Tắt micrô của %(name)s", { name }), {
          type: "mute",
          member: member.id,
          source: "microphone",
        }),
      );
    }
    if (member.screen) {
      made.push(
        this.#button("unshare", member, "monitor-x", t("Dừng chia sẻ màn hình của %(name)s", { name }), {
          type: "mute",
          member: member.id,
          source: "screen",
        }),
      );
    }
    if (member.device && !member.microphone) {
      made.push(
        this.#button("unmute", member, "mic-off", t("Bật lại micrô của %(name)s", { name }), {
          type: "unmute",
          member: member.id,
          source: "microphone",
        }),
      );
    }
    if (state.room?.layout.focus !== member.id) {
      made.push(
        this.#button("focus", member, "maximize", t("Mọi người cùng xem %(name)s", { name }), {
          type: "layout",
          mode: "single",
          focus: member.id,
        }),
      );
    }
    if (member.role === "site" && !member.chair) made.push(this.#sendingOut(member));
    return made;
  }

  /** The one act of the queue has its words beside it. @param {Member} member */
  #inviting(member) {
    const { id, name } = member;
    const title = t("Mời phát biểu: %(name)s", { name });
    const button = this.#button("invite", member, "mic", title, { type: "invite", member: id });
    button.classList.add("roster-invite");
    button.replaceChildren(t("Mời phát biểu"));
    return button;
  }

  /** @param {Member} member */
  #sendingOut(member) {
    const title = t("Mời %(name)s ra khỏi phòng họp", { name: member.name });
    return this.#acting("send-out", member, "user-x", title, () => this.#orders.sendOut(member));
  }

  /**
   * Whom to call: of those who drive only, the others are told no numbers.
   *
   * @param {RoomState} state
   * @param {Member} member
   */
  #phones(state, member) {
    return (state.contacts[member.id] ?? []).map(({ name, number }) => {
      const link = make("a", "roster-phone", icon("phone"), name ? `${name} ${number}` : number);
      link.href = `tel:${number.replace(/[^+\d]/g, "")}`;
      return link;
    });
  }

  /**
   * @param {string} action
   * @param {Member} member
   * @param {string} sign
   * @param {string} title
   * @param {ClientMessage} message
   */
  #button(action, member, sign, title, message) {
    return this.#acting(action, member, sign, title, () => this.#orders.send(message));
  }

  /**
   * @param {string} action
   * @param {Member} member
   * @param {string} sign
   * @param {string} title
   * @param {() => void} act
   */
  #acting(action, member, sign, title, act) {
    const button = make("button", "roster-button", icon(sign));
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    button.dataset.action = `${action} ${member.id}`;
    button.addEventListener("click", act);
    return button;
  }
}

/** @param {Member} member */
export function aboutOf(member) {
  if (member.role === "secretary") return t("Thư ký · %(unit)s", { unit: member.unit });
  if (member.role === "technician") return t("Kỹ thuật · %(unit)s", { unit: member.unit });
  const parts = [
    member.chair ? t("Chủ trì") : "",
    member.level,
    presenceWord(member),
    member.device ? t("thiết bị WHIP") : "",
    member.players ? t("%(count)s thiết bị thu", { count: member.players }) : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** @param {Member} member */
function presenceWord(member) {
  if (member.presence === "reconnecting") return t("đang nối lại");
  if (member.sent_out) return t("đã được mời ra");
  return member.presence === "left" ? t("đã rời họp") : "";
}

/**
 * @param {Member} member
 * @param {boolean} mayDrive
 */
function signsOf(member, mayDrive) {
  if (!isHere(member)) return [];
  const microphone = icon(member.microphone ? "mic" : "mic-off");
  microphone.classList.toggle("sign-on", member.microphone);
  // The secretary's button shows it already.
  if (mayDrive && (member.microphone || member.device)) microphone.style.display = "none";
  const camera = icon(member.camera ? "video" : "video-off");
  camera.classList.toggle("sign-on", member.camera);
  if (!member.screen || mayDrive) return [microphone, camera];
  const screen = icon("monitor-up");
  screen.classList.add("sign-on");
  return [microphone, camera, screen];
}

/**
 * What the signs show, for those who cannot see them.
 *
 * @param {Member} member
 */
function signWords(member) {
  return [
    member.microphone ? t("Micrô đang bật") : t("Micrô đang tắt"),
    member.camera ? t("Camera đang bật") : t("Camera đang tắt"),
    ...(member.screen ? [t("Đang chia sẻ màn hình")] : []),
  ].join(", ");
}
