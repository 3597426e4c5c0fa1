import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { digest } from "../../web/static/js/room/stats.js";

const DEVICES = { camera: true, microphone: true, speaker: false };
const inbound = (more) => ({ id: "I1", type: "inbound-rtp", kind: "video", ssrc: 1, ...more });
const of = (before, now, at = 5000) =>
  digest({ at: 0, send: [], receive: [], ...before }, { at, send: [], receive: [], ...now }, DEVICES, "0.1.0");

test("counters are increases over the interval, summed over streams", () => {
  const before = [inbound({ packetsReceived: 100, packetsLost: 3, freezeCount: 1 })];
  const now = [
    inbound({ packetsReceived: 150, packetsLost: 5, freezeCount: 1, framesPerSecond: 24, frameHeight: 720 }),
    inbound({ id: "I2", ssrc: 2, packetsReceived: 40, packetsLost: 0, framesPerSecond: 15, frameHeight: 180 }),
  ];
  const { video_in } = of({ receive: before }, { receive: now });
  assert.equal(video_in.packets_received, 90);
  assert.equal(video_in.packets_lost, 2);
  assert.equal(video_in.freezes, 0);
  assert.equal(video_in.frames_per_second, 24);
  assert.equal(video_in.frame_height, 720);
});

test("a rebuilt connection counts from zero, and late packets are no loss", () => {
  const before = [inbound({ packetsReceived: 1000, packetsLost: 9 })];
  const rebuilt = of({ receive: before }, { receive: [inbound({ ssrc: 7, packetsReceived: 30, packetsLost: 1 })] });
  assert.equal(rebuilt.video_in.packets_received, 30);
  assert.equal(rebuilt.video_in.packets_lost, 1);
  const late = of({ receive: before }, { receive: [inbound({ packetsReceived: 1010, packetsLost: 7 })] });
  assert.equal(late.video_in.packets_lost, 0);
});

test("a stream that receives nothing any more says nothing of its picture", () => {
  const still = inbound({ packetsReceived: 10, framesPerSecond: 0, frameHeight: 720 });
  const { video_in } = of({ receive: [still] }, { receive: [still] });
  assert.equal(video_in.frame_height, null);
});

test("the jitter buffer is what its packets waited, in milliseconds", () => {
  const audio = (more) => inbound({ kind: "audio", packetsReceived: 1, ...more });
  const { audio_in } = of(
    { receive: [audio({ jitterBufferDelay: 10, jitterBufferEmittedCount: 100, packetsReceived: 0 })] },
    { receive: [audio({ jitterBufferDelay: 12, jitterBufferEmittedCount: 150, jitter: 0.004 })] },
  );
  assert.equal(audio_in.jitter_buffer_ms, 40);
  assert.equal(audio_in.jitter_ms, 4);
});

test("made-up sound is told of streams that came, without silence", () => {
  const audio = (id, more) => inbound({ id, ssrc: id, kind: "audio", ...more });
  const { audio_in } = of({}, {
    receive: [
      audio("A", { packetsReceived: 250, totalSamplesReceived: 240000, concealedSamples: 9600, silentConcealedSamples: 2400 }),
      audio("B", { packetsReceived: 0, totalSamplesReceived: 240000, concealedSamples: 240000, silentConcealedSamples: 230000 }),
    ],
  });
  assert.equal(audio_in.samples_received, 240000);
  assert.equal(audio_in.concealed_samples, 7200);
});

test("what is sent: the highest layer, the worst reason, the sum of targets", () => {
  const layer = (rid, more) => ({ id: rid, type: "outbound-rtp", kind: "video", ssrc: rid, packetsSent: 9, ...more });
  const { video_out } = of({}, {
    send: [
      layer("q", { frameHeight: 180, framesPerSecond: 25, targetBitrate: 150000, qualityLimitationReason: "none" }),
      layer("f", { frameHeight: 720, framesPerSecond: 20, targetBitrate: 900000, qualityLimitationReason: "bandwidth" }),
      { id: "r", type: "remote-inbound-rtp", kind: "video", roundTripTime: 0.05, fractionLost: 0.02 },
    ],
  });
  assert.deepEqual(video_out, {
    packets_sent: 18, rtt_ms: 50, loss_fraction: 0.02, limitation: "bandwidth",
    target_bps: 1050000, frames_per_second: 20, frame_height: 720,
  });
});

test("the path is the selected pair of the sending connection", () => {
  const { path } = of({}, {
    send: [
      { id: "T", type: "transport", selectedCandidatePairId: "P2" },
      { id: "P1", type: "candidate-pair", localCandidateId: "L1", currentRoundTripTime: 9 },
      { id: "P2", type: "candidate-pair", localCandidateId: "L2", currentRoundTripTime: 0.03, availableOutgoingBitrate: 2e6 },
      { id: "L2", type: "local-candidate", candidateType: "prflx", protocol: "udp" },
    ],
  });
  assert.deepEqual(path, { rtt_ms: 30, available_out_bps: 2e6, candidate_type: "prflx", transport: "udp" });
});

test("nothing known is nothing said, in every field the hub knows and no other", () => {
  const made = of({}, {});
  const source = readFileSync(new URL("../../confhub/quality.py", import.meta.url), "utf-8");
  /** @param {string} name */
  const fields = (name) => {
    const body = source.split(`class ${name}(`)[1].split("\nclass ")[0];
    return [...body.matchAll(/^ {4}([a-z_]+):/gm)].map((match) => match[1]);
  };
  assert.deepEqual(Object.keys(made), fields("Digest"));
  assert.deepEqual(Object.keys(made.audio_in), fields("Inbound"));
  assert.deepEqual(Object.keys(made.video_out), fields("Outbound"));
  assert.deepEqual(Object.keys(made.path), fields("Path"));
  assert.deepEqual(Object.keys(made.devices), fields("Devices"));
  assert.equal(made.interval_ms, 5000);
  assert.equal(made.path.rtt_ms, null);
});
