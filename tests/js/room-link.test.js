import assert from "node:assert/strict";
import { test } from "node:test";

import { BACK_MS, bannerOf, BLOCKED_AFTER_MS, BUSY_DIGESTS, newLink, reduceLink } from "../../web/static/js/room/link-state.js";
import { digest } from "../../web/static/js/room/stats.js";

const socket = (up) => ({ type: "socket", up });
const media = (direction, state) => ({ type: "media", direction, state });
const run = (link, now, ...events) => events.reduce((sum, event) => reduceLink(sum, event, now), link);
const live = () =>
  run(newLink(), 1000, socket(true), media("send", "connected"), media("receive", "connected"));
const numbers = (more = {}) => {
  const made = digest({ at: 0, send: [], receive: [] }, { at: 5000, send: [], receive: [] }, {}, "1");
  return { type: "digest", digest: { ...made, ...more } };
};
const lossy = () => numbers({ audio_in: { packets_received: 180, packets_lost: 20 }, });

test("a socket that closes is told at once, and its return for a moment", () => {
  const lost = run(live(), 2000, socket(false));
  assert.equal(bannerOf(lost, 2000), "reconnecting");
  const back = run(lost, 3000, socket(true));
  assert.equal(bannerOf(back, 3001), "back");
  assert.equal(bannerOf(back, 3000 + BACK_MS), "none");
});

test("media that disconnects is told while the socket stands", () => {
  for (const direction of ["send", "receive"]) {
    const lost = run(live(), 2000, media(direction, "disconnected"));
    assert.equal(bannerOf(lost, 2000), "reconnecting");
  }
});

test("a rebuilt connection is lost until it is connected, not only connecting", () => {
  const lost = run(live(), 2000, media("send", "closed"), media("send", "new"), media("send", "connecting"));
  assert.equal(bannerOf(lost, 2000), "reconnecting");
  assert.equal(bannerOf(run(lost, 2500, media("send", "connected")), 2500), "back");
});

test("before the first connection nothing is lost, but a closed firewall is told", () => {
  const joined = run(newLink(), 1000, socket(true), media("send", "connecting"));
  assert.equal(bannerOf(joined, 2000), "none");
  assert.equal(bannerOf(joined, 1001 + BLOCKED_AFTER_MS), "blocked");
  assert.equal(bannerOf(newLink(), 60000), "none");
});

test("a browser that makes no connection is not told to open a firewall", () => {
  const unable = { type: "unable", direction: "send" };
  const link = run(newLink(), 1000, socket(true), media("receive", "connected"), unable);
  assert.equal(bannerOf(link, 2000), "unable");
  assert.equal(bannerOf(link, 1001 + BLOCKED_AFTER_MS), "unable");
  assert.equal(bannerOf(run(link, 3000, media("send", "connected")), 3000), "none");
  assert.equal(bannerOf(run(live(), 3000, unable), 3000), "none");
});

test("a weak link is told after two bad digests, and no more after six good ones", () => {
  let link = run(live(), 9000, lossy());
  assert.equal(bannerOf(link, 9000), "none");
  link = run(link, 14000, lossy());
  assert.equal(bannerOf(link, 14000), "weak");
  link = run(link, 20000, ...Array(5).fill(numbers()));
  assert.equal(bannerOf(link, 20000), "weak");
  assert.equal(bannerOf(run(link, 20000, numbers()), 20000), "none");
});

test("a hint that was waved away stays away for a while", () => {
  const link = run(live(), 9000, lossy(), lossy(), { type: "dismiss" }, lossy(), lossy());
  assert.equal(bannerOf(link, 10000), "none");
  assert.equal(bannerOf(link, 9000 + 10 * 60 * 1000), "weak");
});

test("a processor that holds the picture back is told after a minute, once it is the only trouble", () => {
  const busy = () => numbers({ video_out: { ...numbers().digest.video_out, limitation: "cpu" } });
  let link = run(live(), 9000, ...Array(BUSY_DIGESTS - 1).fill(busy()));
  assert.equal(bannerOf(link, 9000), "none");
  link = run(link, 14000, busy());
  assert.equal(bannerOf(link, 14000), "slow");
  assert.equal(bannerOf(run(link, 15000, lossy(), lossy()), 15000), "weak");
  assert.equal(bannerOf(run(link, 15000, numbers()), 15000), "none");
  assert.equal(bannerOf(run(link, 15000, { type: "dismiss" }, busy()), 15000), "none");
});
