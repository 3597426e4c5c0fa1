"""One m-line of a session description, as read. Plain types."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Codec:
    """`name` is empty until an rtpmap tells it: other attributes may come first."""

    payload_type: int
    name: str = ""
    clock_rate: int = 0
    channels: int = 1
    parameters: dict[str, str] = field(default_factory=dict)
    feedback: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Section:
    """One m-line, or what is said before the first for all of them.

    `payload_types` leaves out what cannot be one, `formats` is the text. `extensions` maps URI to
    id; `fid` maps a stream's SSRC to its RTX's; `layers` are the SSRCs of one picture in several
    sizes (ssrc-group SIM), the smallest first. `feedback` is what holds for every codec.
    """

    kind: str
    port: int
    protocol: str
    payload_types: list[int]
    formats: str = ""
    mid: str = ""
    direction: str = ""
    codecs: dict[int, Codec] = field(default_factory=dict)
    feedback: set[str] = field(default_factory=set)
    extensions: dict[str, int] = field(default_factory=dict)
    send_rids: list[str] = field(default_factory=list)
    simulcast_send: list[str] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)
    fid: dict[int, int] = field(default_factory=dict)
    layers: list[int] = field(default_factory=list)
    rtcp_mux: bool = False
    bundle_only: bool = False
    is_lite: bool = False
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

    @property
    def receives(self) -> bool:
        return not self.is_rejected and self.direction in ("sendrecv", "recvonly")

    def repair_of(self, payload_type: int) -> int | None:
        """The payload type of RTX (RFC 4588) for that of a codec."""
        for codec in self.codecs.values():
            if codec.name.lower() == "rtx" and codec.parameters.get("apt") == str(payload_type):
                return codec.payload_type
        return None
