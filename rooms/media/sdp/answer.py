"""The hub's answer to a member's offer to send. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rooms.media.errors import BadDescription
from rooms.media.port.ice import Credentials
from rooms.media.sdp.capabilities import CODECS, RECEIVE_EXTENSIONS, RED_CODEC, CodecSupport
from rooms.media.sdp.description import Description
from rooms.media.sdp.section import Codec, Section
from rooms.media.source import KIND_OF, Source


@dataclass(frozen=True, slots=True)
class LocalDescription:
    """The hub's half of a transport. `candidates` are (host, port), best first; `tcp`: each of
    them takes TCP too. `generation` counts ICE restarts."""

    credentials: Credentials
    fingerprint: str
    candidates: Sequence[tuple[str, int]]
    version: int
    tcp: bool = False
    generation: int = 0


@dataclass(frozen=True, slots=True)
class AgreedTrack:
    """One source as negotiated. `extensions` maps URI to the offer's id; `rids` names its layers,
    the smallest first, and is empty without simulcast; `ssrcs` are the media SSRCs if the offer
    names them, `fid` their RTX. `is_grouped`: the layers are told apart by these SSRCs, in the
    same order, and their names are the hub's own. `red_payload_type` is set where voice may come
    with copies of what was said before."""

    mid: str
    source: Source
    codec: CodecSupport
    payload_type: int
    rtx_payload_type: int | None
    extensions: Mapping[str, int]
    rids: tuple[str, ...]
    ssrcs: tuple[int, ...]
    fid: Mapping[int, int]
    red_payload_type: int | None = None
    is_grouped: bool = False


def agree(offer: Description, sources: Mapping[str, Source]) -> list[AgreedTrack]:
    """What the hub accepts of an offer. Raises BadDescription on what it cannot serve.

    m-lines that `sources` does not name, or that do not send, are answered inactive.
    """
    offer.check_active()
    used = [section.mid for section in offer.sections if not section.is_rejected]
    if len(used) > 1 and not set(sources) <= set(offer.bundle):
        raise BadDescription("all m-lines must be in one BUNDLE group")
    tracks: list[AgreedTrack] = []
    for mid, source in sources.items():
        section = offer.section(mid)
        if section is None:
            raise BadDescription(f"no m-line has mid {mid}")
        if section.kind != KIND_OF[source]:
            raise BadDescription(f"mid {mid} is {section.kind}, but {source} is not")
        if section.sends:
            tracks.append(_agree_track(section, source))
    if len({track.source for track in tracks}) != len(tracks):
        raise BadDescription("two m-lines have the same source")
    return tracks


def _agree_track(section: Section, source: Source) -> AgreedTrack:
    if not section.rtcp_mux:
        raise BadDescription(f"mid {section.mid} does not offer rtcp-mux")
    support, codec = _choose_codec(section)
    wanted = RECEIVE_EXTENSIONS[support.kind]
    repairs = set(section.fid.values())
    ssrcs = [ssrc for ssrc in section.ssrcs if ssrc not in repairs]
    # Layers as browsers wrote them before rids (RFC 5576); some encoders still do.
    grouped = section.layers if len(section.layers) > 1 and not section.send_rids else []
    return AgreedTrack(
        section.mid,
        source,
        support,
        codec.payload_type,
        section.repair_of(codec.payload_type),
        {uri: section.extensions[uri] for uri in wanted if uri in section.extensions},
        tuple(map(str, range(len(grouped)))) or tuple(section.send_rids),
        tuple(grouped or ssrcs),
        dict(section.fid),
        find_red(section, codec.payload_type),
        bool(grouped),
    )


def find_red(section: Section, payload_type: int) -> int | None:
    """The payload type of RED (RFC 2198) that carries voice of `payload_type` and nothing else."""
    codec = section.codecs.get(payload_type)
    if section.kind != "audio" or codec is None:
        return None
    wanted = (RED_CODEC, codec.clock_rate, codec.channels)
    for other in section.codecs.values():
        carried = {item for name in other.parameters for item in name.split("/")}
        is_red = (other.name.lower(), other.clock_rate, other.channels) == wanted
        if is_red and carried == {str(payload_type)}:
            return other.payload_type
    return None


def _choose_codec(section: Section) -> tuple[CodecSupport, Codec]:
    for support in CODECS:
        for payload_type in section.payload_types:
            codec = section.codecs.get(payload_type)
            if (
                codec is not None
                and support.kind == section.kind
                and codec.name.lower() == support.name.lower()
                and codec.clock_rate == support.clock_rate
                and codec.channels == support.channels
            ):
                return support, codec
    names = ", ".join(support.name for support in CODECS if support.kind == section.kind)
    raise BadDescription(f"mid {section.mid} offers no codec the hub speaks ({names})")


def build_answer(offer: Description, tracks: Sequence[AgreedTrack], local: LocalDescription) -> str:
    """The answer's text."""
    by_mid = {track.mid: track for track in tracks}
    answered = [item for item in offer.sections if _is_answered(item)]
    mids = [item.mid for item in answered if item.mid in offer.bundle]
    lines = session_lines(local, mids)
    for section in offer.sections:
        track = by_mid.get(section.mid)
        if track is not None:
            lines += _track_lines(section, track, local)
        elif _is_answered(section):
            lines += _inactive_lines(section, local)
        else:
            lines.append(f"m={section.kind} 0 {section.protocol} {section.formats}")
            lines += ["c=IN IP4 0.0.0.0", f"a=mid:{section.mid}"]
    return "\r\n".join(lines) + "\r\n"


