"""The estimate in the loop: a sender that follows it, over simulated lines."""

from __future__ import annotations

from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.media.bandwidth.arrivals import Arrivals
from rooms.media.bandwidth.loss_estimate import HIGH_LOSS
from rooms.media.bandwidth.probing import MAX_CLUSTER_BYTES
from rooms.media.bandwidth.rate_control import MIN_BPS
from rooms.media.bandwidth.send_estimate import MAX_BPS, START_BPS, SURE_S, SendEstimate
from rooms.media.bandwidth.wide_feedback import PacketResult
from tests.rooms.media.link import Line
from tests.rooms.media.simulation import FRAME_S, KEY_FRAME_SIZE, Call


def line(rate_bps: float, **options: float) -> Line:
    """Counted without the headers of IP, as the estimate is."""
    values = {"queue_s": 1.0, "delay_s": 0.02} | options
    return Line(rate_bps=rate_bps, overhead_bytes=0, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("capacity_bps", [300_000, 1_000_000, 3_000_000])
@pytest.mark.parametrize("has_key_frames", [False, True])
def test_it_converges_to_what_the_line_carries(capacity_bps: float, has_key_frames: bool) -> None:
    call = Call(line(capacity_bps), has_key_frames=has_key_frames)
    call.run(40)
    assert fmean(call.rates(10)) == pytest.approx(capacity_bps, rel=0.15)
    assert fmean(call.waits(10)) < 0.08
    largest_frame_s = KEY_FRAME_SIZE * FRAME_S * 1.3
    assert max(call.waits(3)) < largest_frame_s + SURE_S
    assert call.voices_lost == 0


@pytest.mark.parametrize(("capacity_bps", "within_s"), [(1_000_000, 0.6), (3_000_000, 1.0)])
def test_the_first_probes_find_a_usual_line_at_once(capacity_bps: float, within_s: float) -> None:
    call = Call(line(capacity_bps))
    call.run(within_s)
    assert call.samples[-1].rate_bps > 0.7 * capacity_bps


@pytest.mark.parametrize(
    ("before_bps", "after_bps"),
    [(3_000_000, 1_000_000), (1_000_000, 300_000), (1_000_000, 700_000)],
)
def test_a_drop_is_followed_within_a_second_and_its_queue_emptied(
    before_bps: float, after_bps: float
) -> None:
    """Until it is noticed the queue grows by what is sent over and above; then it is emptied."""
    call = Call(line(before_bps, queue_s=5.0))
    call.run(13)
    call.down.rate_bps = after_bps
    call.run(30)
    followed = next(one.at for one in call.samples if one.at > 13 and one.rate_bps < after_bps)
    assert followed - 13 < 1.0
    queue_s = (before_bps / after_bps - 1) * 0.7
    assert max(call.waits(13)) < queue_s
    assert max(call.waits(13 + 1 + queue_s / 0.3)) < 0.3
    assert fmean(call.rates(19)) == pytest.approx(after_bps, rel=0.15)


@pytest.mark.parametrize(("before_bps", "after_bps"), [(300_000, 3_000_000), (1e6, 3e6)])
def test_a_better_line_is_found_within_ten_seconds(before_bps: float, after_bps: float) -> None:
    call = Call(line(before_bps))
    call.run(12)
    call.down.rate_bps = after_bps
    call.run(22)
    assert max(call.rates(12)) > 0.8 * after_bps


def test_after_an_outage_of_the_line_it_comes_back() -> None:
    call = Call(line(1_000_000))
    call.run(10)
    call.down.rate_bps = 20_000
    call.run(14)
    assert call.samples[-1].rate_bps < 200_000
    call.down.rate_bps = 1_000_000
    call.run(40)
    assert fmean(call.rates(30)) == pytest.approx(1_000_000, rel=0.15)


@pytest.mark.parametrize("loss", [0.05, 0.1, 0.15, 0.2])
@pytest.mark.parametrize("capacity_bps", [300_000, 3_000_000])
def test_loss_without_a_queue_does_not_take_the_picture(loss: float, capacity_bps: float) -> None:
    call = Call(line(capacity_bps, loss=loss))
    call.run(60)
    assert fmean(call.rates(20)) > 0.6 * capacity_bps
    assert fmean(call.waits(20)) < 0.1


@pytest.mark.parametrize("queue_s", [0.06, 0.1])
def test_a_short_queue_that_overflows_is_noticed(queue_s: float) -> None:
    call = Call(line(1_000_000, queue_s=queue_s), has_key_frames=False)
    call.run(40)
    assert fmean(call.rates(10)) == pytest.approx(1_000_000, rel=0.15)
    assert call.down.overflowed < HIGH_LOSS * call.down.carried


def test_a_line_without_a_queue_is_bounded_by_its_loss() -> None:
    """A policer lets its rate pass and drops the rest at once."""
    call = Call(line(1_000_000, queue_s=0.02), has_key_frames=False)
    call.run(40)
    assert 600_000 < fmean(call.rates(10)) < 1_050_000


@pytest.mark.parametrize("lost", [0.3, 0.6])
def test_lost_feedback_is_no_lost_media(lost: float) -> None:
    call = Call(line(1_000_000), up=Line(delay_s=0.02, loss=lost))
    call.run(40)
    assert fmean(call.rates(10)) > 0.65 * 1_000_000
    assert fmean(call.waits(10)) < 0.1


@pytest.mark.parametrize("speed", [0.9995, 1.0005])
def test_a_clock_that_runs_slow_or_fast_changes_nothing(speed: float) -> None:
    call = Call(line(1_000_000), clock_speed=speed, clock_offset_s=-50_000.0)
    call.run(40)
    assert fmean(call.rates(10)) == pytest.approx(1_000_000, rel=0.15)


def test_packets_out_of_order_are_no_congestion() -> None:
    call = Call(line(1_000_000), reorder=0.05)
    call.run(40)
    assert fmean(call.rates(10)) == pytest.approx(1_000_000, rel=0.15)


def test_a_line_of_changing_delay_is_still_used() -> None:
    call = Call(line(1_000_000, jitter_s=0.03))
    call.run(40)
    assert fmean(call.rates(10)) > 0.75 * 1_000_000


def test_a_long_way_is_no_slow_line() -> None:
    call = Call(line(1_000_000, delay_s=0.3), up=Line(delay_s=0.3))
    call.estimate.rtt_s = 0.6
    call.run(40)
    assert fmean(call.rates(10)) == pytest.approx(1_000_000, rel=0.2)


def test_numbers_wrap_in_the_middle_of_a_call() -> None:
    call = Call(line(3_000_000), first_wide=0xFFFF - 500)
    call.run(20)
    assert fmean(call.rates(5)) == pytest.approx(3_000_000, rel=0.15)


def test_nothing_is_tried_while_nothing_more_is_wanted() -> None:
    call = Call(line(5_000_000), most_bps=200_000)
    call.run(30)
    assert call.probes == []
    assert min(call.rates(1)) >= 200_000


def test_trying_costs_little_and_never_happens_on_a_full_line() -> None:
    call = Call(line(400_000))
    call.run(60)
    assert call.probe_bytes < 60 * 400_000 / 8 * 0.02 + MAX_CLUSTER_BYTES
    assert all(one.wait_s < 0.2 for one in call.samples if one.probed)


def test_silence_makes_the_rate_fall_and_words_let_it_rise() -> None:
    call = Call(line(1_000_000))
    call.run(10)
    call.up.loss = 1.0
    call.run(20)
    assert call.samples[-1].rate_bps < 200_000
    call.up.loss = 0.0
    call.run(40)
    assert fmean(call.rates(30)) == pytest.approx(1_000_000, rel=0.2)


def test_it_starts_with_sound_and_a_thumbnail() -> None:
    assert SendEstimate(0.0).rate_bps == START_BPS


RESULT = st.builds(
    PacketResult,
    st.floats(0, 1e6),
    st.integers(1, 1_500),
    st.one_of(st.none(), st.floats(-1e9, 1e9)),
    st.booleans(),
)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.lists(RESULT, max_size=40), st.floats(0, 3)), max_size=20))
def test_whatever_is_told_the_rate_stays_within_its_limits(
    told: list[tuple[list[PacketResult], float]],
) -> None:
    estimate = SendEstimate(0.0)
    arrivals = Arrivals(lambda _number: None)
    estimate.wanted_bps = 1e9
    now = 0.0
    for results, wait_s in told:
        now += wait_s
        estimate.receive(arrivals.receive(results, 500, estimate.probe_span), now)
        estimate.update(now)
        cluster = estimate.probe(now)
        if cluster is not None:
            cluster.due(now + 1)
        assert MIN_BPS <= estimate.rate_bps <= MAX_BPS
