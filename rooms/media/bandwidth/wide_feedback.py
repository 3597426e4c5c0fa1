"""What a receiver says about each packet it was sent, and which packets those were. Pure.

draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1. `feedback.py` writes the same
messages in the other direction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import unpack_from
from typing import NamedTuple, Protocol

from rooms.media.rtp.packet import Unwrapper

DELTA_US = 250
REFERENCE_US = 64_000
# As many as an engine remembers to have sent: what a message says of older ones is of no use,
# and a message of 20 bytes must not cost the reading of 65,535.
MAX_STATUSES = 2048

LOST, SMALL_DELTA, LARGE_DELTA = 0, 1, 2


@dataclass(frozen=True, slots=True)
class WideFeedback:
    """`first` is the 16-bit number of the first packet, `reference` 24 bits in 64 ms.

    `arrivals` has an entry for each number from `first` on: microseconds after the reference,
    None for a packet that did not come.
    """

    first: int
    reference: int
    arrivals: tuple[int | None, ...]


class Sent(Protocol):
    """engine.SentPacket: monotonic seconds, and bytes with protection."""

    @property
    def at(self) -> float: ...
    @property
    def size(self) -> int: ...


class PacketResult(NamedTuple):
    """What became of one packet.

    `arrived_at` is in seconds of the receiver's clock, None for a packet that did not come.
    `was_lost`: it was called lost before, and came after all.
    """

    sent_at: float  # monotonic seconds
    size: int
    arrived_at: float | None
    was_lost: bool = False


def read_wide_feedback(body: bytes) -> WideFeedback:
    """From the body after the RTCP header. Raises ValueError when it is malformed."""
    if len(body) < 16:
        raise ValueError("transport feedback is truncated")
    first, count, word = unpack_from("!HHL", body, 8)
    if not 0 < count <= MAX_STATUSES:
        raise ValueError("transport feedback is of too many packets or none")
    statuses, at = _read_chunks(body, 16, count)
    arrivals: list[int | None] = []
    time_us = 0
    for status in statuses:
        if status == LOST:
            arrivals.append(None)
            continue
        size = 1 if status == SMALL_DELTA else 2
        if at + size > len(body):
            raise ValueError("transport feedback lacks arrival times")
        delta = body[at] if size == 1 else unpack_from("!h", body, at)[0]
        at += size
        time_us += delta * DELTA_US
        arrivals.append(time_us)
    return WideFeedback(first, word >> 8, tuple(arrivals))


def _read_chunks(body: bytes, at: int, count: int) -> tuple[list[int], int]:
    """The first `count` statuses, and where the chunks end."""
    statuses: list[int] = []
    while len(statuses) < count:
        if at + 2 > len(body):
            raise ValueError("transport feedback lacks statuses")
        (word,) = unpack_from("!H", body, at)
        at += 2
        if not word & 0x8000:
            statuses += [word >> 13] * min(word & 0x1FFF, count - len(statuses))
        elif word & 0x4000:
            statuses += [word >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [word >> shift & 1 for shift in range(13, -1, -1)]
    del statuses[count:]
    if 3 in statuses:
        raise ValueError("transport feedback has a reserved status")
    return statuses, at


class FeedbackMatcher:
    """Finds the packets that feedback is about; each is told once as lost and once as arrived."""

    def __init__(self, find_sent: Callable[[int], Sent | None]) -> None:
        """`find_sent` is Peer.sent."""
        self._find_sent = find_sent
        self.skipped_bytes = 0
        self._expected: int | None = None
        self._references = Unwrapper(24)
        # By place: when the packet told last was sent. Numbers come again, times do not.
        self._arrived: list[float | None] = [None] * MAX_STATUSES
        self._lost: list[float | None] = [None] * MAX_STATUSES

    def match(self, feedback: WideFeedback) -> list[PacketResult]:
        """What is new, in the order in which the packets were sent.

        `skipped_bytes` is then the size of those sent before them that no feedback was on.
        """
        self._skip(feedback)
        base_us = self._references.unwrap(feedback.reference) * REFERENCE_US
        results: list[PacketResult] = []
        for index, arrival_us in enumerate(feedback.arrivals):
            number = (feedback.first + index) & 0xFFFF
            sent = self._find_sent(number)
            if sent is None:
                continue
            place = number % MAX_STATUSES
            if self._arrived[place] == sent.at:
                continue
            was_lost = self._lost[place] == sent.at
            if arrival_us is not None:
                self._arrived[place] = sent.at
                arrived_at = (base_us + arrival_us) / 1e6
                results.append(PacketResult(sent.at, sent.size, arrived_at, was_lost))
            elif not was_lost:
                self._lost[place] = sent.at
                results.append(PacketResult(sent.at, sent.size, None))
        return results

    def _skip(self, feedback: WideFeedback) -> None:
        expected, first = self._expected, feedback.first
        self.skipped_bytes = 0
        gap = 0 if expected is None else (first - expected) & 0xFFFF
        if 0 < gap < MAX_STATUSES:
            numbers = ((first - back) & 0xFFFF for back in range(1, gap + 1))
            found = [self._find_sent(number) for number in numbers]
            self.skipped_bytes = sum(sent.size for sent in found if sent is not None)
        after = (first + len(feedback.arrivals)) & 0xFFFF
        if expected is None or (after - expected) & 0xFFFF < 0x8000:
            self._expected = after
