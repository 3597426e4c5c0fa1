"""What the hub speaks: codecs and header extensions. Add a codec here, nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.media.source import Kind

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


@dataclass(frozen=True, slots=True)
class CodecSupport:
    """`parameters` is the fmtp line the hub writes, in offers and answers alike.

    `payload_type` and `rtx_payload_type` are those of the hub's own offers.
    """

    kind: Kind
    name: str
    clock_rate: int
    channels: int
    payload_type: int
    rtx_payload_type: int
    parameters: str
    feedback: frozenset[str]


# In order of preference. minptime 10 is what browsers write; in-band FEC mends single losses,
# DTX stops sending in silence (RFC 7587).
CODECS = (
    CodecSupport(
        kind="audio",
        name="opus",
        clock_rate=48_000,
        channels=2,
        payload_type=111,
        rtx_payload_type=0,
        parameters="minptime=10;useinbandfec=1;usedtx=1;stereo=0",
        feedback=frozenset({"transport-cc"}),
    ),
    CodecSupport(
        kind="video",
        name="VP8",
        clock_rate=90_000,
        channels=1,
        payload_type=96,
        rtx_payload_type=97,
        parameters="",
        feedback=frozenset({"nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"}),
    ),
)

# Redundant audio (RFC 2198), around the voice codec above and with its clock.
RED_CODEC = "red"
RED_PAYLOAD_TYPE = 63  # in the hub's own offers; what browsers use too

# What publishers may send us.
RECEIVE_EXTENSIONS: dict[Kind, tuple[str, ...]] = {
    "audio": (MID, AUDIO_LEVEL, ABS_SEND_TIME, TRANSPORT_CC),
    "video": (MID, RID, REPAIRED_RID, ABS_SEND_TIME, TRANSPORT_CC),
}

# What the hub sends, with its own ids. transport-cc is what the hub's own estimate lives on;
# abs-send-time and REMB are for receivers that do not know it.
SEND_EXTENSIONS: dict[Kind, dict[str, int]] = {
    "audio": {MID: 1, ABS_SEND_TIME: 2, AUDIO_LEVEL: 3, TRANSPORT_CC: 4},
    "video": {MID: 1, ABS_SEND_TIME: 2, TRANSPORT_CC: 4},
}
SEND_FEEDBACK: dict[Kind, tuple[str, ...]] = {
    "audio": ("transport-cc",),
    "video": ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"),
}


def send_codec(kind: Kind) -> CodecSupport:
    """The codec the hub offers to receivers."""
    return next(codec for codec in CODECS if codec.kind == kind)
