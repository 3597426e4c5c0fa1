"""Packets sent lately on one slot, to answer NACKs. Pure.

Payloads are shared with all other slots that forward the same packet: an entry is a reference
and a few numbers.
"""

from __future__ import annotations

from typing import NamedTuple

# 512 packets are 1.8 s of a 2.5 Mbit/s picture: several round trips of a bad line.
CACHE_PACKETS = 512
# Answers to the same number closer than this are repeats of one request.
MIN_REPEAT_S = 0.1
MAX_ANSWERS = 3


class KeptPacket(NamedTuple):
    """`head` replaces the first `skip` bytes of `payload`."""

    sequence: int
    timestamp: int
    marker: int
    head: bytes
    skip: int
    payload: bytes


class PacketCache:
    """A ring by outgoing sequence number."""

    __slots__ = ("_answers", "_ring")

    def __init__(self) -> None:
        self._ring: list[KeptPacket | None] = [None] * CACHE_PACKETS
        # By place in the ring: which packet was sent again, when last, and how often.
        self._answers: dict[int, tuple[KeptPacket, float, int]] = {}

    def store(self, packet: KeptPacket) -> None:
        self._ring[packet.sequence % CACHE_PACKETS] = packet

    def find(self, sequence: int, now: float) -> KeptPacket | None:
        """The packet to send again, or None when it is gone, just sent, or sent too often."""
        place = sequence % CACHE_PACKETS
        packet = self._ring[place]
        if packet is None or packet.sequence != sequence:
            return None
        times = 0
        answer = self._answers.get(place)
        if answer is not None and answer[0] is packet:
            _, at, times = answer
            if now - at < MIN_REPEAT_S or times >= MAX_ANSWERS:
                return None
        self._answers[place] = (packet, now, times + 1)
        return packet

    def clear(self) -> None:
        self._ring = [None] * CACHE_PACKETS
        self._answers.clear()
