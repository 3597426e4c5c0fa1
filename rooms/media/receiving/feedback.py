"""Transport-wide congestion feedback for what a browser sends to us. Pure.

draft-holmer-rmcat-transport-wide-cc-extensions-01. Chromium's sender-side estimate lives on
it: without feedback its simulcast never leaves the lowest layer.
"""

from __future__ import annotations

from struct import pack

from rooms.media.rtp.packet import Unwrapper
from rooms.media.rtp.rtcp import FMT_TRANSPORT_CC, RTPFB, build_packet

DELTA_US = 250
REFERENCE_US = 64_000
SMALL_DELTAS = 256
MAX_DELTA = 0x7FFF

# Statuses in one feedback packet: keeps it within one datagram (2 bytes of delta each, plus
# chunks) at any pattern.
MAX_STATUSES = 400
# Arrivals older than this are not reported again when a late packet reopens the window.
HISTORY_US = 500_000
# A jump of the counter by more than this means the sender began anew. It also bounds what one
# flush reports, whatever the sender numbers, to two packets: between two flushes 50 ms pass, in
# which a member may send 125.
MAX_JUMP = 500


class ArrivalRecorder:
    """Collects arrival times by transport-wide sequence number and writes feedback."""

    def __init__(self) -> None:
        self._sequences = Unwrapper(16)
        self._arrivals: dict[int, int] = {}
        self._next: int | None = None
        self._floor: int | None = None  # the neighbours below have been forgotten
        self._fresh = 0
        self._count = 0

    def __len__(self) -> int:
        return len(self._arrivals)

    def record(self, sequence: int, arrival_us: int) -> None:
        """Note that the packet with this 16-bit number came at `arrival_us` (monotonic)."""
        highest, first = self._sequences.highest, self._next
        extended = self._sequences.unwrap(sequence)
        is_jump = highest is not None and abs(extended - highest) > MAX_JUMP
        if is_jump or (first is not None and extended - first > MAX_JUMP):
            self._arrivals.clear()
            self._sequences = Unwrapper(16)
            self._next = extended = self._sequences.unwrap(sequence)
            self._floor = None
        if extended in self._arrivals:
            return
        if self._floor is not None and extended < self._floor:
            # Reporting this one would show its forgotten neighbours as lost.
            return
        self._arrivals[extended] = arrival_us
        self._fresh += 1
        if self._next is None or extended < self._next:
            self._next = extended

    def flush(self, sender: int, media: int) -> list[bytes]:
        """Feedback packets on all that came since the last flush; none when nothing did."""
        if not self._fresh or self._next is None:
            return []
        last = max(self._arrivals)
        packets: list[bytes] = []
        at = self._next
        while at <= last:
            packet, at = self._build(sender, media, at, last)
            packets.append(packet)
        self._next = last + 1
        self._fresh = 0
        self._forget()
        return packets

    def _forget(self) -> None:
        newest = max(self._arrivals.values())
        kept = {
            sequence: at for sequence, at in self._arrivals.items() if newest - at <= HISTORY_US
        }
        if len(kept) < len(self._arrivals):
            self._floor = min(kept)
        self._arrivals = kept

    def _build(self, sender: int, media: int, start: int, last: int) -> tuple[bytes, int]:
        arrivals = self._arrivals
        first = start
        while first not in arrivals:
            first += 1
        # A long hole in front is reported in packets of its own size limit.
        reference = arrivals[first] // REFERENCE_US
        previous = reference * (REFERENCE_US // DELTA_US)
        statuses: list[int] = []
        deltas = bytearray()
        at = start
        while at <= last and len(statuses) < MAX_STATUSES:
            arrival = arrivals.get(at)
            if arrival is None:
                statuses.append(0)
            else:
                ticks = arrival // DELTA_US
                delta = ticks - previous
                if 0 <= delta < SMALL_DELTAS:
                    statuses.append(1)
                    deltas.append(delta)
                elif -MAX_DELTA <= delta <= MAX_DELTA:
                    statuses.append(2)
                    deltas += pack("!h", delta)
                else:
                    break  # too far in time: the next packet has its own reference
                previous = ticks
            at += 1
        body = pack(
            "!LLHHL",
            sender,
            media,
            start & 0xFFFF,
            len(statuses),
            (reference & 0xFFFFFF) << 8 | self._count & 0xFF,
        )
        body += encode_chunks(statuses) + deltas
        self._count += 1
        body += bytes(-len(body) % 4)
        return build_packet(RTPFB, FMT_TRANSPORT_CC, body), at


def encode_chunks(statuses: list[int]) -> bytes:
    """Packet status chunks: run lengths for runs, vectors of seven 2-bit symbols else."""
    out = bytearray()
    at = 0
    total = len(statuses)
    while at < total:
        symbol = statuses[at]
        run = at + 1
        while run < total and statuses[run] == symbol and run - at < 0x1FFF:
            run += 1
        # A vector holds seven; a run pays from there on, and at the end where it fits all.
        if run - at >= 7 or run == total:
            out += pack("!H", symbol << 13 | run - at)
            at = run
            continue
        word = 0xC000
        for i, status in enumerate(statuses[at : at + 7]):
            word |= status << (12 - 2 * i)
        out += pack("!H", word)
        at += 7
    return bytes(out)
