"""Session descriptions from browsers, read with care (RFC 8866, 8829, 8853, 8839). Pure.

Own reading instead of aiortc.sdp: that one leaves out rid, simulcast and rtcp-rsize, and
meets malformed text with AssertionError, AttributeError or KeyError. Here everything wrong
is a BadDescription that says what.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from rooms.media.errors import BadDescription

# A browser's offer with 30 m-lines is about 50 KiB.
MAX_BYTES = 64 * 1024
MAX_SECTIONS = 64
MAX_LINES = 4096
# Payload types are 7 bits; extension ids of the one-byte form end at 14, of the other at 255.
MAX_CODECS = 128
MAX_RIDS = 4

DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
SETUPS = frozenset({"active", "passive", "actpass", "holdconn"})
# Digest sizes in bytes. Weaker ones (sha-1, md5) are not accepted (RFC 8122 section 5).
FINGERPRINT_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
RID = re.compile(r"[A-Za-z0-9_-]{1,16}")  # RFC 8852 allows more; browsers write short ones
ICE_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
ICE_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
HEX_PAIRS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2})*")


@dataclass(slots=True)
class Codec:
    payload_type: int
    name: str
    clock_rate: int
    channels: int
    parameters: dict[str, str] = field(default_factory=dict)
    feedback: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Section:
    """One m-line. `extensions` maps URI to id; `fid` maps a stream's SSRC to its RTX's."""

    kind: str
    port: int
    protocol: str
    payload_types: list[int]
    formats: str = ""
    mid: str = ""
    direction: str = "sendrecv"
    codecs: dict[int, Codec] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)
    send_rids: list[str] = field(default_factory=list)
    simulcast_send: list[str] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)
    fid: dict[int, int] = field(default_factory=dict)
    rtcp_mux: bool = False
    bundle_only: bool = False
    ufrag: str = ""
    password: str = ""
    setup: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_rejected(self) -> bool:
        """Port 0, unless it only means "in the bundle or not at all" (RFC 8843 section 6)."""
        return self.port == 0 and not self.bundle_only

    @property
    def sends(self) -> bool:
        return not self.is_rejected and self.direction in ("sendrecv", "sendonly")


@dataclass(slots=True)
class Description:
    """A whole description. ICE and DTLS fields are those of the bundle's transport."""

    sections: list[Section]
    bundle: list[str]
    ufrag: str
    password: str
    setup: str
    fingerprints: tuple[tuple[str, str], ...]

    def section(self, mid: str) -> Section | None:
        return next((item for item in self.sections if item.mid == mid), None)


