"""The lines of a session description that say something of an m-line (RFC 8866, 8839, 8853). Pure.

They come in any order (Firefox sorts them by name), so no reader may rely on what another has
read. Each takes a bounded part of whatever is written, so that 64 KiB cost no more than reading
them. What the hub can do without is left out where it is not as expected: a device must not fail
for an extension that nobody needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rooms.media.sdp.section import Codec, Section

# Payload types are 7 bits. 64..95 would read as RTCP on a multiplexed port (RFC 5761).
MAX_CODECS = 128
RTCP_TYPES = range(64, 96)
MAX_RIDS = 4
MAX_SSRCS = 2 * MAX_RIDS  # with their RTX
# Chromium writes six kinds of feedback and nine parameters for a codec, and 17 extensions.
MAX_FEEDBACK = 16
MAX_PARAMETERS = 32
MAX_EXTENSIONS = 64
# The hub makes use of one certificate; a peer that has others too names them (RFC 8122).
MAX_FINGERPRINTS = 16
# Ids of the one-byte form end at 14, of the other at 255; 15 is reserved in both, and 4096 and
# above stand for "to be chosen" (RFC 8285 section 5).
MAX_EXTENSION_ID = 255
RESERVED_IDS = (0, 15)

DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
SETUPS = frozenset({"active", "passive", "actpass", "holdconn"})
# Digest sizes in bytes. Weaker ones (sha-1, md5) are not accepted (RFC 8122 section 5).
FINGERPRINT_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
# What fits into an extension of the one-byte form (RFC 8852 allows more).
RID = re.compile(r"[A-Za-z0-9_-]{1,16}")
# RFC 8839 has letters, digits, "+" and "/"; devices write base64url too. ":" parts two of them.
ICE_UFRAG = re.compile(r"[!-9;-~]{4,256}")
ICE_PASSWORD = re.compile(r"[!-~]{22,256}")
HEX_PAIRS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2})*")


def lines_of(text: str) -> list[str]:
    """The lines of a description or a part of one. U+2028 and its like end none."""
    return [line.rstrip(" \t\r") for line in text.split("\n")]


def read_attribute(section: Section, text: str) -> None:
    """What follows "a=". Raises ValueError for what the hub cannot do without."""
    name, _, value = text.partition(":")
    if name in DIRECTIONS:
        section.direction = name
    elif (needed := NEEDED.get(name)) is not None:
        needed(section, value)
    elif (reader := ATTRIBUTES.get(name)) is not None:
        try:
            reader(section, value)
        except (ValueError, IndexError):
            return


def read_number(text: str, maximum: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > maximum:
        raise ValueError(f"not a number up to {maximum}")
    return int(text)


def read_formats(formats: list[str]) -> list[int]:
    """The payload types among an m-line's formats."""
    numbers = [int(item) for item in formats if item.isascii() and item.isdigit() and len(item) < 4]
    return [item for item in numbers if item < MAX_CODECS and item not in RTCP_TYPES]


def _match(pattern: re.Pattern[str], text: str, what: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"bad {what}")
    return text


def _codec(section: Section, text: str) -> Codec:
    number = read_number(text, MAX_CODECS - 1)
    return section.codecs.setdefault(number, Codec(number))


def _read_rtpmap(section: Section, value: str) -> None:
    payload, encoding = value.split(maxsplit=1)
    name, clock, *rest = encoding.split("/")
    channels = read_number(rest[0], 255) if rest else 1
    clock_rate = read_number(clock, 1_000_000)
    name = _match(TOKEN, name, "codec")
    codec = _codec(section, payload)
    codec.name, codec.clock_rate, codec.channels = name, clock_rate, channels


def _read_fmtp(section: Section, value: str) -> None:
    payload, _, text = value.partition(" ")
    parameters = _codec(section, payload).parameters
    for part in text.split(";", MAX_PARAMETERS)[:MAX_PARAMETERS]:
        name, _, parameter = part.strip().partition("=")
        if name and len(parameters) < MAX_PARAMETERS:
            parameters[name] = parameter


def _read_feedback(section: Section, value: str) -> None:
    payload, _, text = value.partition(" ")
    kinds = section.feedback if payload == "*" else _codec(section, payload).feedback
    if len(kinds) < MAX_FEEDBACK:
        kinds.add(" ".join(text.split()))


def _read_extmap(section: Section, value: str) -> None:
    number, uri, *_ = value.split()
    extension = read_number(number.split("/")[0], MAX_EXTENSION_ID)
    if extension not in RESERVED_IDS and len(section.extensions) < MAX_EXTENSIONS:
        section.extensions[uri] = extension


def _read_rid(section: Section, value: str) -> None:
    rid, direction, *_ = value.split()
    known = section.send_rids
    if direction == "send" and rid not in known and len(known) < MAX_RIDS:
        known.append(_match(RID, rid, "rid"))


def _read_simulcast(section: Section, value: str) -> None:
    words = value.split()
    for direction, streams in zip(words[::2], words[1::2], strict=False):
        if direction == "send":
            # Alternatives of one stream are separated by commas: the first is used. A leading ~
            # means that it starts paused. Drafts of RFC 8853 wrote "rid=" before the list.
            section.simulcast_send = [
                item.split(",")[0].lstrip("~") for item in streams.removeprefix("rid=").split(";")
            ]


def _read_ssrc(section: Section, value: str) -> None:
    ssrc = read_number(value.split()[0], 0xFFFFFFFF)
    if ssrc not in section.ssrcs and len(section.ssrcs) < MAX_SSRCS:
        section.ssrcs.append(ssrc)


def _read_ssrc_group(section: Section, value: str) -> None:
    semantics, *words = value.split()
    ssrcs = [read_number(word, 0xFFFFFFFF) for word in words[: MAX_RIDS + 1]]
    if semantics == "FID" and len(ssrcs) == 2 and len(section.fid) < MAX_SSRCS:
        section.fid[ssrcs[0]] = ssrcs[1]
    elif semantics == "SIM" and not section.layers:
        section.layers = list(dict.fromkeys(ssrcs))[:MAX_RIDS]


def _read_fingerprint(section: Section, value: str) -> None:
    algorithm, digest = value.split()
    algorithm, digest = algorithm.lower(), digest.upper()
    size = FINGERPRINT_BYTES.get(algorithm)
    if size is None or len(section.fingerprints) >= MAX_FINGERPRINTS:
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


def _read_lite(section: Section, _value: str) -> None:
    section.is_lite = True


def _read_rtcp_mux(section: Section, _value: str) -> None:
    section.rtcp_mux = True


def _read_bundle_only(section: Section, _value: str) -> None:
    section.bundle_only = True


NEEDED: dict[str, Callable[[Section, str], None]] = {
    "fingerprint": _read_fingerprint,
    "ice-pwd": _read_password,
    "ice-ufrag": _read_ufrag,
    "mid": _read_mid,
    "setup": _read_setup,
}
ATTRIBUTES: dict[str, Callable[[Section, str], None]] = {
    "bundle-only": _read_bundle_only,
    "extmap": _read_extmap,
    "fmtp": _read_fmtp,
    "ice-lite": _read_lite,
    "rid": _read_rid,
    "rtcp-fb": _read_feedback,
    "rtcp-mux": _read_rtcp_mux,
    "rtpmap": _read_rtpmap,
    "simulcast": _read_simulcast,
    "ssrc": _read_ssrc,
    "ssrc-group": _read_ssrc_group,
}
