"""RTP packets as views on bytes. Pure.

RFC 3550 section 5.1 for the header, RFC 8285 for its extensions. aiortc's RtpPacket costs
3 us to parse and serialise, as much as encrypting; these views cost a third of it.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from rooms.media.rtp.vp8 import Vp8Descriptor

HEADER: Final = Struct("!BBHII")
HEADER_BYTES = 12
EXTENSION_HEADER = Struct("!HH")
ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000  # the low four bits are for the application

# The five that the hub agrees to for a picture take 111 bytes at most (a mid of 64 and rids of 16
# in the two-byte form), those of its own pages under 40. The one-byte form has 14 ids.
MAX_EXTENSION_BYTES = 128
MAX_ELEMENTS = 16

MAX_SEQUENCE = 0xFFFF
MAX_TIMESTAMP = 0xFFFFFFFF


class RtpHeader:
    """A received packet's header. `payload_end` leaves the padding out."""

    __slots__ = (
        "_extensions",
        "data",
        "extension_at",
        "extension_end",
        "extension_profile",
        "marker",
        "payload_at",
        "payload_end",
        "payload_type",
        "sequence",
        "ssrc",
        "timestamp",
    )

    def __init__(self, data: bytes) -> None:
        """Raises ValueError when `data` is no RTP packet of version 2."""
        size = len(data)
        if size < HEADER_BYTES:
            raise ValueError("RTP packet is shorter than its header")
        first, second, self.sequence, self.timestamp, self.ssrc = HEADER.unpack_from(data)
        if first >> 6 != 2:
            raise ValueError("RTP version is not 2")
        self.data = data
        self._extensions: dict[int, bytes] | None = None
        self.marker = second >> 7
        self.payload_type = second & 0x7F
        at = HEADER_BYTES + 4 * (first & 0x0F)
        self.extension_at = self.extension_end = self.extension_profile = 0
        if first & 0x10:
            if at + 4 > size:
                raise ValueError("RTP extension is truncated")
            self.extension_profile, words = EXTENSION_HEADER.unpack_from(data, at)
            self.extension_at = at + 4
            at = self.extension_end = at + 4 + 4 * words
        end = size
        if first & 0x20:
            padding = data[-1]
            if padding == 0:
                raise ValueError("RTP padding is empty")
            end -= padding
        if at > end:
            raise ValueError("RTP packet is shorter than its header says")
        self.payload_at = at
        self.payload_end = end

    def extension(self, wanted: int) -> bytes | None:
        """The value of extension id `wanted`, or None. A broken block ends the search.

        An id of 0 stands for "not negotiated".
        """
        found = self._extensions
        if found is None:
            found = self._extensions = self._read_extensions()
        return found.get(wanted)

    def _read_extensions(self) -> dict[int, bytes]:
        """The elements by their id; of two with one id the first."""
        found: dict[int, bytes] = {}
        at, end, profile = self.extension_at, self.extension_end, self.extension_profile
        is_short = profile == ONE_BYTE_PROFILE
        if end - at > MAX_EXTENSION_BYTES or not (is_short or profile & 0xFFF0 == TWO_BYTE_PROFILE):
            return found
        data = self.data
        for _ in range(MAX_ELEMENTS):
            while at < end and data[at] == 0:  # padding
                at += 1
            if at + 1 >= end:
                break
            if is_short:
                number, size = data[at] >> 4, (data[at] & 0x0F) + 1
                at += 1
                if number == 15:  # reserved: stop (RFC 8285 section 4.2)
                    break
            else:
                number, size = data[at], data[at + 1]
                at += 2
            if at + size > end:
                break
            if number:
                found.setdefault(number, data[at : at + size])
            at += size
        return found


class MediaPacket:
    """One packet to forward, shared by all its receivers; nobody changes it.

    `vp8` is the parsed payload descriptor of a video packet, `level` the RFC 6464 level
    of an audio packet (0 loudest .. 127 silence), or 127.
    """

    __slots__ = ("level", "marker", "payload", "sequence", "timestamp", "vp8")

    def __init__(
        self,
        sequence: int,
        timestamp: int,
        marker: int,
        payload: bytes,
        vp8: Vp8Descriptor | None = None,
        level: int = 127,
    ) -> None:
        self.sequence = sequence
        self.timestamp = timestamp
        self.marker = marker
        self.payload = payload
        self.vp8 = vp8
        self.level = level


def abs_send_time(now_s: float) -> int:
    """24-bit send time, 6.18 fixed point seconds, as the abs-send-time extension wants it."""
    return int(now_s * 262144) & 0xFFFFFF


class Unwrapper:
    """Extends 16 or 32-bit counters to integers that do not wrap.

    Each value is read as the one nearest to the highest so far; the result can be negative
    for what came before the first.
    """

    __slots__ = ("_half", "_size", "highest")

    def __init__(self, bits: int) -> None:
        self._size = 1 << bits
        self._half = self._size >> 1
        self.highest: int | None = None

    def read(self, value: int) -> int:
        """As `unwrap`, and nothing is noted."""
        highest = self.highest
        if highest is None:
            return value
        delta = (value - highest) & (self._size - 1)
        return highest + delta - (self._size if delta >= self._half else 0)

    def unwrap(self, value: int) -> int:
        extended = self.read(value)
        if self.highest is None or extended > self.highest:
            self.highest = extended
        return extended