def parse_description(text: str) -> Description:
    """Read an offer or answer. Raises BadDescription."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BadDescription(f"longer than {MAX_BYTES} bytes")
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise BadDescription(f"more than {MAX_LINES} lines")
    if not lines or lines[0].strip() != "v=0":
        raise BadDescription("does not begin with v=0")
    session = Section("", 9, "", [])
    sections: list[Section] = []
    bundle: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            _read_line(line.rstrip(), session, sections, bundle)
        except (ValueError, IndexError) as error:
            raise BadDescription(f"line {number}: {error} ({line[:80]!r})") from None
    return _assemble(session, sections, bundle)


def _read_line(line: str, session: Section, sections: list[Section], bundle: list[str]) -> None:
    if not line:
        return
    if len(line) < 2 or line[1] != "=":
        raise ValueError("not of the form x=value")
    if line.startswith("m="):
        if len(sections) >= MAX_SECTIONS:
            raise ValueError(f"more than {MAX_SECTIONS} m-lines")
        sections.append(_read_media(line[2:]))
    elif line.startswith("a="):
        name, _, value = line[2:].partition(":")
        if name == "group" and not sections:
            words = value.split()
            if words and words[0] == "BUNDLE":
                bundle[:] = words[1:]
            return
        reader = ATTRIBUTES.get(name)
        if reader is not None:
            reader(sections[-1] if sections else session, value)
        elif name in DIRECTIONS:
            (sections[-1] if sections else session).direction = name


def _read_media(value: str) -> Section:
    kind, port, protocol, *formats = value.split()
    payload_types: list[int] = []
    if kind in ("audio", "video"):
        payload_types = [_payload_type(item) for item in formats]
        if not payload_types or len(payload_types) > MAX_CODECS:
            raise ValueError("m-line has no formats, or too many")
    number = _number(port.split("/")[0], 0xFFFF)
    return Section(kind, number, protocol, payload_types, " ".join(formats))


def _assemble(session: Section, sections: list[Section], bundle: list[str]) -> Description:
    if not sections:
        raise BadDescription("no m-lines")
    mids: set[str] = set()
    for index, section in enumerate(sections):
        section.mid = section.mid or str(index)
        if section.mid in mids:
            raise BadDescription(f"mid {section.mid} is there twice")
        mids.add(section.mid)
        _check_section(section)
    used = [item for item in sections if not item.is_rejected]
    # All bundled m-lines use the transport of the one named first.
    lead = next((item for item in sections if bundle and item.mid == bundle[0]), None)
    lead = lead or (used[0] if used else sections[0])
    ufrag = lead.ufrag or session.ufrag
    password = lead.password or session.password
    fingerprints = lead.fingerprints or session.fingerprints
    if not ufrag or not password:
        raise BadDescription("no ice-ufrag or ice-pwd")
    if not fingerprints:
        raise BadDescription("no fingerprint of sha-256 or better")
    setup = lead.setup or session.setup or "actpass"
    return Description(sections, bundle, ufrag, password, setup, tuple(sorted(set(fingerprints))))


def _check_section(section: Section) -> None:
    known = set(section.payload_types)
    for payload_type in list(section.codecs):
        if payload_type not in known:
            del section.codecs[payload_type]
    rids = section.simulcast_send or section.send_rids
    if any(rid not in section.send_rids for rid in rids):
        raise BadDescription(f"simulcast of mid {section.mid} names a rid that is not declared")
    section.send_rids = rids


def _number(text: str, maximum: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > maximum:
        raise ValueError(f"not a number up to {maximum}")
    return int(text)


def _payload_type(text: str) -> int:
    value = _number(text, 127)
    # 64..95 as RTP payload types would read as RTCP on a multiplexed port (RFC 5761).
    if 64 <= value <= 95:
        raise ValueError(f"payload type {value} collides with RTCP")
    return value


def _match(pattern: re.Pattern[str], text: str, what: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"bad {what}")
    return text


def _codec(section: Section, text: str) -> Codec | None:
    return section.codecs.get(_number(text, 127))


def _read_rtpmap(section: Section, value: str) -> None:
    payload, encoding = value.split(maxsplit=1)
    name, clock, *rest = encoding.split("/")
    payload_type = _number(payload, 127)
    channels = _number(rest[0], 255) if rest else 1
    clock_rate = _number(clock, 1_000_000)
    codec = Codec(payload_type, _match(TOKEN, name, "codec"), clock_rate, channels)
    section.codecs[payload_type] = codec


def _read_fmtp(section: Section, value: str) -> None:
    payload, _, text = value.partition(" ")
    codec = _codec(section, payload)
    if codec is None:
        return
    for part in text.split(";"):
        name, _, parameter = part.strip().partition("=")
        if name:
            codec.parameters[name] = parameter


def _read_feedback(section: Section, value: str) -> None:
    payload, _, text = value.partition(" ")
    if payload == "*":
        for codec in section.codecs.values():
            codec.feedback.add(text.strip())
    elif (one := _codec(section, payload)) is not None:
        one.feedback.add(text.strip())


def _read_extmap(section: Section, value: str) -> None:
    number, uri, *_ = value.split()
    extension = _number(number.split("/")[0], 255)
    if extension in (0, 15):
        raise ValueError("reserved extension id")
    section.extensions[uri] = extension


def _read_rid(section: Section, value: str) -> None:
    rid, direction, *_ = value.split()
    if direction == "send":
        if len(section.send_rids) >= MAX_RIDS:
            raise ValueError(f"more than {MAX_RIDS} rids")
        section.send_rids.append(_match(RID, rid, "rid"))


def _read_simulcast(section: Section, value: str) -> None:
    words = value.split()
    for direction, streams in zip(words[::2], words[1::2], strict=False):
        if direction == "send":
            # Alternatives of one stream are separated by commas: the first is used.
            # A leading ~ means that it starts paused.
            section.simulcast_send = [
                item.split(",")[0].lstrip("~") for item in streams.split(";") if item
            ]


def _read_ssrc(section: Section, value: str) -> None:
    ssrc = _number(value.split()[0], 0xFFFFFFFF)
    if ssrc not in section.ssrcs and len(section.ssrcs) < 2 * MAX_RIDS:
        section.ssrcs.append(ssrc)


def _read_ssrc_group(section: Section, value: str) -> None:
    semantics, *ssrcs = value.split()
    if semantics == "FID" and len(ssrcs) == 2:
        section.fid[_number(ssrcs[0], 0xFFFFFFFF)] = _number(ssrcs[1], 0xFFFFFFFF)


def _read_fingerprint(section: Section, value: str) -> None:
    algorithm, digest = value.split()
    algorithm, digest = algorithm.lower(), digest.upper()
    size = FINGERPRINT_BYTES.get(algorithm)
    if size is None:
        return
    if HEX_PAIRS.fullmatch(digest) is None or len(digest) != 3 * size - 1:
        raise ValueError("bad fingerprint")
    section.fingerprints.append((algorithm, digest))


def _read_setup(section: Section, value: str) -> None:
    if value not in SETUPS:
        raise ValueError("bad setup")
    section.setup = value


def _read_mid(section: Section, value: str) -> None:
    section.mid = _match(TOKEN, value, "mid")


def _read_ufrag(section: Section, value: str) -> None:
    section.ufrag = _match(ICE_UFRAG, value, "ice-ufrag")


def _read_password(section: Section, value: str) -> None:
    section.password = _match(ICE_PASSWORD, value, "ice-pwd")


def _read_rtcp_mux(section: Section, _value: str) -> None:
    section.rtcp_mux = True


def _read_bundle_only(section: Section, _value: str) -> None:
    section.bundle_only = True


ATTRIBUTES: dict[str, Callable[[Section, str], None]] = {
    "bundle-only": _read_bundle_only,
    "extmap": _read_extmap,
    "fingerprint": _read_fingerprint,
    "fmtp": _read_fmtp,
    "ice-pwd": _read_password,
    "ice-ufrag": _read_ufrag,
    "mid": _read_mid,
    "rid": _read_rid,
    "rtcp-fb": _read_feedback,
    "rtcp-mux": _read_rtcp_mux,
    "rtpmap": _read_rtpmap,
    "setup": _read_setup,
    "simulcast": _read_simulcast,
    "ssrc": _read_ssrc,
    "ssrc-group": _read_ssrc_group,
}
