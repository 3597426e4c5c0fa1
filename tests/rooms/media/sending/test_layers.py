from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.sending.layers import (
    UP_DELAY_S,
    UP_HEADROOM,
    Demand,
    LayerChooser,
    Option,
    Rank,
    ideal_option,
)

THREE = [Option(180, 150_000, 0), Option(360, 500_000, 1), Option(720, 1_500_000, 2)]
UNKNOWN = [replace(option, height_px=0) for option in THREE]
# The smallest layer with half and with a quarter of its frames comes before the whole.
FIVE = [Option(180, 60_000, 0, 0), Option(180, 90_000, 0, 1), *THREE]
SCREEN = [Option(1_080, 800_000)]


def demand(
    key: str,
    height_px: int,
    current: int | None = None,
    options: list[Option] = THREE,
    rank: Rank = "tile",
) -> Demand:
    return Demand(key, height_px, options, current, rank)


def fits(*costs_bps: float) -> float:
    """The budget at which the last of these is a step up that just fits."""
    *others, last = costs_bps
    return sum(others) + last * UP_HEADROOM + 1


@pytest.mark.parametrize(
    ("height_px", "layer"),
    [(90, 0), (180, 0), (225, 0), (226, 1), (360, 1), (450, 1), (451, 2), (720, 2), (2160, 2)],
)
def test_a_tile_deserves_the_smallest_layer_that_fills_it(height_px: int, layer: int) -> None:
    assert ideal_option(height_px, THREE) == layer
    assert ideal_option(height_px, UNKNOWN) == layer
    assert ideal_option(height_px, FIVE) == layer + 2  # with all its frames


def test_no_layers_no_picture() -> None:
    assert ideal_option(360, []) == -1
    assert LayerChooser().choose([demand("a", 360, options=[])], 1e9, 0.0) == [None]


@pytest.mark.parametrize(
    ("budget_bps", "picks"),
    [
        (10_000_000, [2, 1, 1]),
        (fits(500_000, 500_000, 1_500_000), [2, 1, 1]),
        (fits(500_000, 150_000, 1_500_000), [2, 1, 0]),
        (fits(150_000, 150_000, 1_500_000), [2, 0, 0]),
        (fits(150_000, 150_000, 1_500_000) - 2, [1, 1, 1]),
        (fits(500_000, 150_000, 150_000), [1, 0, 0]),
        (fits(500_000, 150_000), [1, 0, None]),
        (fits(500_000), [1, None, None]),
        (fits(500_000) - 2, [0, 0, 0]),
        (fits(150_000), [0, None, None]),
        (100_000, [None, None, None]),  # sound alone
        (-50_000, [None, None, None]),
    ],
)
def test_the_first_is_legible_then_everybody_is_seen_then_it_gets_better(
    budget_bps: float, picks: list[int | None]
) -> None:
    demands = [demand("a", 720, rank="main"), demand("b", 360), demand("c", 360)]
    assert LayerChooser().choose(demands, budget_bps, 0.0) == picks


@pytest.mark.parametrize(
    ("budget_bps", "picks"),
    [
        (fits(500_000, 800_000, 150_000), [1, 0, 0]),
        (fits(500_000, 800_000), [1, None, 0]),
        (fits(500_000, 150_000), [1, 0, None]),
    ],
)
def test_a_screen_comes_before_tiles_and_after_the_first_picture(
    budget_bps: float, picks: list[int | None]
) -> None:
    demands = [
        demand("chair", 720, rank="main"),
        demand("tile", 180),
        demand("screen", 1_080, options=SCREEN, rank="screen"),
    ]
    assert LayerChooser().choose(demands, budget_bps, 0.0) == picks


@pytest.mark.parametrize(
    ("budget_bps", "pick"),
    [(fits(150_000), 2), (fits(90_000), 1), (fits(60_000), 0), (fits(60_000) - 2, None)],
)
def test_frames_are_left_out_before_a_picture_is_given_up(
    budget_bps: float, pick: int | None
) -> None:
    assert LayerChooser().choose([demand("a", 180, options=FIVE)], budget_bps, 0.0) == [pick]


def test_where_the_budget_is_a_guess_the_first_picture_is_sent_to_try_it() -> None:
    demands = [demand("a", 720, rank="main"), demand("b", 360)]
    assert LayerChooser().choose(demands, 0, 0.0, first_anyway=True) == [0, None]
    assert LayerChooser().choose([demand("a", 1, options=[])], 0, 0.0, first_anyway=True) == [None]
    assert LayerChooser().choose([], 0, 0.0, first_anyway=True) == []


