from confhub.quality import LinkState
from monitoring.reasons import Reason
from monitoring.steadiness import CALM_S, Steady, step

LOSS = (Reason("loss_up", "poor", {"percent": 12}),)


def run(*found: tuple[float, LinkState]) -> list[LinkState]:
    steady, shown = Steady(), []
    for now, state in found:
        steady = step(steady, state, (), now)
        shown.append(steady.state)
    return shown


def test_worse_shows_at_once() -> None:
    assert run((0, "good"), (5, "fair"), (10, "poor"), (15, "lost")) == [
        "good",
        "fair",
        "poor",
        "lost",
    ]


def test_better_shows_after_a_calm_while() -> None:
    assert run((0, "poor"), (5, "good"), (10, "good"), (15, "good"), (20, "good")) == [
        "poor",
        "poor",
        "poor",
        "poor",
        "good",
    ]


def test_a_link_that_comes_and_goes_does_not_blink() -> None:
    found: list[tuple[float, LinkState]] = [
        (5.0 * i, "poor" if i % 3 == 0 else "good") for i in range(30)
    ]
    assert set(run(*found)) == {"poor"}


def test_after_the_calm_the_worst_of_it_is_shown() -> None:
    assert run((0, "poor"), (5, "fair"), (10, "good"), (20, "good"))[-1] == "fair"


def test_a_lost_site_that_is_back_is_poor_until_calm() -> None:
    shown = run((0, "good"), (5, "lost"), (10, "good"), (15, "good"), (25, "good"))
    assert shown == ["good", "lost", "poor", "poor", "good"]


def test_coming_and_leaving_need_no_waiting() -> None:
    assert run((0, "good"), (1, "absent"), (2, "good")) == ["good", "absent", "good"]
    assert run((0, "lost"), (1, "absent")) == ["lost", "absent"]


def test_reasons_stay_while_the_state_they_caused_is_shown() -> None:
    steady = step(step(Steady(), "poor", LOSS, 0), "good", (), 5)
    assert steady.reasons == LOSS
    assert steady.due_at == 5 + CALM_S


def test_since_is_when_the_state_began_not_when_it_was_last_found() -> None:
    steady = step(step(Steady(), "poor", LOSS, 10), "poor", (), 15)
    assert steady.since == 10
