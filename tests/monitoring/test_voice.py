import pytest

from monitoring import voice


@pytest.mark.parametrize(
    ("rating", "mos"),
    # ITU-T G.107 annex B / G.109 table 1: the limits of the categories of satisfaction.
    [(90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58), (0.0, 1.0), (-5.0, 1.0)],
)
def test_opinion_is_that_of_the_recommendation(rating: float, mos: float) -> None:
    assert voice.opinion(rating) == pytest.approx(mos, abs=0.011)


def test_a_perfect_link_has_the_best_rating() -> None:
    assert voice.rate(0.0, 0.0, voice.CONCEALED_ROBUSTNESS) == voice.BEST_RATING


def test_delay_costs_little_up_to_150_ms_and_much_at_400() -> None:
    calm = voice.rate(150.0, 0.0, voice.NETWORK_LOSS_ROBUSTNESS)
    late = voice.rate(400.0, 0.0, voice.NETWORK_LOSS_ROBUSTNESS)
    assert calm > 89
    assert late < 60


def test_loss_before_error_correction_costs_less_than_what_had_to_be_concealed() -> None:
    network = voice.rate(80.0, 0.05, voice.NETWORK_LOSS_ROBUSTNESS)
    concealed = voice.rate(80.0, 0.05, voice.CONCEALED_ROBUSTNESS)
    assert concealed < network


def test_rating_never_leaves_its_scale() -> None:
    assert voice.rate(60_000.0, 1.0, voice.CONCEALED_ROBUSTNESS) == 0.0
    assert voice.rate(0.0, -1.0, voice.CONCEALED_ROBUSTNESS) == voice.BEST_RATING
    assert voice.rate(0.0, 9.0, voice.CONCEALED_ROBUSTNESS) >= 0.0
