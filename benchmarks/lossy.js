// The page of benchmarks/lossy.py: the same camera and voice over a hub, or straight to another.
"use strict";
const LAYERS = [
  { rid: "l", scaleResolutionDownBy: 2, maxBitrate: 150_000 },
  { rid: "h", maxBitrate: 500_000 },
];
const lossy = {
  pcs: [],

  async open() {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true, video: { width: 640, height: 360, frameRate: 15 },
    });
    this.tracks = stream.getTracks();
    for (const track of this.tracks) if (track.kind === "video") track.contentHint = "motion";
  },

  connection() {
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    pc.ontrack = ({ track }) => {
      const element = document.createElement(track.kind);
      element.srcObject = new MediaStream([track]);
      element.autoplay = true;
      document.body.append(element);
    };
    this.pcs.push(pc);
    return pc;
  },

  // Over the hub: one connection sends, one receives.
  async publish() {
    const pc = this.connection();
    const sources = {};
    for (const track of this.tracks) {
      const video = track.kind === "video";
      pc.addTransceiver(track, { direction: "sendonly", ...(video ? { sendEncodings: LAYERS } : {}) });
    }
    await pc.setLocalDescription();
    for (const line of pc.getTransceivers()) {
      sources[line.mid] = line.sender.track.kind === "audio" ? "microphone" : "camera";
    }
    return { sdp: pc.localDescription.sdp, sources };
  },

  published(sdp) {
    return this.pcs[0].setRemoteDescription({ type: "answer", sdp });
  },

  async subscribe(sdp) {
    const pc = this.pcs[1] ?? this.connection();
    await pc.setRemoteDescription({ type: "offer", sdp });
    await pc.setLocalDescription();
    // As the room's page does at each digest.
    const patience = new Patience();
    setInterval(async () => {
      for (const [mid, waitsMs] of patience.judge([...(await pc.getStats()).values()])) {
        const line = pc.getTransceivers().find((one) => one.mid === mid);
        line.receiver.jitterBufferTarget = waitsMs || null;
      }
    }, 5_000);
    return pc.localDescription.sdp;
  },

  // Straight: one connection does both; candidates are in the description.
  async call() {
    const pc = this.connection();
    for (const track of this.tracks) {
      const video = track.kind === "video";
      pc.addTransceiver(track, video ? { sendEncodings: [{ maxBitrate: 500_000 }] } : {});
    }
    return this.describe(pc);
  },

  async take(sdp) {
    const pc = this.connection();
    for (const track of this.tracks) pc.addTrack(track);
    await pc.setRemoteDescription({ type: "offer", sdp });
    const description = await this.describe(pc);
    for (const sender of pc.getSenders()) {
      if (sender.track.kind !== "video") continue;
      const parameters = sender.getParameters();
      parameters.encodings[0].maxBitrate = 500_000;
      await sender.setParameters(parameters);
    }
    return description;
  },

  taken(sdp) {
    return this.pcs[0].setRemoteDescription({ type: "answer", sdp });
  },

  async describe(pc) {
    await pc.setLocalDescription();
    if (pc.iceGatheringState !== "complete") {
      await new Promise((done) => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done();
      });
    }
    return pc.localDescription.sdp;
  },

  /** Sums over what is received. */
  async heard() {
    const sum = { concealed: 0, samples: 0, freezes: 0, frozen_s: 0, frames: 0, height_px: 0, lost: 0 };
    for (const pc of this.pcs) {
      for (const stat of (await pc.getStats()).values()) {
        if (stat.type !== "inbound-rtp") continue;
        sum.concealed += stat.concealedSamples ?? 0;
        sum.samples += stat.totalSamplesReceived ?? 0;
        sum.freezes += stat.freezeCount ?? 0;
        sum.frozen_s += stat.totalFreezesDuration ?? 0;
        sum.frames += stat.framesDecoded ?? 0;
        sum.height_px = Math.max(sum.height_px, stat.frameHeight ?? 0);
        sum.lost += stat.packetsLost ?? 0;
      }
    }
    return sum;
  },
};
