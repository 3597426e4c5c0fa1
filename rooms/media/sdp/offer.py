"""The hub's offer of a member's receive connection: one m-line per slot. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rooms.media.errors import BadDescription
from rooms.media.sdp.answer import (
    LocalDescription,
    find_red,
    red_lines,
    session_lines,
    transport_lines,
)
from rooms.media.sdp.capabilities import (
    ABS_SEND_TIME,
    AUDIO_LEVEL,
    MID,
    RED_PAYLOAD_TYPE,
    SEND_EXTENSIONS,
    SEND_FEEDBACK,
    TRANSPORT_CC,
    send_codec,
)
from rooms.media.sdp.description import Description
from rooms.media.source import Kind


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    """`rtx_ssrc` is 0 for audio."""

    mid: str
    kind: Kind
    ssrc: int
    rtx_ssrc: int


@dataclass(frozen=True, slots=True)
class AcceptedSlot:
    """A slot as the member accepted it; extension ids are 0 for those it left out.

    Payload types of 0 are those of the hub's offers.
    """

    mid: str
    mid_id: int
    abs_send_time_id: int
    audio_level_id: int
    has_rtx: bool
    payload_type: int = 0
    rtx_payload_type: int = 0
    wide_id: int = 0  # of the transport-wide number; 0 without transport-cc
    red_payload_type: int = 0  # 0: takes no RED


def build_offer(slots: Sequence[OfferedSlot], local: LocalDescription, cname: str) -> str:
    """The offer's text. `setup:actpass`: a browser then takes the active role."""
    lines = session_lines(local, [slot.mid for slot in slots])
    for slot in slots:
        lines += _slot_lines(slot, local, cname)
    return "\r\n".join(lines) + "\r\n"


def _slot_lines(slot: OfferedSlot, local: LocalDescription, cname: str) -> list[str]:
    codec = send_codec(slot.kind)
    payload_type, rtx = codec.payload_type, codec.rtx_payload_type
    red = RED_PAYLOAD_TYPE if slot.kind == "audio" else 0
    formats = " ".join(str(item) for item in (payload_type, rtx, red) if item)
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [
        f"m={slot.kind} 9 UDP/TLS/RTP/SAVPF {formats}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=mid:{slot.mid}",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *transport_lines(local, "actpass"),
        *(f"a=extmap:{number} {uri}" for uri, number in SEND_EXTENSIONS[slot.kind].items()),
        f"a=rtpmap:{payload_type} {codec.name}/{codec.clock_rate}{channels}",
        *(f"a=rtcp-fb:{payload_type} {item}" for item in SEND_FEEDBACK[slot.kind]),
    ]
    if codec.parameters:
        lines.append(f"a=fmtp:{payload_type} {codec.parameters}")
    if red:
        lines += red_lines(red, payload_type)
    if rtx:
        lines += [
            f"a=rtpmap:{rtx} rtx/{codec.clock_rate}",
            f"a=fmtp:{rtx} apt={payload_type}",
            f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}",
        ]
    # Each slot is a stream of its own: its pictures and voices change independently.
    lines += [f"a=msid:{slot.mid} {slot.mid}", f"a=ssrc:{slot.ssrc} cname:{cname}"]
    if rtx:
        lines.append(f"a=ssrc:{slot.rtx_ssrc} cname:{cname}")
    return lines


def read_answer(answer: Description, slots: Sequence[OfferedSlot]) -> list[AcceptedSlot]:
    """The slots that the member accepts. Raises BadDescription when it does not fit the offer."""
    answer.check_active("active")
    if len(answer.sections) != len(slots):
        raise BadDescription(
            f"the answer has {len(answer.sections)} m-lines, the offer {len(slots)}"
        )
    accepted: list[AcceptedSlot] = []
    for section, slot in zip(answer.sections, slots, strict=True):
        if section.mid != slot.mid or section.kind != slot.kind:
            raise BadDescription(f"mid {section.mid} is not the offered {slot.mid}")
        codec = send_codec(slot.kind)
        if not section.receives:
            continue
        if codec.payload_type not in section.payload_types:
            raise BadDescription(f"mid {slot.mid} does not accept {codec.name}")
        ids = {
            uri: number
            for uri, number in SEND_EXTENSIONS[slot.kind].items()
            if section.extensions.get(uri) == number
        }
        described = section.codecs.get(codec.payload_type)
        feedback = described.feedback if described is not None else ()
        accepted.append(
            AcceptedSlot(
                slot.mid,
                ids.get(MID, 0),
                ids.get(ABS_SEND_TIME, 0),
                ids.get(AUDIO_LEVEL, 0),
                bool(codec.rtx_payload_type) and codec.rtx_payload_type in section.payload_types,
                wide_id=ids.get(TRANSPORT_CC, 0) if "transport-cc" in feedback else 0,
                red_payload_type=find_red(section, codec.payload_type) or 0,
            )
        )
    return accepted
