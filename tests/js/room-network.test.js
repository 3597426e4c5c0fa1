import assert from "node:assert/strict";
import { test } from "node:test";

import { networkOf } from "../../web/static/js/room/network.js";

const RELAY = { urls: ["turn:turn.example.gov.vn"], username: "1:s-xa", credential: "secret" };

test("relays are offered beside the direct ways", () => {
  const network = networkOf([RELAY], "");
  assert.deepEqual(network.iceServers, [RELAY]);
  assert.equal(network.iceTransportPolicy, "all");
  assert.equal(network.bundlePolicy, "max-bundle");
});

test("a technician may try the relays alone", () => {
  assert.equal(networkOf([RELAY], "?relay=only").iceTransportPolicy, "relay");
  assert.equal(networkOf([RELAY], "?relay=no").iceTransportPolicy, "all");
});
