"""How many sites meet at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from confhub.planning.shared.capacity import Load, advise_hub, most_at_once

NOON = dt.datetime(2026, 12, 2, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def load(start: int, end: int, sites: int) -> Load:
    return Load(NOON + start * MINUTE, NOON + end * MINUTE, sites)


LOADS = st.lists(
    st.builds(
        lambda start, length, sites: load(start, start + length, sites),
        st.integers(-20, 40),
        st.integers(1, 30),
        st.integers(1, 9),
    ),
    max_size=9,
)


@given(LOADS, st.integers(0, 20), st.integers(1, 20))
def test_the_fullest_moment_is_the_one_that_a_look_at_each_minute_finds(
    loads: Sequence[Load], start: int, length: int
) -> None:
    minutes = [NOON + (start + n) * MINUTE for n in range(length)]
    naive = max(
        sum(one.sites for one in loads if one.starts_at <= at < one.ends_at) for at in minutes
    )
    assert most_at_once(loads, minutes[0], minutes[-1] + MINUTE) == naive


def test_a_hub_that_was_measured_is_told_of_what_it_would_not_carry() -> None:
    own, others = load(0, 60, 16), [load(-60, 30, 80), load(30, 90, 50)]
    (said,) = advise_hub(own, others, 95)
    assert (said.code, said.values) == ("hub_full", {"sites": 96, "carried": 95})
    assert advise_hub(own, others, 96) == []
    assert advise_hub(own, others, 0) == []