def _is_answered(section: Section) -> bool:
    """Whether the m-line stays in use; data channels and rejected ones do not."""
    return section.kind in ("audio", "video") and not section.is_rejected


def session_lines(local: LocalDescription, mids: Sequence[str]) -> list[str]:
    # The session id only has to stay the same while the version counts (RFC 8866 5.2).
    return [
        "v=0",
        f"o=confhub {int(local.credentials.ufrag[:8], 16)} {local.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *(["a=group:BUNDLE " + " ".join(mids)] if mids else []),
        "a=ice-lite",
        "a=msid-semantic: WMS *",
    ]


def transport_lines(local: LocalDescription, setup: str) -> list[str]:
    lines = [
        f"a=ice-ufrag:{local.credentials.ufrag}",
        f"a=ice-pwd:{local.credentials.password}",
        f"a=fingerprint:{local.fingerprint}",
        f"a=setup:{setup}",
    ]
    return [*lines, *candidate_lines(local), "a=end-of-candidates"]


def candidate_lines(local: LocalDescription) -> list[str]:
    lines = []
    for index, (host, port) in enumerate(local.candidates):
        priority = candidate_priority(index, local.generation, is_udp=True)
        lines.append(f"a=candidate:{index + 1} 1 udp {priority} {host} {port} typ host")
    for index, (host, port) in enumerate(local.candidates if local.tcp else ()):
        priority = candidate_priority(index, local.generation, is_udp=False)
        # The foundation differs from that of the same address by UDP.
        lines.append(
            f"a=candidate:t{index} 1 tcp {priority} {host} {port} typ host tcptype passive"
        )
    return lines


# Of RFC 8445's type preferences: below every candidate of a browser's own but relayed ones, so
# that of a pair the lower priority, which counts first (section 6.1.2.3), is ours.
TYPE_PREFERENCE = 64
# Addresses that are told apart, and restarts.
MAX_ORDER = 32
MAX_GENERATION = 1023


def candidate_priority(index: int, generation: int, *, is_udp: bool) -> int:
    """Any candidate of a later generation before all earlier ones, then UDP before TCP, then by
    order.

    After a restart Chromium keeps to a pair that it takes for alive, for 3.5 s after the last
    packet, unless a better one is found: on another network the new pair must be the better one.
    """
    rank = min(generation, MAX_GENERATION) * 2 + is_udp
    local_preference = rank * MAX_ORDER + max(0, MAX_ORDER - 1 - index)
    return (TYPE_PREFERENCE << 24) | (local_preference << 8) | 255


def _track_lines(section: Section, track: AgreedTrack, local: LocalDescription) -> list[str]:
    payload_type, rtx, red = track.payload_type, track.rtx_payload_type, track.red_payload_type
    # The first is what the member sends: a voice comes with copies wherever it can.
    formats = " ".join(str(item) for item in (red, payload_type, rtx) if item is not None)
    codec = section.codecs[payload_type]
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {formats}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *transport_lines(local, "passive"),
        *(f"a=extmap:{number} {uri}" for uri, number in track.extensions.items()),
        f"a=rtpmap:{payload_type} {codec.name}/{codec.clock_rate}{channels}",
    ]
    lines += [
        f"a=rtcp-fb:{payload_type} {item}" for item in sorted(track.codec.feedback & codec.feedback)
    ]
    if track.codec.parameters:
        lines.append(f"a=fmtp:{payload_type} {track.codec.parameters}")
    if red is not None:
        lines += red_lines(red, payload_type)
    if rtx is not None:
        lines += [f"a=rtpmap:{rtx} rtx/{codec.clock_rate}", f"a=fmtp:{rtx} apt={payload_type}"]
    if track.rids and not track.is_grouped:
        lines += [f"a=rid:{rid} recv" for rid in track.rids]
        lines.append("a=simulcast:recv " + ";".join(track.rids))
    return lines


def red_lines(red: int, payload_type: int) -> list[str]:
    """`payload_type`, with copies of itself. Browsers write the list of two."""
    return [f"a=rtpmap:{red} {RED_CODEC}/48000/2", f"a=fmtp:{red} {payload_type}/{payload_type}"]


def _inactive_lines(section: Section, local: LocalDescription) -> list[str]:
    formats = " ".join(map(str, section.payload_types)) or section.formats
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=inactive",
        "a=rtcp-mux",
        *transport_lines(local, "passive"),
    ]
    for codec in section.codecs.values():
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        lines.append(f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.clock_rate}{channels}")
        if codec.name.lower() == "rtx" and "apt" in codec.parameters:
            lines.append(f"a=fmtp:{codec.payload_type} apt={codec.parameters['apt']}")
    return lines
