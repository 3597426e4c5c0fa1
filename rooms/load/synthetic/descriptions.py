"""The session descriptions of a synthetic site: its offer to send, its answers to receive. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rooms.load.synthetic.receiver import Expectations
from rooms.load.synthetic.sender import AUDIO, EXTENSION_IDS, VIDEO, Sender
from rooms.media.sdp.attributes import lines_of
from rooms.media.sdp.capabilities import ABS_SEND_TIME, AUDIO_LEVEL, MID, RID, TRANSPORT_CC
from rooms.media.sdp.description import parse_description

_HEAD = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
_KEPT = ("a=mid", "a=extmap", "a=rtpmap", "a=rtcp-fb", "a=fmtp")


def send_offer(sender: Sender, transport: Sequence[str]) -> str:
    """Offer a voice (mid 0) and a camera (mid 1), in simulcast when there is more than a layer."""
    lines = [*_HEAD, "a=group:BUNDLE 0 1"]
    lines += [f"m=audio 9 UDP/TLS/RTP/SAVPF {AUDIO}", "c=IN IP4 0.0.0.0", "a=mid:0", "a=sendonly"]
    lines += [*transport, *_extmaps(ABS_SEND_TIME, TRANSPORT_CC, MID, AUDIO_LEVEL)]
    lines += [f"a=rtpmap:{AUDIO} opus/48000/2", f"a=fmtp:{AUDIO} minptime=10;useinbandfec=1"]
    lines += [f"a=rtcp-fb:{AUDIO} transport-cc"]
    lines += _ssrc_lines(sender, "sound")
    lines += [f"m=video 9 UDP/TLS/RTP/SAVPF {VIDEO}", "c=IN IP4 0.0.0.0", "a=mid:1", "a=sendonly"]
    lines += [*transport, *_extmaps(ABS_SEND_TIME, TRANSPORT_CC, MID, RID)]
    lines += [f"a=rtpmap:{VIDEO} VP8/90000"]
    lines += [f"a=rtcp-fb:{VIDEO} {item}" for item in ("nack", "nack pli", "transport-cc")]
    if len(sender.rids) > 1:
        lines += [f"a=rid:{rid} send" for rid in sender.rids]
        lines.append("a=simulcast:send " + ";".join(sender.rids))
    else:
        lines += _ssrc_lines(sender, sender.rids[0])
    return "\r\n".join(lines) + "\r\n"


def receive_answer(offer: str, transport: Sequence[str]) -> str:
    """Accept everything that is offered."""
    sections = offer.replace("\r\n", "\n").split("\nm=")
    group = [line for line in lines_of(sections[0]) if line.startswith("a=group")]
    lines = [*_HEAD, *group]
    for section in sections[1:]:
        first, *rest = lines_of(section)
        lines += ["m=" + first, "c=IN IP4 0.0.0.0", "a=recvonly", *transport]
        lines += [line for line in rest if line.startswith(_KEPT)]
    return "\r\n".join(lines) + "\r\n"


def expectations(offer: str) -> Expectations:
    """What an offer says of the streams to come."""
    description = parse_description(offer)
    clock_rates: dict[int, int] = {}
    repairs: set[int] = set()
    transport_cc_id = 0
    for section in description.sections:
        for codec in section.codecs.values():
            if "transport-cc" in codec.feedback:
                transport_cc_id = section.extensions.get(TRANSPORT_CC, transport_cc_id)
            if codec.name.lower() in ("rtx", "red", "ulpfec", "flexfec-03"):
                repairs.add(codec.payload_type)
            else:
                clock_rates[codec.payload_type] = codec.clock_rate
    return Expectations(clock_rates, frozenset(repairs), transport_cc_id)


def _extmaps(*uris: str) -> list[str]:
    return [f"a=extmap:{EXTENSION_IDS[uri]} {uri}" for uri in uris]


def _ssrc_lines(sender: Sender, source: str) -> list[str]:
    ssrc = sender.ssrcs[source]
    return [f"a=ssrc:{ssrc} cname:{sender.cname}"]
