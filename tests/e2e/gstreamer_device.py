"""A device made of GStreamer's webrtcbin, run by Debian's own Python: `publish` or `play`.

    /usr/bin/python3 gstreamer_device.py publish|play ADDRESS TOKEN

It does the HTTP of WHIP or WHEP itself and knows nothing of ours. What it counts it prints as
lines of JSON, twice a second; it ends its session and itself when its input is closed.
"""

import json
import sys
import threading
import urllib.request
from collections.abc import Mapping

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

HTTP_TIMEOUT_S = 10.0
REPORT_MS = 500
VP8 = "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
OPUS = (
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,"
    "encoding-params=(string)2"
)
WEBRTC = "webrtcbin name=webrtc bundle-policy=max-bundle"
# Payloaders with their defaults: packets of up to 1,400 bytes, and no header extensions.
SENDING = (
    "videotestsrc is-live=true pattern=ball"
    " ! video/x-raw,width=640,height=360,framerate=15/1"
    " ! vp8enc deadline=1 cpu-used=8 target-bitrate=500000 keyframe-max-dist=45"
    f" ! rtpvp8pay picture-id-mode=15-bit ! {VP8} ! webrtc. "
    "audiotestsrc is-live=true freq=440 volume=0.5 ! audioconvert ! audioresample ! opusenc"
    f" ! rtpopuspay ! {OPUS} ! webrtc. "
)
DECODERS = {
    "VP8": "queue ! rtpvp8depay ! vp8dec ! fakesink name=sink signal-handoffs=true sync=false",
    "OPUS": "queue ! rtpopusdepay ! opusdec ! audioconvert ! level name=level interval=200000000"
    " ! fakesink name=sink signal-handoffs=true sync=false",
}


class Device:
    def __init__(self, sends: bool, address: str, token: str) -> None:
        self.address, self.token = address, token
        self.session = ""
        self.counts = {"frames": 0, "sounds": 0}
        self.told = {"height_px": 0, "loudest_db": -99.0, "state": "new"}
        self.offered = threading.Event()
        if sends:
            self.pipeline = Gst.parse_launch(f"{WEBRTC} {SENDING}")
            self.webrtc = self.pipeline.get_by_name("webrtc")
        else:
            self.pipeline = Gst.Pipeline.new()
            self.webrtc = Gst.parse_launch(WEBRTC)
            self.pipeline.add(self.webrtc)
        if not sends:
            receive = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
            for caps in (OPUS, VP8):
                self.webrtc.emit("add-transceiver", receive, Gst.Caps.from_string(caps))
        self.webrtc.connect("pad-added", self.pad_added)
        self.webrtc.connect("on-negotiation-needed", self.negotiate, sends)
        self.webrtc.connect("notify::ice-gathering-state", self.gathered)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.failed)
        bus.connect("message::element", self.heard)

    def negotiate(self, webrtc: Gst.Element, sends: bool) -> None:
        if self.offered.is_set():
            return
        self.offered.set()
        if sends:
            for index in range(2):
                line = webrtc.emit("get-transceiver", index)
                line.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        promise = Gst.Promise.new_with_change_func(self.offer_made, webrtc)
        webrtc.emit("create-offer", None, promise)

    def offer_made(self, promise: Gst.Promise, webrtc: Gst.Element) -> None:
        promise.wait()
        reply = promise.get_reply()  # owns the offer: it must outlive it
        webrtc.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def gathered(self, webrtc: Gst.Element, _what: object) -> None:
        complete = GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if webrtc.get_property("ice-gathering-state") == complete:
            threading.Thread(target=self.exchange, daemon=True).start()

    def exchange(self) -> None:
        """POST the offer with all candidates, and take the answer."""
        try:
            offer = self.webrtc.get_property("local-description").sdp.as_text()
            answer, headers = self.ask("POST", self.address, offer)
        except Exception as error:
            say(failed=str(error))
            return
        self.session = headers["Location"]
        say(created=self.session, etag=headers["ETag"], offer=offer, answer=answer)
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(
            GstWebRTC.WebRTCSDPType.ANSWER, message
        )
        self.webrtc.emit("set-remote-description", description, Gst.Promise.new())

    def ask(
        self, method: str, address: str, body: str | None = None
    ) -> tuple[str, Mapping[str, str]]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        data = body.encode() if body is not None else None
        request = urllib.request.Request(address, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=HTTP_TIMEOUT_S) as answer:
            return answer.read().decode(), answer.headers

    def pad_added(self, _webrtc: Gst.Element, pad: Gst.Pad) -> None:
        if pad.direction != Gst.PadDirection.SRC:
            return
        name = pad.get_current_caps().get_structure(0).get_string("encoding-name")
        decoder = Gst.parse_bin_from_description(DECODERS[name], True)
        kind = "frames" if name == "VP8" else "sounds"
        decoder.get_by_name("sink").connect("handoff", self.decoded, kind)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def decoded(self, _sink: Gst.Element, _buffer: Gst.Buffer, pad: Gst.Pad, kind: str) -> None:
        self.counts[kind] += 1
        if kind == "frames":
            caps = pad.get_current_caps().get_structure(0)
            self.told["height_px"] = caps.get_int("height").value

    def heard(self, _bus: Gst.Bus, message: Gst.Message) -> None:
        structure = message.get_structure()
        if structure is not None and structure.get_name() == "level":
            self.told["loudest_db"] = max(self.told["loudest_db"], *structure.get_value("rms"))

    def failed(self, _bus: Gst.Bus, message: Gst.Message) -> None:
        say(failed=str(message.parse_error()))

    def report(self) -> bool:
        state = self.webrtc.get_property("connection-state")
        say(**{**self.counts, **self.told, "state": state.value_nick})
        return True

    def end(self) -> None:
        self.pipeline.set_state(Gst.State.NULL)
        if self.session:
            self.ask("DELETE", self.session)


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def main(what: str, address: str, token: str) -> None:
    Gst.init(None)
    device = Device(what == "publish", address, token)
    loop = GLib.MainLoop()
    GLib.timeout_add(REPORT_MS, device.report)
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    device.pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    device.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
