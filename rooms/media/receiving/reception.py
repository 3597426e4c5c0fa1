"""What a receiver knows about one incoming stream: loss, jitter, missing packets. Pure.

RFC 3550 appendix A.1, A.3 and A.8; retransmissions by RFC 4585 NACKs.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from confhub.bucket import Rate, TokenBucket
from rooms.media.engine.once import Once
from rooms.media.rtp.packet import Unwrapper
from rooms.media.rtp.rtcp import ReportBlock, SenderReport, ntp_middle

# A hole wider than this is an outage: a key frame costs less than asking for all of it.
MAX_MISSING = 200
# New ones a second, and at once: a line that loses a third of a sharp picture's 800 packets a
# second has fewer. Beyond them it is an outage as well: each costs as much as a packet that came.
HOLES = Rate(300, 5 * MAX_MISSING)
# Asked this often at most; after that the picture is mended by a key frame.
MAX_NACK_TRIES = 5
# A first NACK waits this long for a packet that is only late (one frame at 30 fps sent in
# a burst takes less).
REORDER_GRACE_S = 0.010
# Between tries at least this long, or a round trip and a quarter when that is longer: a viewer
# waits meanwhile.
MIN_RETRY_S = 0.040
RETRY_ROUND_TRIPS = 1.25
# Asked more often than this, packets are no longer what a viewer should wait for.
MOST_HOPEFUL_TRIES = 2
# Sequence numbers seen lately, to know a duplicate; what is older is late beyond use.
MAX_SEEN = 512


class StreamReception:
    """Counts one SSRC. Times are monotonic seconds."""

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.clock_rate = clock_rate
        self.packets = 0
        self.payload_bytes = 0
        self.jitter = 0.0
        self.last_report: SenderReport | None = None
        self.last_report_at = 0.0
        self._sequences = Unwrapper(16)
        self._first = 0
        self.transit: int | None = None  # of the packet before, for `jitter`
        self._expected_before = 0
        self._received_before = 0
        self._expected_measured = 0
        self._received_measured = 0

    def receive(self, sequence: int, timestamp: int, size: int, now: float) -> tuple[int, int]:
        """Count a packet; returns its extended sequence number and the highest before it."""
        highest = self._sequences.highest
        extended = self._sequences.unwrap(sequence)
        if highest is None:
            self._first = highest = extended
        elif extended < self._first:
            self._first = extended
        self.packets += 1
        self.payload_bytes += size
        transit = int(now * self.clock_rate) - timestamp
        if self.transit is not None:
            delta = abs((transit - self.transit + 0x80000000 & 0xFFFFFFFF) - 0x80000000)
            # A jump of seconds is a new timeline, not jitter.
            if delta < 4 * self.clock_rate:
                self.jitter += (delta - self.jitter) / 16
        self.transit = transit
        return extended, highest

    def go_on(self, packets: int, size: int, transit: int, jitter: float) -> None:
        """So many followed in order, counted elsewhere."""
        self._sequences.highest = (self._sequences.highest or 0) + packets
        self.packets += packets
        self.payload_bytes += size
        self.transit, self.jitter = transit, jitter

    @property
    def highest(self) -> int | None:
        """The extended number of the newest packet."""
        return self._sequences.highest

    def extend(self, sequence: int) -> int:
        """The extended number of `sequence` without counting it as received."""
        highest = self._sequences.highest
        extended = self._sequences.unwrap(sequence)
        self._sequences.highest = highest
        return extended

    @property
    def jitter_ms(self) -> float:
        return self.jitter * 1000 / self.clock_rate

    @property
    def expected(self) -> int:
        highest = self._sequences.highest
        return 0 if highest is None else highest - self._first + 1

    def report(self, now: float) -> ReportBlock:
        """The report block for this stream, and begin a new interval."""
        expected, received = self.expected, self.packets
        interval = expected - self._expected_before
        lost = interval - (received - self._received_before)
        self._expected_before, self._received_before = expected, received
        fraction = min(255, (lost << 8) // interval) if interval > 0 and lost > 0 else 0
        sent = self.last_report
        delay = int((now - self.last_report_at) * 65536) if sent else 0
        return ReportBlock(
            self.ssrc,
            fraction,
            expected - received,
            self._sequences.highest or 0,
            int(self.jitter),
            ntp_middle(sent.ntp) if sent else 0,
            delay,
        )

    def measure_loss(self) -> tuple[int, int]:
        """(expected, received) packets since this was last called."""
        expected, received = self.expected, self.packets
        result = (expected - self._expected_measured, received - self._received_measured)
        self._expected_measured, self._received_measured = expected, received
        return result


@dataclass(slots=True)
class _Missing:
    tries: int
    next_at: float


class MissingPackets:
    """Which packets of a video stream to ask for again, and when."""

    def __init__(self) -> None:
        self._missing: OrderedDict[int, _Missing] = OrderedDict()
        self._seen = Once(MAX_SEEN)
        self._holes = TokenBucket(HOLES)
        self.gave_up = False
        self.next_at = float("inf")  # when `due` has something to say, at the earliest

    def __len__(self) -> int:
        return len(self._missing)

    @property
    def is_hopeful(self) -> bool:
        """Something is missing, and all of it may still come or was asked for a short while ago."""
        entries = self._missing.values()
        return bool(entries) and all(one.tries <= MOST_HOPEFUL_TRIES for one in entries)

    def receive(self, extended: int, highest: int, now: float) -> bool:
        """Note an arrival; returns False for a duplicate, and for one too old to tell."""
        if not self._seen.use(extended):
            return False
        if self._missing:
            self._missing.pop(extended, None)
        gap = extended - highest - 1
        if gap > MAX_MISSING or (gap > 0 and not self._holes.take(now, gap)):
            self._missing.clear()
            self.gave_up = True
        elif gap > 0:
            due = now + REORDER_GRACE_S
            self.next_at = min(self.next_at, due)
            for sequence in range(highest + 1, extended):
                self._missing[sequence] = _Missing(0, due)
            while len(self._missing) > MAX_MISSING:
                self._missing.popitem(last=False)
                self.gave_up = True
        return True

    @property
    def highest(self) -> int | None:
        return self._seen.highest

    def go_on(self, packets: int) -> None:
        """So many followed in order."""
        self._seen.use_next(packets)

    def mend(self, extended: int, now: float) -> bool:
        """Note a retransmission; False where there was nothing to mend. It can only be of what
        came before the newest packet, or it would move the numbers of a stream."""
        highest = self._seen.highest
        if highest is None or extended > highest:
            return False
        return self.receive(extended, highest, now)

    def due(self, now: float, rtt_ms: float | None) -> list[int]:
        """Sequence numbers (16 bits) to ask for now. Sets `gave_up` when tries ran out."""
        wanted: list[int] = []
        ended: list[int] = []
        retry_s = max(MIN_RETRY_S, (rtt_ms or 0.0) / 1000 * RETRY_ROUND_TRIPS)
        for sequence, entry in self._missing.items():
            if entry.next_at > now:
                continue
            if entry.tries >= MAX_NACK_TRIES:
                ended.append(sequence)
                continue
            entry.tries += 1
            entry.next_at = now + retry_s
            wanted.append(sequence & 0xFFFF)
        for sequence in ended:
            del self._missing[sequence]
            self.gave_up = True
        entries = self._missing.values()
        self.next_at = min((entry.next_at for entry in entries), default=float("inf"))
        return wanted

    def forget_before(self, extended: int) -> None:
        """A key frame begins here: the holes before it have become unimportant."""
        for sequence in [item for item in self._missing if item < extended]:
            del self._missing[sequence]
        self.gave_up = False
