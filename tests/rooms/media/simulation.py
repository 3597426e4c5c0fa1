"""A sender that follows its estimate over a simulated line; the receiver tells of arrivals."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rooms.media.bandwidth.arrivals import Arrivals
from rooms.media.bandwidth.probing import PACKET_BYTES, ProbeCluster
from rooms.media.bandwidth.send_estimate import SendEstimate
from rooms.media.receiving.feedback import ArrivalRecorder
from tests.rooms.media.link import Line

VOICE_BYTES, VOICE_S = 120, 0.02
PACKET = 1_100
FRAME_S = 1 / 30
TICK_S = 0.05
PROBE_S = 0.005
FEEDBACK_S = 0.1
# What a program needs for a packet that lies in its socket.
READ_S = 0.0002
# A key frame is as large as so many others.
KEY_FRAME_EVERY_S, KEY_FRAME_SIZE = 4.0, 5.0


@dataclass(frozen=True, slots=True)
class Sent:
    at: float
    size: int


@dataclass
class Sample:
    at: float
    rate_bps: float
    sent_bps: float
    wait_s: float
    probed: bool


@dataclass
class Call:
    """`most_bps` is what the pictures would take, given the room; the clock of the receiver
    is `clock_offset_s` off and runs at `clock_speed`."""

    down: Line
    up: Line = field(default_factory=lambda: Line(delay_s=0.02))
    most_bps: float = 6e6
    clock_offset_s: float = 1_000.0
    clock_speed: float = 1.0
    first_wide: int = 65_000
    has_key_frames: bool = True
    reorder: float = 0.0
    sleeps: Sequence[tuple[float, float]] = ()  # from when until when the receiver reads nothing
    samples: list[Sample] = field(default_factory=list)
    probe_bytes: int = 0
    probes: list[float] = field(default_factory=list)
    voices_lost: int = 0
    now: float = 0.0

    def __post_init__(self) -> None:
        self.estimate = SendEstimate(0.0)
        self.estimate.wanted_bps = self.most_bps
        self._sent: dict[int, Sent] = {}
        self._wide = self.first_wide
        self._arrivals = Arrivals(self._sent.get)
        self._recorder = ArrivalRecorder()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0
        self._random = random.Random(7)
        self._read_at = 0.0
        self._cluster: ProbeCluster | None = None
        self._key_at = KEY_FRAME_EVERY_S
        self._sent_bits = 0
        for every, act in (
            (VOICE_S, self._voice),
            (FRAME_S, self._frame),
            (TICK_S, self._tick),
            (PROBE_S, self._probe),
            (FEEDBACK_S, self._feedback),
        ):
            self._repeat(every, act)

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, act = heapq.heappop(self._events)
            act()
        self.now = until

    def rates(self, since: float, until: float = float("inf")) -> list[float]:
        return [one.rate_bps for one in self.samples if since <= one.at < until]

    def waits(self, since: float, until: float = float("inf")) -> list[float]:
        return [one.wait_s for one in self.samples if since <= one.at < until]

    def mean_sent(self, since: float, until: float = float("inf")) -> float:
        rates = [one.sent_bps for one in self.samples if since <= one.at < until]
        return sum(rates) / len(rates)

    def _at(self, when: float, act: Callable[[], None]) -> None:
        self._serial += 1
        heapq.heappush(self._events, (when, self._serial, act))

    def _repeat(self, every: float, act: Callable[[], None]) -> None:
        def again() -> None:
            act()
            self._at(self.now + every, again)

        self._at(every, again)

    def _send(self, size: int) -> bool:
        wide, self._wide = self._wide, (self._wide + 1) & 0xFFFF
        self._sent[wide] = Sent(self.now, size)
        self._sent.pop((wide - 2048) & 0xFFFF, None)
        self._sent_bits += 8 * size
        arrives = self.down.carry(size, self.now)
        if arrives is None:
            return False
        if self._random.random() < self.reorder:
            arrives += 0.03
        read_at = max(self._awake(arrives), self._read_at + READ_S)
        self._read_at = read_at if not self.reorder else 0.0
        clock_us = int((self.clock_offset_s + read_at * self.clock_speed) * 1e6)
        self._at(read_at, lambda: self._recorder.record(wide, clock_us))
        return True

    def _awake(self, at: float) -> float:
        return next((until for since, until in self.sleeps if since <= at < until), at)

    def _voice(self) -> None:
        self.voices_lost += not self._send(VOICE_BYTES)

    def _frame(self) -> None:
        voice_bps = VOICE_BYTES * 8 / VOICE_S
        rate_bps = min(self.estimate.rate_bps, self.most_bps) - voice_bps
        size = max(0.0, rate_bps) * FRAME_S / 8 * self._random.uniform(0.7, 1.3)
        if self.has_key_frames and self.now >= self._key_at:
            self._key_at = self.now + KEY_FRAME_EVERY_S
            size *= KEY_FRAME_SIZE
        while size > 60:
            self._send(int(min(size, PACKET)))
            size -= PACKET

    def _tick(self) -> None:
        self.estimate.update(self.now)
        cluster = self.estimate.probe(self.now)
        if cluster is not None:
            self._cluster = cluster
            self.probes.append(cluster.target_bps)
        wait_s = self.down.waiting_s(self.now)
        rate_bps = self.estimate.rate_bps
        self.samples.append(
            Sample(self.now, rate_bps, self._sent_bits / TICK_S, wait_s, cluster is not None)
        )
        self._sent_bits = 0

    def _probe(self) -> None:
        if self._cluster is None:
            return
        for _ in range(self._cluster.due(self.now)):
            self._send(PACKET_BYTES)
            self.probe_bytes += PACKET_BYTES
        if self._cluster.is_sent:
            self._cluster = None

    def _feedback(self) -> None:
        awake_at = self._awake(self.now)
        if awake_at > self.now:
            # In the midst of what it reads then.
            self._at(awake_at + READ_S, self._feedback)
            return
        for packet in self._recorder.flush(1, 2):
            arrives = self.up.carry(len(packet), self.now)
            if arrives is not None:
                self._at(arrives, lambda packet=packet: self._hear(packet))  # type: ignore[misc]

    def _hear(self, packet: bytes) -> None:
        told = self._arrivals.read(packet[4:], self.estimate.probe_span)
        self.estimate.receive(told, self.now)


def show(call: Call, every: float = 1.0) -> str:
    """The course of a call, for people."""
    lines, at = [], 0.0
    for one in call.samples:
        if one.at >= at:
            at += every
            lines.append(f"{one.at:6.1f} {one.rate_bps / 1e3:8.0f} {one.wait_s * 1e3:6.0f} ms")
    return "\n".join(lines)
