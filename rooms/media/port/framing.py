"""Packets over a byte stream (RFC 4571), and those that wait to be written to one. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

# As the longest datagram that is read; a browser's are shorter than an Ethernet frame.
MAX_PACKET_BYTES = 2048
# The shortest RTP header; DTLS records and STUN messages are longer. Crumbs cost more than bytes.
MIN_PACKET_BYTES = 12
LENGTH_BYTES = 2

# Voice that waited longer than this is of no use to anybody, and what comes after it is.
MAX_VOICE_AGE_S = 1.0
# 50 packets a second of each of three voices for that long, and feedback.
MAX_VOICE_PACKETS = 256
# A key frame of a thumbnail takes half a second at 300 kbit/s and must get through; a picture
# that comes later than this is not one of now.
MAX_PICTURE_AGE_S = 1.5
# What 1.4 Mbit/s carries in that time, which is the chair's picture; memory of one connection.
MAX_PICTURE_BYTES = 256 * 1024
# Buffers of one sendmsg: a few thousand bytes of voice or 48 KiB of picture.
MAX_PARTS = 32


class Deframer:
    """Cuts a byte stream into packets."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that are complete now, empty ones too, which keep a path open.

        ValueError at a length that no packet of ours has: what follows cannot be read any more.
        """
        data = self._rest + data
        packets: list[bytes] = []
        at = 0
        while len(data) - at >= LENGTH_BYTES:
            size = data[at] << 8 | data[at + 1]
            if size > MAX_PACKET_BYTES or 0 < size < MIN_PACKET_BYTES:
                raise ValueError(f"a packet of {size} bytes")
            end = at + LENGTH_BYTES + size
            if end > len(data):
                break
            packets.append(data[at + LENGTH_BYTES : end])
            at = end
        self._rest = data[at:]
        return packets


class Outbox:
    """What waits to be written to one connection: voice and control before pictures.

    Time is the caller's monotonic `now`. Voice drops its oldest packets; of pictures all that
    wait are dropped together, for what comes after a gap cannot be decoded.
    """

    def __init__(self) -> None:
        self.voice_dropped = 0
        self.pictures_dropped = 0
        self._begun: memoryview | None = None  # a packet whose first bytes are gone
        self._voice: deque[tuple[float, bytes]] = deque()
        self._pictures: deque[tuple[float, bytes]] = deque()
        self._picture_bytes = 0

    def __len__(self) -> int:
        return (self._begun is not None) + len(self._voice) + len(self._pictures)

    @property
    def waiting_bytes(self) -> int:
        begun = len(self._begun) if self._begun is not None else 0
        return begun + self._picture_bytes + sum(len(frame) for _, frame in self._voice)

    def put(self, packet: bytes, now: float, *, is_picture: bool = False) -> bool:
        """Take one packet. False: the line is too slow, and pictures had to be dropped."""
        frame = len(packet).to_bytes(LENGTH_BYTES, "big") + packet
        if not is_picture:
            self._voice.append((now, frame))
            if len(self._voice) > MAX_VOICE_PACKETS:
                self._voice.popleft()
                self.voice_dropped += 1
            return True
        self._pictures.append((now, frame))
        self._picture_bytes += len(frame)
        is_late = now - self._pictures[0][0] > MAX_PICTURE_AGE_S
        if is_late or self._picture_bytes > MAX_PICTURE_BYTES:
            self.pictures_dropped += len(self._pictures)
            self._pictures.clear()
            self._picture_bytes = 0
            return False
        return True

    def parts(self, now: float) -> Sequence[bytes | memoryview]:
        """What to write next, at most MAX_PARTS buffers; then say how much with `written`."""
        while self._voice and now - self._voice[0][0] > MAX_VOICE_AGE_S:
            self._voice.popleft()
            self.voice_dropped += 1
        found: list[bytes | memoryview] = []
        if self._begun is not None:
            found.append(self._begun)
        for queue in (self._voice, self._pictures):
            for _, frame in queue:
                if len(found) == MAX_PARTS:
                    return found
                found.append(frame)
        return found

    def written(self, size: int) -> None:
        """The first `size` bytes of the last `parts` are on their way."""
        if self._begun is not None:
            if size < len(self._begun):
                self._begun = self._begun[size:]
                return
            size -= len(self._begun)
            self._begun = None
        while size > 0:
            is_picture = not self._voice
            _, frame = (self._pictures if is_picture else self._voice).popleft()
            self._picture_bytes -= len(frame) if is_picture else 0
            if size < len(frame):
                self._begun = memoryview(frame)[size:]
            size -= len(frame)
