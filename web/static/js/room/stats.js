/**
 * A digest of this browser's link from two getStats snapshots of both connections. Pure.
 * Fields are those of confhub.quality.Digest. Source: W3C webrtc-stats.
 */

/** @typedef {Record<string, any> & {id: string, type: string}} Stat */
/** @typedef {{at: number, send: Stat[], receive: Stat[]}} Snapshot `at` in ms */

/**
 * @typedef {object} Inbound
 * @property {number} packets_received
 * @property {number} packets_lost
 * @property {number | null} jitter_ms
 * @property {number | null} jitter_buffer_ms
 * @property {number} samples_received
 * @property {number} concealed_samples
 * @property {number} freezes
 * @property {number | null} frames_per_second
 * @property {number | null} frame_height
 */
/**
 * @typedef {object} Outbound
 * @property {number} packets_sent
 * @property {number | null} rtt_ms
 * @property {number | null} loss_fraction
 * @property {"none" | "cpu" | "bandwidth" | "other" | null} limitation
 * @property {number | null} target_bps
 * @property {number | null} frames_per_second
 * @property {number | null} frame_height
 */
/**
 * @typedef {object} Path
 * @property {number | null} rtt_ms
 * @property {number | null} available_out_bps
 * @property {"host" | "srflx" | "prflx" | "relay" | null} candidate_type
 * @property {"udp" | "tcp" | "tls" | null} transport
 */
/** @typedef {{camera: boolean, microphone: boolean, speaker: boolean}} Devices */
/**
 * @typedef {object} Digest
 * @property {number} interval_ms
 * @property {Inbound} audio_in
 * @property {Inbound} video_in
 * @property {Outbound} audio_out
 * @property {Outbound} video_out
 * @property {Path} path
 * @property {Devices & {microphone_level: number | null}} devices
 * @property {string} app_version
 */

const LIMITATIONS = /** @type {const} */ (["cpu", "bandwidth", "other", "none"]);
const CANDIDATES = ["host", "srflx", "prflx", "relay"];
const TRANSPORTS = ["udp", "tcp", "tls"];

/**
 * @param {Snapshot} before
 * @param {Snapshot} now
 * @param {Devices} devices
 * @param {string} appVersion
 * @returns {Digest}
 */
export function digest(before, now, devices, appVersion) {
  const source = now.send.find((stat) => stat.type === "media-source" && stat.kind === "audio");
  return {
    interval_ms: Math.max(1, Math.round(now.at - before.at)),
    audio_in: inbound("audio", before.receive, now.receive),
    video_in: inbound("video", before.receive, now.receive),
    audio_out: outbound("audio", before.send, now.send),
    video_out: outbound("video", before.send, now.send),
    path: path(now.send, now.receive),
    devices: { ...devices, microphone_level: level(source?.audioLevel) },
    app_version: appVersion,
  };
}

/**
 * @param {"audio" | "video"} kind
 * @param {Stat[]} before
 * @param {Stat[]} now
 * @returns {Inbound}
 */
function inbound(kind, before, now) {
  const streams = ofKind(now, "inbound-rtp", kind);
  const rise = riser(before);
  const active = streams.filter((stat) => rise([stat], "packetsReceived") > 0);
  const tallest = highest(active);
  const emitted = rise(streams, "jitterBufferEmittedCount");
  return {
    packets_received: whole(rise(streams, "packetsReceived")),
    packets_lost: whole(rise(streams, "packetsLost")),
    jitter_ms: most(active.map((stat) => thousandfold(stat.jitter))),
    jitter_buffer_ms: emitted > 0 ? (rise(streams, "jitterBufferDelay") / emitted) * 1000 : null,
    // A slot nobody speaks in makes up silence all the time: only what came and broke is told.
    samples_received: whole(rise(active, "totalSamplesReceived")),
    concealed_samples: whole(
      rise(active, "concealedSamples") - rise(active, "silentConcealedSamples"),
    ),
    freezes: whole(rise(streams, "freezeCount")),
    frames_per_second: number(tallest?.framesPerSecond),
    frame_height: height(tallest),
  };
}

/**
 * @param {"audio" | "video"} kind
 * @param {Stat[]} before
 * @param {Stat[]} now
 * @returns {Outbound}
 */
