/** The page of one site: its numbers are renewed, as those in the drawer are. */

import { byId } from "../room/dom.js";
import { AGAIN_MS, fetchPart, renew } from "./site-part.js";

const body = byId("site-body", HTMLElement);
const site = body.dataset.site ?? "";

async function again() {
  const found = await fetchPart(site);
  if (found) renew(body, found);
  body.classList.toggle("is-old", !found);
  setTimeout(() => void again(), AGAIN_MS);
}

setTimeout(() => void again(), AGAIN_MS);
