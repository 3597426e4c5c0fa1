"""A sender over a simulated line, and what it is told."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from rooms.media.receiving.uplink import MOST_S, SPAN_S, Uplink
from tests.rooms.media.link import Line

VOICE, PICTURE = 1, 2
VOICE_S, VOICE_BYTES, VOICE_CLOCK = 0.02, 120, 48_000
FRAME_S, PICTURE_CLOCK = 0.04, 90_000
PACKET = 1_000
LOOK_S = 0.05
GOOD_BPS, POOR_BPS = 3e6, 300e3


@dataclass
class Site:
    """Sends a voice and pictures of `rate_bps`, less when it `obeys` and was told a limit."""

    line: Line
    rate_bps: float = 600e3
    obeys: bool = True
    voice_bytes: int = (
        VOICE_BYTES  # with what is said again, repairs and padding: no limit bounds it
    )
    says_late_s: float = 0.0  # by how much its machine holds up all packets, at most
    now: float = 0.0
    limits: list[tuple[float, float | None]] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.uplink = Uplink()
        self._sent = {VOICE: 0, PICTURE: 0}
        self._received = 0
        self._under_way: list[tuple[float, int, int, int, int]] = []
        self._random = random.Random(3)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self._send(VOICE, [self.voice_bytes], VOICE_CLOCK)
            if round(self.now / VOICE_S) % round(FRAME_S / VOICE_S) == 0:
                self._send(PICTURE, self._frame(), PICTURE_CLOCK)
            self.now += VOICE_S
            self._look()

    def _frame(self) -> list[int]:
        rate_bps = self.rate_bps
        if self.obeys and self.uplink.limit_bps is not None:
            rate_bps = min(rate_bps, self.uplink.limit_bps)
        size = int(rate_bps * FRAME_S / 8)
        return [PACKET] * (size // PACKET) + ([size % PACKET] if size % PACKET else [])

    def _send(self, ssrc: int, sizes: list[int], clock: int) -> None:
        made = int(self.now * clock)
        late_s = self._random.uniform(0.0, self.says_late_s)
        for size in sizes:
            self._sent[ssrc] += 1
            arrives = self.line.carry(size, self.now)
            if arrives is not None:
                item = (arrives + late_s, ssrc, made & 0xFFFFFFFF, clock, size)
                self._under_way.append(item)

    def _look(self) -> None:
        self._under_way.sort()
        while self._under_way and self._under_way[0][0] <= self.now:
            came_at, ssrc, made, clock, size = self._under_way.pop(0)
            self._received += 1
            self.uplink.count(size)
            self.uplink.receive(ssrc, made, clock, came_at)
        # What is still on its way is not yet missed.
        self.uplink.look(sum(self._sent.values()) - len(self._under_way), self._received, self.now)
        self.limits.append((self.now, self.uplink.limit_bps))
        self.waits.append((self.now, self.line.waiting_s(self.now)))


def line(**options: float) -> Line:
    return Line(rate_bps=GOOD_BPS, delay_s=0.02, overhead_bytes=0, **options)  # type: ignore[arg-type]


def site(**options: float) -> Site:
    found = Site(line(**options))
    found.run(5)
    return found


def test_a_line_that_breaks_down_limits_its_sender_until_the_queue_is_gone() -> None:
    sender = site(queue_s=0.5)
    assert all(limit is None for _, limit in sender.limits)
    sender.line.rate_bps = POOR_BPS
    sender.run(6)
    limited = [(at, limit) for at, limit in sender.limits if limit is not None]
    assert limited[0][0] < 5 + 1.5
    assert min(limit for _, limit in limited) > 0.4 * POOR_BPS
    assert max(limit for _, limit in limited) < POOR_BPS
    # The limit is taken back, and comes again because this sender knows no moderation.
    taken_back = next(at for at, limit in sender.limits if at > limited[0][0] and limit is None)
    assert taken_back < 5 + 4
    assert min(wait_s for at, wait_s in sender.waits if at > limited[0][0]) < 0.05


def test_a_limit_that_empties_nothing_is_lowered_until_it_does() -> None:
    """What a sender sends besides its pictures may be half of a line."""
    sender = site(queue_s=0.5)
    sender.voice_bytes = 3 * VOICE_BYTES
    sender.line.rate_bps = POOR_BPS
    sender.run(8)
    first = next(at for at, limit in sender.limits if limit is not None)
    assert min(wait_s for at, wait_s in sender.waits if at > first) < 0.05


def test_a_sender_within_its_line_is_told_nothing() -> None:
    sender = site(queue_s=0.5)
    sender.line.rate_bps = 800e3
    sender.run(20)
    assert all(limit is None for _, limit in sender.limits)


def test_a_radio_that_loses_packets_is_no_full_line() -> None:
    sender = site(loss=0.1)
    sender.run(20)
    assert sender.uplink.loss > 0.02
    assert all(limit is None for _, limit in sender.limits)


def test_a_busy_machine_that_sends_late_is_no_full_line() -> None:
    sender = site()
    sender.says_late_s = 0.4
    sender.run(20)
    assert all(limit is None for _, limit in sender.limits)


def test_a_limit_that_does_not_help_is_taken_back() -> None:
    """Others share the line, or the sender does not listen."""
    sender = site(queue_s=0.5)
    sender.obeys = False
    sender.line.rate_bps = POOR_BPS
    sender.run(MOST_S + 3)
    first = next(at for at, limit in sender.limits if limit is not None)
    assert any(limit is None for at, limit in sender.limits if at > first + MOST_S)


def test_little_heard_tells_nothing() -> None:
    uplink = Uplink()
    for number in range(8):
        now = number * SPAN_S / 10
        uplink.count(100)
        uplink.receive(VOICE, int(now * VOICE_CLOCK), VOICE_CLOCK, now + 0.2 * number)
        uplink.look(2 * number, number, now)
    assert uplink.limit_bps is None
