"""The first times at which those who are wanted are free."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from confhub.meetings.working_days import WorkCalendar
from confhub.planning.conflicts import find_clashes
from confhub.planning.slots import Slot, find_slots, office_starts, wish_for
from confhub.planning.takings import Holder, Need, Resource, Taking, Takings

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = dt.datetime(2026, 11, 30, tzinfo=VIETNAM).astimezone(dt.UTC)
HOUR = dt.timedelta(hours=1)
CHAIR = Need(Resource("chair", "npo nguyen van a"), "Nguyễn Văn A")
ROOM = Need(Resource("site", "s-npo"), presides=True)
COMMUNES = tuple(Need(Resource("site", f"s-{n}")) for n in range(5))


def at(day: int, hour: float) -> dt.datetime:
    return MONDAY + dt.timedelta(days=day, hours=hour)


def taking(need: Need, start: dt.datetime, end: dt.datetime, holder: str = "other") -> Taking:
    return Taking(need.resource, Holder(holder, start, end), need.name)


def starts(days: int = 7, length: dt.timedelta = HOUR) -> list[list[dt.datetime]]:
    return list(office_starts(MONDAY, days, length, VIETNAM, WorkCalendar()))


def slots(*taken: Taking, least: int | None = None, most: int = 3) -> list[Slot]:
    wish = wish_for([CHAIR, ROOM, *COMMUNES], HOUR, least)
    return find_slots(wish, Takings(taken), starts(), most)


def test_where_all_are_free_the_first_slots_are_one_for_each_half_of_a_working_day() -> None:
    assert [slot.starts_at for slot in slots()] == [at(0, 8), at(0, 13.5), at(1, 8)]
    assert {slot.ends_at - slot.starts_at for slot in slots()} == {HOUR}


def test_a_slot_comes_after_whoever_is_taken_is_free_again() -> None:
    first, *_ = slots(taking(COMMUNES[3], at(0, 7), at(0, 9)))
    assert first == Slot(at(0, 9), at(0, 10))
    first, *_ = slots(taking(CHAIR, at(0, 8.5), at(0, 15)), taking(ROOM, at(0, 16), at(1, 7)))
    assert first.starts_at == at(0, 15)


def test_some_may_be_missing_and_are_named_but_never_the_chair() -> None:
    week = [taking(COMMUNES[2], at(0, 0), at(7, 0)), taking(COMMUNES[4], at(0, 0), at(1, 0))]
    first, *_ = slots(*week, taking(CHAIR, at(0, 0), at(0, 10)), least=3)
    assert first == Slot(at(0, 10), at(0, 11), (COMMUNES[2], COMMUNES[4]))
    first, *_ = slots(*week, least=4)
    assert first == Slot(at(1, 8), at(1, 9), (COMMUNES[2],))


def test_where_all_never_come_those_are_proposed_when_most_can() -> None:
    first, *_ = slots(taking(COMMUNES[2], at(0, 0), at(7, 0)))
    assert first == Slot(at(0, 8), at(0, 9), (COMMUNES[2],))
    assert slots(taking(CHAIR, at(0, 0), at(7, 0))) == []


def test_office_hours_are_those_of_the_place_on_days_on_which_offices_are_open() -> None:
    found = starts(7, 1.5 * HOUR)
    assert [half[0] for half in found[:3]] == [at(0, 8), at(0, 13.5), at(1, 8)]
    assert [half[-1] for half in found[:2]] == [at(0, 10), at(0, 15.5)]
    assert len(found) == 10  # five days of two halves
    tet = dt.datetime(2027, 2, 8, 8, tzinfo=VIETNAM)
    assert list(office_starts(tet, 1, HOUR, VIETNAM, WorkCalendar())) == []


def test_a_long_meeting_takes_the_whole_day_and_one_longer_than_that_begins_it() -> None:
    assert [half[0] for half in starts(1, 6 * HOUR)] == [at(0, 8)]
    assert starts(1, 6 * HOUR)[0][-1] == at(0, 11)
    assert starts(1, 12 * HOUR) == [[at(0, 8)]]


def test_what_has_begun_is_not_proposed() -> None:
    halves = office_starts(at(0, 10.25), 1, HOUR, VIETNAM, WorkCalendar())
    assert [half[0] for half in halves] == [at(0, 10.5), at(0, 13.5)]


TAKEN = st.lists(
    st.builds(
        lambda need, start, length, holder: taking(
            need, MONDAY + start * HOUR / 2, MONDAY + (start + length) * HOUR / 2, holder
        ),
        st.sampled_from([CHAIR, ROOM, *COMMUNES]),
        st.integers(0, 110),
        st.integers(1, 30),
        st.sampled_from(["own", "one", "two"]),
    ),
    max_size=25,
)


@given(TAKEN, st.integers(0, 5), st.integers(1, 4), st.integers(1, 9))
def test_slots_are_those_that_a_look_at_each_start_finds(
    taken: Sequence[Taking], least: int, most: int, length: int
) -> None:
    takings, wish = Takings(taken), wish_for([CHAIR, ROOM, *COMMUNES], length * HOUR / 2, least)
    windows = starts(3, wish.length)

    def free(start: dt.datetime, needs: Sequence[Need]) -> list[Need]:
        found = find_clashes(needs, takings, start, start + wish.length, "own")
        return [need for need in needs if need not in {clash.need for clash in found}]

    fitting = [[s for s in half if len(free(s, wish.must)) == 2] for half in windows]
    counts = [len(free(start, wish.others)) for half in fitting for start in half]
    enough = min(least, max(counts, default=0))
    naive = [
        next((s for s in half if len(free(s, wish.others)) >= enough), None) for half in fitting
    ]
    found = find_slots(wish, takings, windows, most, "own")
    assert [slot.starts_at for slot in found] == [one for one in naive if one][:most]
    for slot in found:
        there = free(slot.starts_at, wish.others)
        assert slot.missing == tuple(need for need in wish.others if need not in there)


def test_more_than_are_wanted_are_not_asked_for() -> None:
    wish = wish_for([ROOM, *COMMUNES], HOUR, 99)
    assert (wish.least, list(wish.others)) == (5, list(COMMUNES))
    assert find_slots(replace(wish, others=[], least=0), Takings(), [], 3) == []