def test_what_is_shown_needs_no_headroom_to_stay() -> None:
    demands = [demand("a", 720, current=2)]
    assert LayerChooser().choose(demands, 1_500_000, 0.0) == [2]


def test_a_picture_that_stepped_down_waits_before_it_steps_up() -> None:
    chooser = LayerChooser()
    assert chooser.choose([demand("a", 720, current=2)], 600_000, 0.0) == [1]
    assert chooser.choose([demand("a", 720, current=1)], 1e9, UP_DELAY_S / 2) == [1]
    assert chooser.choose([demand("a", 720, current=1)], 1e9, UP_DELAY_S) == [2]


def test_a_paused_picture_waits_too_except_the_first() -> None:
    chooser = LayerChooser()
    two = [demand("a", 180, current=0, rank="main"), demand("b", 180, current=0)]
    assert chooser.choose(two, 200_000, 0.0) == [0, None]
    back = [demand("a", 180, current=0, rank="main"), demand("b", 180)]
    assert chooser.choose(back, 1e9, 1.0) == [0, None]
    assert chooser.choose(back, 1e9, UP_DELAY_S) == [0, 0]
    assert chooser.choose([demand("a", 180, current=0, rank="main")], 0, 5.0) == [None]
    assert chooser.choose([demand("a", 180, rank="main")], 1e9, 5.1) == [0]


def test_a_smaller_tile_steps_down_by_itself() -> None:
    assert LayerChooser().choose([demand("a", 160, current=2)], 1e9, 0.0) == [0]


HEIGHTS = st.sampled_from([0, 90, 180, 360, 720, 1080])
RANKS: st.SearchStrategy[Rank] = st.sampled_from(get_args(Rank))


@st.composite
def any_demands(draw: st.DrawFn) -> list[Demand]:
    result = []
    for key in range(draw(st.integers(0, 8))):
        rates = draw(st.lists(st.tuples(HEIGHTS, st.floats(0, 3e6)), max_size=5))
        options = [Option(height, rate, index // 2) for index, (height, rate) in enumerate(rates)]
        held = st.integers(0, len(options) - 1) if options else st.none()
        current = draw(st.one_of(st.none(), held))
        result.append(Demand(key, draw(HEIGHTS), options, current, draw(RANKS)))
    return result


@given(any_demands(), st.floats(-1e5, 1e7))
def test_the_budget_is_kept_and_nothing_is_larger_than_it_is_shown(
    demands: list[Demand], budget_bps: float
) -> None:
    picks = LayerChooser().choose(demands, budget_bps, 0.0)
    assert len(picks) == len(demands)
    total = 0.0
    for pick, one in zip(picks, demands, strict=True):
        assert pick is None or pick <= ideal_option(one.height_px, one.options)
        total += 0.0 if pick is None else one.options[pick].bitrate_bps
    assert total <= max(budget_bps, 0.0) + 1


@given(any_demands(), st.floats(0, 1e7))
def test_what_was_chosen_is_chosen_again(demands: list[Demand], budget_bps: float) -> None:
    """A choice that is its own reason would flap."""
    chooser = LayerChooser()
    first = chooser.choose(demands, budget_bps, 0.0)
    held = [replace(one, current=pick) for one, pick in zip(demands, first, strict=True)]
    second = chooser.choose(held, budget_bps, 0.25)
    kept = [replace(one, current=pick) for one, pick in zip(demands, second, strict=True)]
    assert chooser.choose(kept, budget_bps, 0.5) == second


def test_pictures_that_are_gone_are_forgotten() -> None:
    chooser = LayerChooser()
    for key in range(1_000):
        chooser.choose([demand(str(key), 720, current=2)], 0, float(key))
    assert len(chooser._steps) <= 21


def test_a_step_up_that_does_not_last_waits_twice_as_long_for_the_next() -> None:
    chooser = LayerChooser()
    now, waits = 0.0, []
    for _ in range(6):
        assert chooser.choose([demand("a", 720, current=1)], 1e9, now) == [2]
        assert chooser.choose([demand("a", 720, current=2)], 600_000, now + 1) == [1]
        fell_at = now = now + 1
        while chooser.choose([demand("a", 720, current=1)], 1e9, now) == [1]:
            now += 0.25
        waits.append(now - fell_at)
        now += 0.25
    assert waits == [8.0, 16.0, 32.0, 32.0, 32.0, 32.0]
