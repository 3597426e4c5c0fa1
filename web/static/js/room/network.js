/**
 * By which ways a connection may reach the hub. Pure.
 */

/** @import {Relays} from "./messages.js" */

/**
 * @param {Relays["relays"]} relays
 * @param {string} query of the page; `relay=only` tries the relays alone, as a technician does
 * @returns {RTCConfiguration}
 */
export function networkOf(relays, query) {
  const isRelayOnly = new URLSearchParams(query).get("relay") === "only";
  return {
    bundlePolicy: "max-bundle",
    iceServers: relays.map((relay) => ({ ...relay })),
    iceTransportPolicy: isRelayOnly ? "relay" : "all",
  };
}
