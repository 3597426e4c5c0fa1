// The page under test: one connection sends (three simulcast layers and a voice), one receives.
"use strict";
const media = {
  send: null,
  receive: null,

  async publish() {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true, video: { width: 1280, height: 720, frameRate: 30 },
    });
    this.send = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.send.addTransceiver(stream.getAudioTracks()[0], { direction: "sendonly" });
    this.send.addTransceiver(stream.getVideoTracks()[0], {
      direction: "sendonly",
      sendEncodings: [
        { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 150000 },
        { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500000 },
        { rid: "h", maxBitrate: 1500000 },
      ],
    });
    return this.offer(false);
  },

  async offer(restart) {
    await this.send.setLocalDescription(await this.send.createOffer({ iceRestart: restart }));
    const sources = {};
    for (const item of this.send.getTransceivers()) {
      sources[item.mid] = item.sender.track.kind === "audio" ? "microphone" : "camera";
    }
    return { sdp: this.send.localDescription.sdp, sources };
  },

  async answered(sdp) {
    await this.send.setRemoteDescription({ type: "answer", sdp });
  },

  async subscribe(sdp) {
    if (this.receive === null) {
      this.receive = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
      this.receive.ontrack = ({ track }) => {
        const element = document.createElement(track.kind);
        element.srcObject = new MediaStream([track]);
        element.autoplay = true;
        document.body.append(element);
      };
    }
    await this.receive.setRemoteDescription({ type: "offer", sdp });
    await this.receive.setLocalDescription(await this.receive.createAnswer());
    return this.receive.localDescription.sdp;
  },

  async stats() {
    const read = async (connection) =>
      connection === null ? [] : [...(await connection.getStats()).values()];
    return { send: await read(this.send), receive: await read(this.receive) };
  },
};
