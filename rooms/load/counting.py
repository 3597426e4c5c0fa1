"""What a receiver counts of one incoming stream, from the clear header alone. Pure."""

from __future__ import annotations

from rooms.media.rtp.rtcp import ReportBlock

# A jump of sequence numbers beyond this is a new stream under an old name, not loss.
MAX_JUMP = 3000
HALF_TIMESTAMP = 0x80000000
VOICE_US = 20_000  # between two packets of a voice
# A sender that says nothing for so long has paused; what comes next begins anew.
PAUSE_US = 1_000_000


class StreamCount:
    """Counts one SSRC; RFC 3550 appendix A.1, A.3 and A.8. Times are monotonic seconds."""

    __slots__ = (
        "_block_expected",
        "_block_received",
        "_last_transit",
        "clock_rate",
        "first",
        "highest",
        "jitter",
        "late",
        "received",
        "report_at",
        "report_ntp",
    )

    def __init__(self, clock_rate: int, sequence: int) -> None:
        self.clock_rate = clock_rate
        self.first = self.highest = sequence
        self.received = 0
        self.late = 0
        self.jitter = 0.0
        self.report_ntp = 0
        self.report_at = 0.0
        self._last_transit: int | None = None
        self._block_expected = 0
        self._block_received = 0

    def count(self, sequence: int, timestamp: int, at_s: float) -> int:
        """Count one packet; returns how many are missing before it, 0 as a rule."""
        self.received += 1
        ahead = (sequence - self.highest) & 0xFFFF
        missing = 0
        if ahead < 0x8000:
            self.highest += ahead
            missing = ahead - 1 if ahead else 0
        else:
            self.late += 1
        if missing > MAX_JUMP:
            self.first += missing
            missing = 0
        transit = int(at_s * self.clock_rate) - timestamp
        if self._last_transit is not None:
            delta = abs(
                (transit - self._last_transit + HALF_TIMESTAMP & 0xFFFFFFFF) - HALF_TIMESTAMP
            )
            # More than a second is a new timeline.
            if delta < self.clock_rate:
                self.jitter += (delta - self.jitter) / 16
        self._last_transit = transit
        return missing

    @property
    def expected(self) -> int:
        return self.highest - self.first + 1

    @property
    def jitter_ms(self) -> float:
        return self.jitter * 1000 / self.clock_rate

    def block(self, ssrc: int, now: float) -> ReportBlock:
        """The report block for this stream; begins a new interval."""
        expected = self.expected - self._block_expected
        lost = expected - (self.received - self._block_received)
        self._block_expected, self._block_received = self.expected, self.received
        fraction = min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0
        delay = int((now - self.report_at) * 65536) if self.report_ntp else 0
        return ReportBlock(
            ssrc,
            fraction,
            self.expected - self.received,
            self.highest,
            int(self.jitter),
            self.report_ntp >> 16 & 0xFFFFFFFF,
            delay,
        )


class VoiceGaps:
    """The longest time between two packets of one voice at a receiver, less what its sender was
    late: about 20 ms when nothing between them dawdles. Times are microseconds of one clock."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[int, int]] = {}
        self._longest_us = 0

    def note(self, ssrc: int, arrived_us: int, sent_us: int) -> None:
        before = self._last.get(ssrc)
        self._last[ssrc] = arrived_us, sent_us
        if before is None or sent_us - before[1] > PAUSE_US:
            return
        late_us = max(0, sent_us - before[1] - VOICE_US)
        self._longest_us = max(self._longest_us, arrived_us - before[0] - late_us)

    def take(self) -> int:
        """The longest since it was last taken; 0 when no two packets came."""
        longest_us, self._longest_us = self._longest_us, 0
        return longest_us
