from __future__ import annotations

import pytest

from rooms.media.bandwidth.probing import (
    AFTER_CUT_S,
    CAREFUL_STEP,
    FIRST_STEP,
    INTERVAL_S,
    MAX_CLUSTER_BYTES,
    MIN_PACKETS,
    MIN_STEP_BPS,
    PACKET_BYTES,
    REPEAT_S,
    RESULT_WAIT_S,
    STEP,
    ProbeCluster,
    ProbePlan,
)
from rooms.media.bandwidth.wide_feedback import PacketResult

STEP_S = 0.005


def send(cluster: ProbeCluster, start: float = 0.0) -> list[float]:
    """When each packet went."""
    times: list[float] = []
    now = start
    while not cluster.is_sent:
        times += [now] * cluster.due(now)
        now += STEP_S
    return times


def carried(
    times: list[float], capacity_bps: float, size: int = PACKET_BYTES
) -> list[PacketResult]:
    results, free_at = [], 0.0
    for at in times:
        free_at = max(free_at, at) + size * 8 / capacity_bps
        results.append(PacketResult(at, size, 100 + free_at))
    return results


@pytest.mark.parametrize(
    ("target_bps", "capacity_bps", "result_bps"),
    [
        (1_000_000, 10_000_000, 1_000_000),
        (1_000_000, 500_000, 475_000),
        (3_000_000, 1_000_000, 950_000),
        (200_000, 5_000_000, 200_000),
    ],
)
def test_the_result_is_what_was_sent_or_what_the_line_carried(
    target_bps: float, capacity_bps: float, result_bps: float
) -> None:
    cluster = ProbeCluster(target_bps, 0.0)
    cluster.receive(carried(send(cluster), capacity_bps))
    assert cluster.result_bps() == pytest.approx(result_bps, rel=0.2)


@pytest.mark.parametrize("target_bps", [50_000.0, 1e6, 1e8])
def test_a_burst_is_bounded(target_bps: float) -> None:
    cluster = ProbeCluster(target_bps, 0.0)
    times = send(cluster)
    assert MIN_PACKETS <= len(times) <= MAX_CLUSTER_BYTES / PACKET_BYTES
    assert len(times) * PACKET_BYTES <= max(
        MIN_PACKETS * PACKET_BYTES, target_bps * 0.04 / 8 + PACKET_BYTES
    )


def test_a_receiver_that_slept_is_known_by_the_end_of_the_burst() -> None:
    """A line of 300 kbit/s needs 200 ms for it; whoever read late says that it came fast."""
    for capacity_bps, has_waited in ((1e7, False), (3e5, True)):
        cluster = ProbeCluster(1.5e6, 0.0)
        results = carried(send(cluster), capacity_bps)
        read_at = 100.25
        cluster.receive(
            [one._replace(arrived_at=max(one.arrived_at or 0.0, read_at)) for one in results]
            if has_waited
            else results
        )
        assert cluster.has_waited(100.0) == has_waited
    honest = ProbeCluster(1.5e6, 0.0)
    honest.receive(carried(send(honest), 3e5))
    assert not honest.has_waited(100.0)  # arrivals tell how slow it was


def test_no_result_from_a_part_of_it() -> None:
    cluster = ProbeCluster(1e6, 0.0)
    results = carried(send(cluster), 1e7)
    cluster.receive(results[: len(results) // 2])
    assert cluster.result_bps() is None


def test_media_of_the_same_time_takes_part_and_what_was_before_does_not() -> None:
    cluster = ProbeCluster(1e6, 1.0)
    times = send(cluster, 1.0)
    cluster.receive([PacketResult(0.5, 1_000, 99.0)])
    both = sorted([*times, *[1.01] * 5])
    cluster.receive(carried(both, 1e9))
    result_bps = cluster.result_bps()
    assert result_bps is not None
    assert result_bps > 1.1e6


def test_it_is_over_when_told_of_or_when_nobody_tells() -> None:
    cluster = ProbeCluster(1e6, 0.0)
    assert not cluster.is_over(99.0, 99.0)
    last = send(cluster)[-1]
    assert not cluster.is_over(last + 0.1, last)
    assert cluster.is_over(last + 0.1, last + 0.01)
    assert cluster.is_over(last + RESULT_WAIT_S + 0.01, 0.0)


def test_a_burst_that_is_stopped_ends_without_a_result() -> None:
    cluster = ProbeCluster(1e6, 0.0)
    cluster.due(0.0)
    cluster.stop()
    assert cluster.is_sent
    assert cluster.result_bps() is None


def test_the_first_step_is_wide_the_next_follow_while_they_succeed() -> None:
    plan = ProbePlan(0.0)
    assert plan.target_bps(300_000, 5e6, 0.0) == FIRST_STEP * 300_000
    plan.judge(900_000, 900_000, 0.3)
    assert plan.target_bps(900_000, 5e6, 0.3) == STEP * 900_000
    plan.judge(1_800_000, 1_000_000, 0.5)
    assert plan.target_bps(1_000_000, 5e6, 0.5) is None
    assert plan.target_bps(1_000_000, 5e6, 0.3 + INTERVAL_S) == CAREFUL_STEP * 1_000_000


def test_no_more_is_tried_than_wanted() -> None:
    plan = ProbePlan(0.0)
    assert plan.target_bps(300_000, 310_000, 0.0) is None
    assert plan.target_bps(300_000, 400_000, 0.0) == pytest.approx(420_000)


def test_after_a_cut_it_waits() -> None:
    plan = ProbePlan(0.0)
    plan.wait_after_cut(10.0)
    assert plan.target_bps(300_000, 5e6, 10.0 + AFTER_CUT_S - 0.01) is None
    assert plan.target_bps(300_000, 5e6, 10.0 + AFTER_CUT_S) is not None


def test_a_small_estimate_is_tried_by_a_thumbnail_more() -> None:
    assert ProbePlan(0.0).target_bps(60_000, 5e6, 0.0) == 60_000 + MIN_STEP_BPS


def test_a_burst_that_left_too_slowly_is_repeated_soon() -> None:
    cluster = ProbeCluster(1e6, 0.0)
    assert not cluster.is_spoilt
    cluster.due(0.0)
    while not cluster.is_sent:
        cluster.due(0.2)
    assert cluster.is_spoilt
    plan = ProbePlan(0.0)
    plan.target_bps(300_000, 5e6, 0.0)
    plan.repeat(0.5)
    assert plan.target_bps(300_000, 5e6, 0.5) is None
    assert plan.target_bps(300_000, 5e6, 0.5 + REPEAT_S) is not None
