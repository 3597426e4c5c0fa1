"""Several routers' counters as of one."""

from __future__ import annotations

import dataclasses

from confhub.words.durations import Durations
from rooms.media.measurement import RouterStats
from rooms.plane.spread import summed

KEPT_APART = {"drains", "bad_datagrams"}


def stats(number: int, spent_s: float, **bad: int) -> RouterStats:
    drains = Durations([0.001])
    drains.add(spent_s)
    names = [one.name for one in dataclasses.fields(RouterStats) if one.name not in KEPT_APART]
    counters = {name: number * place for place, name in enumerate(names, 1)}
    return RouterStats(drains=drains, bad_datagrams=bad, **counters)


def test_every_counter_is_the_sum() -> None:
    whole = summed([stats(1, 0.0005, stun=2), stats(10, 2.0, stun=1, rtcp=4)])
    assert (whole.drains.counts, whole.drains.total_s) == ([1, 1], 2.0005)
    assert whole.bad_datagrams == {"stun": 3, "rtcp": 4}
    expected = stats(11, 0.0)
    for one in dataclasses.fields(RouterStats):
        if one.name not in KEPT_APART:
            assert getattr(whole, one.name) == getattr(expected, one.name), one.name