function outbound(kind, before, now) {
  const streams = ofKind(now, "outbound-rtp", kind);
  const remote = ofKind(now, "remote-inbound-rtp", kind);
  const rise = riser(before);
  const active = streams.filter((stat) => rise([stat], "packetsSent") > 0);
  const tallest = highest(active);
  const targets = active.map((stat) => number(stat.targetBitrate)).filter((bps) => bps !== null);
  return {
    packets_sent: whole(rise(streams, "packetsSent")),
    rtt_ms: most(remote.map((stat) => thousandfold(stat.roundTripTime))),
    loss_fraction: most(remote.map((stat) => number(stat.fractionLost))),
    limitation:
      LIMITATIONS.find((why) => active.some((stat) => stat.qualityLimitationReason === why)) ??
      null,
    target_bps: targets.length ? targets.reduce((sum, bps) => sum + bps, 0) : null,
    frames_per_second: number(tallest?.framesPerSecond),
    frame_height: height(tallest),
  };
}

/**
 * The nominated pair: what may be sent is known on the sending connection; its round trip is
 * taken from either.
 *
 * @param {Stat[]} send
 * @param {Stat[]} receive
 * @returns {Path}
 */
function path(send, receive) {
  const out = nominated(send);
  const into = nominated(receive);
  const stats = out ? send : receive;
  const pair = out ?? into;
  const local = stats.find((stat) => stat.id === pair?.localCandidateId);
  const transport = local?.relayProtocol ?? local?.protocol;
  return {
    rtt_ms: thousandfold(pair?.currentRoundTripTime ?? into?.currentRoundTripTime),
    available_out_bps: number(out?.availableOutgoingBitrate),
    candidate_type: CANDIDATES.includes(local?.candidateType) ? local?.candidateType : null,
    transport: TRANSPORTS.includes(transport) ? transport : null,
  };
}

/** @param {Stat[]} stats */
function nominated(stats) {
  const transport = stats.find((stat) => stat.type === "transport");
  const pairs = stats.filter((stat) => stat.type === "candidate-pair");
  return (
    pairs.find((pair) => pair.id === transport?.selectedCandidatePairId) ??
    // Firefox has no transport stats.
    pairs.find((pair) => pair.nominated && pair.state === "succeeded")
  );
}

/**
 * @param {Stat[]} stats
 * @param {string} type
 * @param {string} kind
 */
function ofKind(stats, type, kind) {
  return stats.filter((stat) => stat.type === type && stat.kind === kind);
}

/**
 * A function giving how much a counter rose over some streams. A stream that is new, or whose
 * counter went back because the connection was rebuilt, counts from zero.
 *
 * @param {Stat[]} before
 */
function riser(before) {
  const old = new Map(before.map((stat) => [stat.id, stat]));
  return (/** @type {Stat[]} */ streams, /** @type {string} */ field) =>
    streams.reduce((sum, stat) => {
      const value = number(stat[field]) ?? 0;
      const was = old.get(stat.id);
      // Another SSRC under the same id is another stream.
      const base = was && was.ssrc === stat.ssrc ? (number(was[field]) ?? 0) : 0;
      // Late packets lower packetsLost: no loss, and no reason to start over either.
      const restarted = value < base && field !== "packetsLost";
      return sum + (restarted ? value : Math.max(0, value - base));
    }, 0);
}

/** @param {Stat[]} streams */
function highest(streams) {
  /** @type {Stat | undefined} */
  let best;
  for (const stat of streams) {
    if ((number(stat.frameHeight) ?? 0) >= (number(best?.frameHeight) ?? 0)) best = stat;
  }
  return best;
}

/** @param {Stat | undefined} stat */
function height(stat) {
  const value = number(stat?.frameHeight);
  return value === null ? null : Math.round(value);
}

/** @param {(number | null)[]} values */
function most(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? Math.max(...known) : null;
}

/** @param {unknown} value @returns {number | null} */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** @param {unknown} seconds */
function thousandfold(seconds) {
  const value = number(seconds);
  return value === null ? null : value * 1000;
}

/** @param {number} value */
const whole = (value) => Math.max(0, Math.round(value));

/** @param {unknown} value */
function level(value) {
  const known = number(value);
  return known === null ? null : Math.min(1, Math.max(0, known));
}
