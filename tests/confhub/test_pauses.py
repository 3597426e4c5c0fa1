"""Pauses between tries."""

from __future__ import annotations

import pytest

from confhub.pauses import Pauses

PAUSES = Pauses(first_s=0.5, last_s=10.0)


@pytest.mark.parametrize(
    ("failures", "pause_s"),
    [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (6, 10.0), (7, 10.0), (1_000_000, 10.0)],
)
def test_pauses_grow_up_to_the_last(failures: int, pause_s: float) -> None:
    assert PAUSES.after(failures, 0.0) == pause_s


def test_a_pause_is_spread_over_its_second_half() -> None:
    assert PAUSES.after(2, 0.5) == 0.75
    assert PAUSES.after(2, 1.0) == 0.5
