"""A busy machine reads what came for it now and then, all at once: that is no slow line."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import pytest

from rooms.media.bandwidth.arrivals import AT_ONCE_S, Arrivals, Reading
from rooms.media.bandwidth.send_estimate import START_BPS, SendEstimate
from rooms.media.bandwidth.wide_feedback import PacketResult
from tests.rooms.media.link import Line
from tests.rooms.media.simulation import Call

# Feedback of a Firefox on a machine with twenty other things to do, behind a line of 3 Mbit/s. Each
# row: when it came in ms, and of each packet when it was sent and when it arrived in 0.1 ms, its
# size, and whether it had been called lost.
RECORDED = Path(__file__).parents[1] / "data" / "busy_receiver.json"
# A picture of 180 lines and a voice, as they were wanted then.
WANTED_BPS = 350_000


def sleeps(
    pause_s: float, sleep_s: float, until: float, seed: int = 3
) -> list[tuple[float, float]]:
    """So long awake, so long asleep, in the mean."""
    chance = random.Random(seed)
    found: list[tuple[float, float]] = []
    at = 2.0
    while at < until:
        at += chance.expovariate(1 / pause_s)
        end = at + min(0.9, chance.lognormvariate(0, 0.7) * sleep_s)
        found.append((at, end))
        at = end
    return found


def line(rate_bps: float) -> Line:
    return Line(rate_bps=rate_bps, queue_s=1.0, delay_s=0.02, overhead_bytes=0)


@pytest.mark.parametrize(("pause_s", "sleep_s"), [(0.6, 0.05), (0.5, 0.1), (0.4, 0.2), (1.0, 0.4)])
@pytest.mark.parametrize("wanted_bps", [WANTED_BPS, 2_500_000])
def test_a_receiver_that_sleeps_keeps_what_it_wants(
    pause_s: float, sleep_s: float, wanted_bps: float
) -> None:
    call = Call(line(3e6), most_bps=wanted_bps, sleeps=sleeps(pause_s, sleep_s, 60))
    call.run(60)
    assert min(call.rates(10)) > 0.45 * wanted_bps  # key frames make a queue of their own
    assert fmean(call.rates(10)) > 0.9 * wanted_bps


@pytest.mark.parametrize(("pause_s", "sleep_s"), [(0.6, 0.05), (0.5, 0.1), (0.4, 0.2), (1.0, 0.4)])
def test_a_line_that_is_full_is_known_behind_a_receiver_that_sleeps(
    pause_s: float, sleep_s: float
) -> None:
    call = Call(line(3e5), most_bps=2.5e6, sleeps=sleeps(pause_s, sleep_s, 60))
    call.run(60)
    assert fmean(call.rates(10)) < 3.2e5
    assert fmean(call.waits(10)) < 0.1
    assert max(call.waits(10)) < 0.4


def test_a_recorded_receiver_on_a_busy_machine_keeps_picture_and_voice() -> None:
    """Its estimate fell to 60 kbit/s, for it waited up to 0.4 s for its own machine."""
    rows = json.loads(RECORDED.read_text())
    arrivals, estimate = Arrivals(lambda _number: None), SendEstimate(0.0)
    estimate.wanted_bps = WANTED_BPS
    rates: list[float] = []
    waits: list[float] = []
    for at_ms, packets in rows:
        told = arrivals.receive([packet_result(*packet) for packet in packets])
        estimate.receive(told, at_ms / 1000)
        rates.append(estimate.rate_bps)
        waits.append(told.delay_s)
    assert max(waits) - min(waits) > 0.4
    assert min(rates) >= START_BPS


def packet_result(
    sent: int, size: int, arrived: int | None, was_lost: bool = False
) -> PacketResult:
    return PacketResult(
        sent / 10_000, size, None if arrived is None else arrived / 10_000, bool(was_lost)
    )


def earliest(arrivals: Sequence[float]) -> list[float]:
    reading = Reading()
    return [reading.receive(at) for at in arrivals]


def test_what_is_read_at_once_may_have_come_since_the_reading_before() -> None:
    clump = [1.3 + number / 1000 for number in range(10)]
    assert earliest([0.98, 1.0, *clump, 1.35, 1.37])[2:] == [1.0] * 10 + [clump[-1], 1.35]


def test_what_comes_evenly_came_when_it_came() -> None:
    for step_s in (0.0007, 0.003, 0.03):
        steps = [number * step_s for number in range(1_000)]
        late = [at - was for at, was in zip(steps, earliest(steps), strict=True)]
        assert max(late) <= max(3 * step_s, AT_ONCE_S)


def test_a_clock_that_was_set_and_packets_that_were_overtaken_are_no_sleep() -> None:
    assert earliest([1.0, 1.02, 3_600.0, 3_600.02]) == [1.0, 1.0, 3_600.0, 3_600.0]
    assert earliest([1.0, 1.02, 1.01])[-1] <= 1.01
