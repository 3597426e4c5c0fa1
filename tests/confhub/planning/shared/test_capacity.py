"""What meetings of one moment ask of the hubs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from confhub.meetings.meeting import Meeting
from confhub.planning.conflicts import Clash, find_clashes, seal_of
from confhub.planning.shared.capacity import Capacity, Load, advise_large, most_at_once
from confhub.planning.slots import find_slots, wish_for
from confhub.planning.takings import LOAD, Takings, needs_of, streams_of, takings_of

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


def meeting(name: str, its: Load) -> Meeting:
    codes = tuple(f"{name}-{number}" for number in range(its.sites))
    return Meeting(
        id=name,
        title="Giao ban",
        level_id="district",
        host_unit_id=f"unit-{name}",
        chair_site_id=codes[0],
        starts_at=its.starts_at,
        ends_at=its.ends_at,
        sites=codes,
    )


def clashes(own: Meeting, others: Sequence[Meeting], carried: int) -> list[Clash]:
    """As a store finds them: of the others it tells the load apart."""
    takings = Takings(taking for other in others for taking in takings_of(other, carried=carried))
    return find_clashes(needs_of(own, carried=carried), takings, own.starts_at, own.ends_at, own.id)


def test_of_a_small_meeting_each_site_is_sent_all_others_of_a_large_one_a_few() -> None:
    assert [streams_of(count) for count in (1, 2, 3, 6, 7, 140)] == [1, 2, 6, 30, 35, 700]


def test_hubs_that_are_full_are_one_clash_which_says_how_full_and_when() -> None:
    own = meeting("own", load(0, 60, 16))
    others = [
        meeting("long", load(-60, 30, 80)),
        meeting("next", load(30, 90, 50)),
        meeting("early", load(-90, -5, 90)),
    ]
    assert clashes(own, others, 480) == []
    (clash,) = clashes(own, others, 479)
    assert (clash.need.resource, clash.taken, clash.need.holds) == (LOAD, 480, 479)
    assert (clash.starts_at, clash.ends_at) == (NOON, NOON + 30 * MINUTE)
    assert (clash.holder.id, clash.holder.cause) == ("", "load")
    assert clashes(own, others, 0) == []
    other_seal = seal_of(clashes(own, others, 400))
    assert other_seal == seal_of([clash]) != ""  # as many are wanted, whatever there is
    fuller = [*others, meeting("more", load(0, 10, 3))]
    assert seal_of(clashes(own, fuller, 479)) != seal_of([clash])


@given(LOADS, st.integers(1, 6), st.integers(0, 20), st.integers(1, 20), st.integers(2, 300))
def test_hubs_are_full_when_a_look_at_each_minute_finds_them_so(
    loads: Sequence[Load], sites: int, start: int, length: int, carried: int
) -> None:
    own = meeting("own", load(start, start + length, sites))
    others = [meeting(f"other-{number}", o) for number, o in enumerate(loads)]
    minutes = [NOON + (start + n) * MINUTE for n in range(length)]
    at_once = {
        at: sum(streams_of(o.sites) for o in loads if o.starts_at <= at < o.ends_at)
        for at in minutes
    }
    full = {at for at, taken in at_once.items() if taken and taken + streams_of(sites) > carried}
    found = clashes(own, others, carried)
    assert full == {at for at in minutes if any(c.starts_at <= at < c.ends_at for c in found)}
    if full:
        assert max(c.taken for c in found) == streams_of(sites) + max(at_once.values())


def test_free_times_keep_clear_of_hours_at_which_hubs_are_full() -> None:
    takings = Takings(takings_of(meeting("large", load(0, 60, 20)), carried=110))
    starts = [NOON + n * 30 * MINUTE for n in range(4)]
    for sites, first in ((3, NOON), (4, NOON + 60 * MINUTE)):
        wish = wish_for(needs_of(meeting("own", load(0, 30, sites)), carried=110), 30 * MINUTE)
        (slot,) = find_slots(wish, takings, [starts], 1)
        assert slot.starts_at == first


def test_a_meeting_that_no_hub_carries_is_told_so_whatever_they_carry_together() -> None:
    capacity = Capacity((10, 30))
    assert (capacity.streams, capacity.largest) == (200, 150)
    needs = needs_of(meeting("own", load(0, 60, 31)), carried=capacity.streams)
    (said,) = advise_large(needs, capacity)
    assert (said.code, said.values) == ("hub_alone", {"amount": 155, "holds": 150})
    assert advise_large(needs_of(meeting("own", load(0, 60, 30)), carried=200), capacity) == []
    assert advise_large(needs_of(meeting("own", load(0, 60, 99))), Capacity()) == []
