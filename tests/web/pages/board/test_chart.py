"""Sparklines: where lines begin, end and break."""

from __future__ import annotations

from confhub.quality import LinkState
from monitoring.history import SLOT_S, Point
from web.pages.board.chart import HEIGHT, WIDTH, charts, state_bands

NOW = 10_000.0


def point(slots_ago: int, state: LinkState = "good", rtt_ms: float | None = 150.0) -> Point:
    return Point(NOW - slots_ago * SLOT_S, state, 4.3, rtt_ms, 0.02, None)


def test_the_newest_point_is_at_the_right_edge_and_scaled_between_the_limits() -> None:
    chart = charts([point(60), point(0)], NOW)["rtt"]
    assert chart.latest == 150
    assert f"{WIDTH:.1f} {HEIGHT / 2:.1f}" in chart.line
    assert chart.top == 300


def test_a_value_beyond_the_scale_raises_it() -> None:
    assert charts([point(0, rtt_ms=900)], NOW)["rtt"].top == 900


def test_one_missing_slot_is_no_gap_and_two_are() -> None:
    whole = charts([point(3), point(1), point(0)], NOW)["rtt"]
    broken = charts([point(4), point(1), point(0)], NOW)["rtt"]
    assert (whole.line.count("M"), broken.line.count("M")) == (1, 2)


def test_what_nobody_measured_is_left_out() -> None:
    chart = charts([point(1), point(0, rtt_ms=None)], NOW)["rtt"]
    assert chart.latest is None
    assert chart.line.count("M") == 1
    assert charts([], NOW)["mos"].line == ""


def test_loss_is_the_worse_direction_in_per_cent() -> None:
    both = Point(NOW, "fair", None, None, 0.02, 0.05)
    assert charts([both], NOW)["loss"].latest == 5.0


def test_bands_join_like_states_over_one_missing_slot() -> None:
    width = WIDTH / 60
    found = state_bands([point(5), point(3), point(2, "lost"), point(0, "lost")], NOW)
    assert [band.state for band in found] == ["good", "lost"]
    good, lost = found
    assert good.x + good.width == lost.x
    assert lost.x + lost.width == WIDTH + width


def test_a_long_silence_stays_empty() -> None:
    found = state_bands([point(9), point(2)], NOW)
    assert [band.state for band in found] == ["good", "good"]
    assert found[0].x + found[0].width < found[1].x
