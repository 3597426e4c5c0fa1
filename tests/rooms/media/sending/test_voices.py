"""Which voices a narrow line carries: the word first, and nobody comes and goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.sending.voices import (
    GREATEST_VOICE_BPS,
    HELD_BACK_S,
    OVER_FOR_S,
    Voice,
    VoiceChooser,
)

STEP_S = 0.25


class Line:
    """Choices four times a second; `budget_bps` may be changed."""

    def __init__(self, budget_bps: float) -> None:
        self.budget_bps = budget_bps
        self.chooser = VoiceChooser()
        self.now = 0.0

    def run(self, seconds: float, **rates_bps: float) -> list[str]:
        """The names of those carried, at each choice."""
        voices = [Voice(name, bitrate_bps) for name, bitrate_bps in rates_bps.items()]
        found = []
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            picks = self.chooser.choose(voices, self.budget_bps, self.now)
            found.append("".join(v[0] for v, pick in zip(rates_bps, picks, strict=True) if pick))
        return found


def test_voices_that_fit_are_all_carried() -> None:
    assert set(Line(200e3).run(20, a=48e3, b=48e3, c=48e3)) == {"abc"}


def test_the_least_important_are_left_out_and_stay_out() -> None:
    line = Line(100e3)
    begun = line.run(OVER_FOR_S, a=48e3, b=48e3, c=48e3)
    assert set(begun) == {"abc"}
    assert set(line.run(60, a=48e3, b=48e3, c=48e3)) == {"ab"}


def test_a_small_voice_behind_a_large_one_is_carried_where_it_fits() -> None:
    line = Line(100e3)
    line.run(OVER_FOR_S, a=48e3, b=150e3, c=32e3)
    assert set(line.run(60, a=48e3, b=150e3, c=32e3)) == {"ac"}


def test_the_word_is_heard_on_any_line() -> None:
    line = Line(60e3)
    line.run(OVER_FOR_S, a=150e3, b=48e3)
    assert set(line.run(60, a=150e3, b=48e3)) == {"a"}


def test_far_more_than_good_sound_is_not_even_the_word() -> None:
    assert set(Line(100e3).run(20, a=500e3)) == {""}
    assert set(Line(1e6).run(20, a=500e3)) == {"a"}
    line = Line(100e3)
    line.run(OVER_FOR_S, a=500e3, b=48e3)
    assert set(line.run(20, a=500e3, b=48e3)) == {"b"}


def test_who_is_given_the_word_is_heard_at_once() -> None:
    line = Line(60e3)
    line.run(2 * OVER_FOR_S, a=48e3, b=48e3)
    assert line.run(STEP_S, b=48e3, a=48e3) == ["b"]


def test_an_estimate_that_dips_silences_nobody() -> None:
    line = Line(200e3)
    for _ in range(5):
        line.budget_bps = 60e3
        assert set(line.run(OVER_FOR_S - STEP_S, a=48e3, b=48e3)) == {"ab"}
        line.budget_bps = 200e3
        assert set(line.run(1, a=48e3, b=48e3)) == {"ab"}


def test_who_was_left_out_is_back_where_there_is_room_again() -> None:
    line = Line(60e3)
    line.run(2 * OVER_FOR_S, a=48e3, b=48e3)
    line.budget_bps = 200e3
    assert line.run(HELD_BACK_S, a=48e3, b=48e3)[-1] == "ab"
    assert set(line.run(20, a=48e3, b=48e3)) == {"ab"}


@given(
    st.lists(st.floats(0, 512e3), max_size=3),
    st.floats(60e3, 2e6),
)
def test_what_is_carried_fits_but_for_a_fair_word(rates: list[float], budget_bps: float) -> None:
    chooser = VoiceChooser()
    voices = [Voice(index, rate) for index, rate in enumerate(rates)]
    chooser.choose(voices, budget_bps, 0.0)
    picks = chooser.choose(voices, budget_bps, OVER_FOR_S)
    carried = [rate for rate, pick in zip(rates, picks, strict=True) if pick]
    if rates and rates[0] <= GREATEST_VOICE_BPS:
        assert picks[0]
    assert sum(carried) <= max(budget_bps, rates[0] if rates and picks[0] else 0.0)
