/**
 * The strip above the tiles that says how the link is.
 */

/** @import {Banner} from "./link-state.js" */
import { t } from "../i18n.js";
import { byId, icon, make, setData } from "./dom.js";

/** @type {Record<Exclude<Banner, "none">, {sign: string, text: () => string, action: (() => string) | null}>} */
const BANNERS = {
  reconnecting: {
    sign: "wifi-off",
    text: () => t("Mất kết nối – đang nối lại… Vị trí của bạn trong phòng họp được giữ nguyên."),
    action: null,
  },
  back: { sign: "circle-check", text: () => t("Đã nối lại."), action: null },
  unable: {
    sign: "triangle-alert",
    text: () =>
      t("Đã vào phòng nhưng trình duyệt này không truyền được hình và tiếng. Hãy cập nhật trình duyệt, hoặc mở liên kết bằng Chrome, Edge, Firefox hay Safari mới."),
    action: null,
  },
  blocked: {
    sign: "triangle-alert",
    text: () =>
      t("Đã vào phòng nhưng chưa truyền được hình và tiếng; đang thử lại. Nếu kéo dài, nhờ cán bộ kỹ thuật mở cổng UDP của máy chủ họp trên tường lửa."),
    action: null,
  },
  slow: {
    sign: "triangle-alert",
    text: () =>
      t("Máy tính đang quá tải. Hãy đóng bớt chương trình khác, hoặc tắt hình để giữ tiếng rõ."),
    action: () => t("Chỉ dùng âm thanh"),
  },
  weak: {
    sign: "signal-low",
    text: () => t("Đường truyền yếu. Có thể tắt hình để giữ tiếng rõ."),
    action: () => t("Chỉ dùng âm thanh"),
  },
};

export class BannerView {
  #strip = byId("banner", HTMLElement);
  /** @type {Banner} */
  #shown = "none";
  #onAction;
  #onDismiss;

  /** @param {{onAction: () => void, onDismiss: () => void}} options */
  constructor({ onAction, onDismiss }) {
    this.#onAction = onAction;
    this.#onDismiss = onDismiss;
  }

  /** @param {Banner} banner */
  show(banner) {
    if (banner === this.#shown) return;
    this.#shown = banner;
    this.#strip.hidden = banner === "none";
    setData(this.#strip, "kind", banner);
    if (banner === "none") return;
    const { sign, text, action } = BANNERS[banner];
    this.#strip.replaceChildren(icon(sign), make("p", "banner-text", text()));
    if (!action) return;
    this.#strip.append(
      button("banner-action", action(), this.#onAction),
      button("banner-dismiss", t("Để sau"), this.#onDismiss),
    );
  }
}

/**
 * @param {string} className
 * @param {string} label
 * @param {() => void} onClick
 */
function button(className, label, onClick) {
  const made = make("button", className, label);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}
