"""Session descriptions from browsers, read with care (RFC 8866, 8829). Pure.

Own reading instead of aiortc.sdp: that one leaves out rid, simulcast and rtcp-rsize, and
meets malformed text with AssertionError, AttributeError or KeyError. Here everything wrong
is a BadDescription that says what.
"""

from __future__ import annotations

from dataclasses import dataclass

from rooms.media.errors import BadDescription, LitePeer
from rooms.media.sdp.attributes import (
    MAX_CODECS,
    lines_of,
    read_attribute,
    read_formats,
    read_number,
)
from rooms.media.sdp.section import Section

# A browser's offer with 30 m-lines is about 50 KiB.
MAX_BYTES = 64 * 1024
MAX_SECTIONS = 64
MAX_LINES = 4096


@dataclass(slots=True)
class Description:
    """A whole description. ICE and DTLS fields are those of the bundle's transport."""

    sections: list[Section]
    bundle: list[str]
    ufrag: str
    password: str
    setup: str
    fingerprints: tuple[tuple[str, str], ...]
    is_lite: bool = False

    def section(self, mid: str) -> Section | None:
        return next((item for item in self.sections if item.mid == mid), None)

    def check_active(self, wanted: str = "actpass") -> None:
        """Raises LitePeer or BadDescription unless its author does what the hub leaves to others:
        the checks of ICE and the first step of DTLS. `wanted`: what a=setup should say."""
        if self.is_lite:
            raise LitePeer
        if self.setup not in ("active", "actpass"):
            raise BadDescription(f"the hub is always passive in DTLS; write setup:{wanted}")


def parse_description(text: str) -> Description:
    """Read an offer or answer. Raises BadDescription."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BadDescription(f"longer than {MAX_BYTES} bytes")
    lines = lines_of(text)
    if len(lines) > MAX_LINES:
        raise BadDescription(f"more than {MAX_LINES} lines")
    if lines[0] != "v=0":
        raise BadDescription("does not begin with v=0")
    session = Section("", 9, "", [])
    sections: list[Section] = []
    bundle: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            _read_line(line, session, sections, bundle)
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
    elif line.startswith("a=group:BUNDLE ") and not sections:
        bundle[:] = line.split(maxsplit=MAX_SECTIONS + 1)[1 : MAX_SECTIONS + 1]
    elif line.startswith("a="):
        read_attribute(sections[-1] if sections else session, line[2:])


def _read_media(value: str) -> Section:
    kind, port, protocol, *formats = value.split()
    if not formats or len(formats) > MAX_CODECS:
        raise ValueError("m-line has no formats, or too many")
    payload_types = read_formats(formats) if kind in ("audio", "video") else []
    number = read_number(port.split("/")[0], 0xFFFF)
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
        _complete(section, session)
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
    is_lite = lead.is_lite or session.is_lite
    found = tuple(sorted(set(fingerprints)))
    return Description(sections, bundle, ufrag, password, setup, found, is_lite)


def _complete(section: Section, session: Section) -> None:
    """Put together what came in any order, and what the whole session says."""
    section.direction = section.direction or session.direction or "sendrecv"
    section.extensions = session.extensions | section.extensions
    known = set(section.payload_types)
    section.codecs = {
        number: codec for number, codec in section.codecs.items() if codec.name and number in known
    }
    for codec in section.codecs.values():
        codec.feedback |= section.feedback
    # A stream that was not declared, or is one too many, is not taken.
    ordered = dict.fromkeys(rid for rid in section.simulcast_send if rid in section.send_rids)
    section.send_rids = list(ordered) or section.send_rids
