"""The hub's answer to a device's offer to receive (WHEP): its m-lines are the slots. Pure.

A browser takes the hub's offers (offer.py). A player brings an offer of its own, with its own
mids, payload types and extension ids, and nothing is negotiated again afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rooms.media.errors import BadDescription
from rooms.media.sdp.answer import LocalDescription, session_lines, transport_lines
from rooms.media.sdp.capabilities import (
    ABS_SEND_TIME,
    AUDIO_LEVEL,
    MID,
    SEND_EXTENSIONS,
    SEND_FEEDBACK,
    TRANSPORT_CC,
    CodecSupport,
    send_codec,
)
from rooms.media.sdp.description import Description
from rooms.media.sdp.offer import AcceptedSlot, OfferedSlot
from rooms.media.sdp.section import Codec, Section
from rooms.media.source import Kind

# The one-byte form of header extensions has 4 bits for the id and for the length (RFC 8285).
MAX_EXTENSION_ID = 14
MAX_MID_BYTES = 16
KINDS: Mapping[str, Kind] = {"audio": "audio", "video": "video"}


@dataclass(frozen=True, slots=True)
class PlayedLine:
    """An m-line of the device that the hub fills; `accepted` is how its packets are written."""

    kind: Kind
    section: Section
    codec: Codec
    accepted: AcceptedSlot

    @property
    def mid(self) -> str:
        return self.section.mid


def agree_playback(offer: Description, places: Mapping[Kind, int]) -> list[PlayedLine]:
    """What the hub sends on an offer's m-lines, in their order; at most `places` of a kind.

    Raises BadDescription for an m-line that the hub cannot fill: a player that shows half of a
    meeting would mislead who watches it.
    """
    offer.check_active()
    wanted = [item for item in offer.sections if item.kind in KINDS and item.receives]
    if not wanted:
        raise BadDescription("no m-line receives audio or video")
    if len(wanted) > 1 and not {section.mid for section in wanted} <= set(offer.bundle):
        raise BadDescription("all m-lines must be in one BUNDLE group")
    lines = [_agree_line(section) for section in wanted]
    for kind, most in places.items():
        if sum(line.kind == kind for line in lines) > most:
            raise BadDescription(f"at most {most} m-lines of {kind}")
    return lines


def _agree_line(section: Section) -> PlayedLine:
    kind = KINDS[section.kind]
    if not section.rtcp_mux:
        raise BadDescription(f"mid {section.mid} does not offer rtcp-mux")
    support = send_codec(kind)
    codec = _find_codec(section, support)
    if codec is None:
        raise BadDescription(f"mid {section.mid} does not take {support.name}")
    repair = (section.repair_of(codec.payload_type) or 0) if support.rtx_payload_type else 0
    ids = {uri: _extension_id(section, uri) for uri in SEND_EXTENSIONS[kind]}
    accepted = AcceptedSlot(
        section.mid,
        ids.get(MID, 0),
        ids.get(ABS_SEND_TIME, 0),
        ids.get(AUDIO_LEVEL, 0),
        bool(repair),
        payload_type=codec.payload_type,
        rtx_payload_type=repair,
        wide_id=ids.get(TRANSPORT_CC, 0) if "transport-cc" in codec.feedback else 0,
    )
    return PlayedLine(kind, section, codec, accepted)


def _find_codec(section: Section, support: CodecSupport) -> Codec | None:
    for payload_type in section.payload_types:
        codec = section.codecs.get(payload_type)
        if (
            codec is not None
            and codec.name.lower() == support.name.lower()
            and codec.clock_rate == support.clock_rate
            and codec.channels == support.channels
        ):
            return codec
    return None


def _extension_id(section: Section, uri: str) -> int:
    """The offer's id where the hub can write it, else 0: left out."""
    number = section.extensions.get(uri, 0)
    if number > MAX_EXTENSION_ID or (uri == MID and len(section.mid) > MAX_MID_BYTES):
        return 0
    return number


def build_playback(
    offer: Description,
    lines: Sequence[PlayedLine],
    slots: Sequence[OfferedSlot],
    local: LocalDescription,
    cname: str,
) -> str:
    """The answer's text; `slots` are those of `lines`. m-lines not filled are rejected."""
    filled = {line.mid: (line, slot) for line, slot in zip(lines, slots, strict=True)}
    answered = session_lines(local, [line.mid for line in lines if line.mid in offer.bundle])
    for section in offer.sections:
        if section.mid in filled:
            answered += _line(*filled[section.mid], local, cname)
        else:
            answered.append(f"m={section.kind} 0 {section.protocol} {section.formats}")
            answered += ["c=IN IP4 0.0.0.0", f"a=mid:{section.mid}"]
    return "\r\n".join(answered) + "\r\n"


def _line(line: PlayedLine, slot: OfferedSlot, local: LocalDescription, cname: str) -> list[str]:
    codec, accepted, support = line.codec, line.accepted, send_codec(line.kind)
    payload_type, rtx = codec.payload_type, accepted.rtx_payload_type
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [
        f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {payload_type}" + (f" {rtx}" if rtx else ""),
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=mid:{line.mid}",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *transport_lines(local, "passive"),
        *_extension_lines(line),
        f"a=rtpmap:{payload_type} {codec.name}/{codec.clock_rate}{channels}",
        *(
            f"a=rtcp-fb:{payload_type} {item}"
            for item in SEND_FEEDBACK[line.kind]
            if item in codec.feedback
        ),
    ]
    if support.parameters:
        lines.append(f"a=fmtp:{payload_type} {support.parameters}")
    # One stream for the device: sound and picture belong together (RFC 8830).
    lines += [f"a=msid:{cname} {line.kind}", f"a=ssrc:{slot.ssrc} cname:{cname}"]
    if rtx:
        lines += [
            f"a=rtpmap:{rtx} rtx/{codec.clock_rate}",
            f"a=fmtp:{rtx} apt={payload_type}",
            f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}",
            f"a=ssrc:{slot.rtx_ssrc} cname:{cname}",
        ]
    return lines


def _extension_lines(line: PlayedLine) -> list[str]:
    accepted = line.accepted
    written = (
        (MID, accepted.mid_id),
        (ABS_SEND_TIME, accepted.abs_send_time_id),
        (AUDIO_LEVEL, accepted.audio_level_id),
        (TRANSPORT_CC, accepted.wide_id),
    )
    return [f"a=extmap:{number} {uri}" for uri, number in written if number]
