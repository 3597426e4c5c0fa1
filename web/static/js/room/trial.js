/** Camera, microphone and speaker are tried before the room opens; nothing is sent anywhere. */

/** @import {Boot} from "./messages.js" */
import { Check } from "./check.js";
import { Devices } from "./devices.js";
import { byId } from "./dom.js";

const boot = /** @type {Pick<Boot, "chair" | "role">} */ (
  JSON.parse(byId("boot", HTMLElement).textContent ?? "{}")
);
// too-old.js has said so already.
if (document.documentElement.dataset.browser !== "old") new Check(boot, new Devices()).start();
