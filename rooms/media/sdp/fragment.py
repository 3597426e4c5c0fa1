"""SDP fragments that carry ICE alone, for trickling and restarts over HTTP (RFC 8840). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.media.errors import BadDescription
from rooms.media.sdp.answer import LocalDescription, transport_lines
from rooms.media.sdp.attributes import ICE_PASSWORD, ICE_UFRAG, lines_of

# A device with 30 candidates of 120 bytes sends 4 KiB.
MAX_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class IceFragment:
    """Credentials as the fragment names them; both empty when it only has candidates.

    Candidates are counted, not kept: a lite agent answers whatever path the device tests.
    """

    ufrag: str
    password: str
    candidates: int = 0


def parse_fragment(text: str) -> IceFragment:
    """Raises BadDescription for what is no fragment, or has one credential without the other."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BadDescription(f"longer than {MAX_BYTES} bytes")
    found = {"ice-ufrag": "", "ice-pwd": ""}
    candidates = 0
    for number, line in enumerate(lines_of(text), 1):
        if not line.strip():
            continue
        if len(line) < 3 or line[1] != "=":
            raise BadDescription(f"line {number}: not of the form x=value ({line[:80]!r})")
        name, _, value = line[2:].strip().partition(":")
        if line[0] == "a" and name in found and not found[name]:
            found[name] = value
        candidates += line[0] == "a" and name in ("candidate", "end-of-candidates")
    ufrag, password = found["ice-ufrag"], found["ice-pwd"]
    if (ufrag or password) and not (
        ICE_UFRAG.fullmatch(ufrag) and ICE_PASSWORD.fullmatch(password)
    ):
        raise BadDescription("ice-ufrag and ice-pwd must come together and be well-formed")
    return IceFragment(ufrag, password, candidates)


def build_fragment(local: LocalDescription, mid: str) -> str:
    """The hub's new credentials and its candidates; `mid` is of the bundle's first m-line."""
    candidates = [
        line
        for line in transport_lines(local, "passive")
        if line.startswith(("a=candidate:", "a=end-of-candidates"))
    ]
    lines = [
        "a=ice-lite",
        f"a=ice-ufrag:{local.credentials.ufrag}",
        f"a=ice-pwd:{local.credentials.password}",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        f"a=mid:{mid}",
        *candidates,
    ]
    return "\r\n".join(lines) + "\r\n"
