"""A series and its meetings: what is made, what follows a change, what keeps its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confhub.errors import FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.meetings.working_days import SpecialDay
from confhub.planning.recurrence import LAST, OFF_DAYS, OffDays, Rule, weekly
from confhub.planning.series import HORIZON, is_over
from tests.confhub.planning.series_world import MONDAY, World, new_world


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def texts(days: list[dt.date]) -> str:
    return " ".join(f"{one:%d/%m}" for one in days)


def test_meetings_are_made_for_a_quarter_ahead_and_on_as_time_passes() -> None:
    world = new_world()
    assert world.days()[0] == MONDAY
    assert world.days()[-1] <= world.house.today + HORIZON
    made = len(world.meetings)
    world.go_on(21)
    world.settle()
    assert len(world.meetings) == made + 3
    world.check()


@pytest.mark.parametrize(
    ("off_days", "expected"),
    [
        ("skip", "25/01 01/02 15/02 22/02"),
        ("hold", "25/01 01/02 08/02 15/02 22/02"),
        ("before", "25/01 01/02 03/02 15/02 22/02"),
        ("after", "25/01 01/02 11/02 15/02 22/02"),
    ],
)
def test_a_briefing_meets_tet(off_days: OffDays, expected: str) -> None:
    """In 2027 from Thursday, 4 February, to Wednesday, the 10th."""
    world = new_world(weekly(MONDAY, off_days=off_days))
    there = [one for one in world.days() if day("2027-01-20") < one < day("2027-02-28")]
    assert texts(there) == expected


def test_a_day_to_which_two_would_move_has_one() -> None:
    holidays = [SpecialDay(MONDAY + dt.timedelta(days=n), True, "Nghỉ") for n in range(5)]
    rule = Rule("week", MONDAY, weekdays=(0, 1, 2, 3, 4), count=7, off_days="after")
    world = new_world(rule, special=tuple(holidays))
    assert texts(world.days()) == "14/12 15/12"
    world = new_world(replace(rule, off_days="before"), special=tuple(holidays))
    assert texts(world.days()) == "04/12 14/12 15/12"


def test_a_weekend_is_off_only_where_nobody_meant_it() -> None:
    assert (
        texts(new_world(Rule("month_day", MONDAY, month_day=13, off_days="before", count=1)).days())
        == "11/12"
    )
    assert texts(new_world(Rule("week", MONDAY, weekdays=(6,), count=1)).days()) == "13/12"
    assert (
        texts(new_world(Rule("month_weekday", MONDAY, weekdays=(5,), nth=LAST, count=1)).days())
        == "26/12"
    )


def test_a_day_off_that_is_announced_moves_what_was_made_and_says_why() -> None:
    world = new_world(weekly(MONDAY, off_days="after"))
    world.announce(SpecialDay(day("2026-12-14"), is_off=True, name="Lễ lớn"))
    world.settle()
    assert texts(world.days()[:3]) == "07/12 15/12 21/12"
    moved = world.meetings[world.living[1].meeting_id]
    assert "Lễ lớn" in moved.status_reason
    assert moved.postponed_from == moved.starts_at - dt.timedelta(days=1)
    world.announce()
    world.settle()
    assert texts(world.days()[:3]) == "07/12 14/12 21/12"
    world.check()


def test_a_day_off_leaves_out_what_was_made_and_brings_it_back() -> None:
    world = new_world()
    world.announce(SpecialDay(day("2026-12-14"), is_off=True, name="Lễ lớn"))
    world.settle()
    assert texts(world.days()[:2]) == "07/12 21/12"
    (off,) = [one for one in world.meetings.values() if one.status == "cancelled"]
    assert off.status_reason == "Ngày nghỉ: Lễ lớn"
    world.announce()
    world.settle()
    assert texts(world.days()[:3]) == "07/12 14/12 21/12"
    world.check()


def test_a_changed_occurrence_keeps_its_changes_and_follows_in_the_rest() -> None:
    world = new_world()
    second = world.living[1]
    world.change_one(second, title="Giao ban mở rộng", sites=("site-a", "site-b", "site-d"))
    world.edit(
        world.living[0],
        "following",
        starts=dt.time(14),
        sites=("site-a", "site-b", "site-c", "site-e"),
    )
    world.settle()
    changed = world.meetings[second.meeting_id]
    assert changed.title == "Giao ban mở rộng"
    assert changed.starts_at.astimezone(world.house.zone).time() == dt.time(14)
    assert changed.sites == ("site-a", "site-b", "site-e", "site-d")
    assert world.differs(world.rows[second.meeting_id]) == ["title", "sites"]
    assert world.differs(world.living[2]) == []
    world.check()


def test_this_and_following_leave_what_lies_before() -> None:
    world = new_world()
    before = [world.meetings[row.meeting_id] for row in world.living[:3]]
    world.edit(world.living[3], "following", title="Giao ban đầu giờ", starts=dt.time(7, 30))
    world.settle()
    assert [world.meetings[row.meeting_id] for row in world.living[:3]] == before
    later = {world.meetings[row.meeting_id].title for row in world.living[3:]}
    assert later == {"Giao ban đầu giờ"}
    world.check()


def test_a_briefing_that_goes_to_tuesday_stays_the_same_meetings() -> None:
    world = new_world(weekly(MONDAY, count=6))
    ids = [row.meeting_id for row in world.living]
    world.edit(world.living[1], "following", by=1)
    world.settle()
    assert [row.meeting_id for row in world.living] == ids
    assert texts(world.days()) == "07/12 15/12 22/12 29/12 05/01 12/01"
    world.check()


def test_all_means_all_that_are_ahead() -> None:
    world = new_world(weekly(MONDAY, count=6))
    world.go_on(16)  # 10 December
    world.edit(world.living[3], "all", by=2, title="Giao ban giữa tuần")
    world.settle()
    assert texts(world.days()) == "16/12 23/12 30/12 06/01 13/01"
    held, *ahead = (world.meetings[row.meeting_id].title for row in world.living)
    assert (held, set(ahead)) == ("Giao ban tuần", {"Giao ban giữa tuần"})
    world.check()


def test_every_two_weeks_drops_what_is_between_and_says_so() -> None:
    world = new_world(weekly(MONDAY, count=5))
    world.change_one(world.living[3], title="Có đoàn kiểm tra")
    fortnight = replace(weekly(MONDAY), interval=2)
    world.edit(world.living[0], "following", rule=fortnight)
    world.settle()
    assert texts(world.days()[:4]) == "07/12 21/12 28/12 04/01"
    assert world.rows[world.living[2].meeting_id].state == "extra"
    dropped = [row for row in world.rows.values() if row.state == "dropped"]
    assert [row.original for row in dropped] == [day("2026-12-14")]
    world.edit(world.living[0], "following", rule=weekly(MONDAY, count=5))
    world.settle()
    assert texts(world.days()) == "07/12 14/12 21/12 28/12 04/01"
    world.check()


def test_an_end_cancels_what_follows_whoever_changed_it() -> None:
    world = new_world(weekly(MONDAY, count=6))
    world.change_one(world.living[4], title="Khác")
    world.end(world.living[2], "following")
    world.settle()
    assert texts(world.days()) == "07/12 14/12"
    cancelled = [one for one in world.meetings.values() if one.status == "cancelled"]
    assert {one.status_reason for one in cancelled} == {"Bão"}
    world.go_on(100)
    world.settle()
    assert len(world.meetings) == 6
    assert is_over(world.series, world.house.today)


def test_a_week_that_is_taken_is_no_place_for_all_that_follow() -> None:
    world = new_world()
    with pytest.raises(FieldErrors) as refused:
        world.edit(world.living[0], "following", by=7)
    assert set(refused.value.fields) == {"date"}
    with pytest.raises(FieldErrors):
        world.edit(world.living[0], "all", by=8)


def test_a_date_that_was_called_off_with_the_end_of_a_series_is_no_place_either() -> None:
    world = new_world()
    world.end(world.living[1], "following")
    world.settle()
    with pytest.raises(FieldErrors):
        world.edit(world.living[0], "following", by=7)


def test_a_fortnight_changes_its_week() -> None:
    world = new_world(weekly(MONDAY, interval=2, count=4))
    world.edit(world.living[1], "following", by=7)
    world.settle()
    assert texts(world.days()) == "07/12 28/12 11/01 25/01"
    world.check()


rules = st.builds(
    Rule,
    st.just("week"),
    st.just(MONDAY),
    st.integers(1, 3),
    st.sets(st.integers(0, 6), min_size=1, max_size=3).map(lambda some: tuple(sorted(some))),
    count=st.none() | st.integers(1, 15),
    off_days=st.sampled_from(OFF_DAYS),
) | st.builds(
    Rule,
    st.just("month_day"),
    st.just(MONDAY),
    month_day=st.integers(1, 31),
    off_days=st.sampled_from(OFF_DAYS),
)
scopes = st.sampled_from(["following", "all"])


def test_what_another_unit_took_over_is_no_more_touched() -> None:
    world = new_world()
    taken, plain = world.living[1], world.living[2]
    world.take_over(taken)
    kept = world.meetings[taken.meeting_id]
    world.edit(world.living[0], "all", starts=dt.time(14), note="Mang con dấu", chair_name="Ông Xã")
    world.settle()
    world.end(world.living[0], "all")
    world.settle()
    assert world.meetings[taken.meeting_id] == kept
    assert world.rows[taken.meeting_id].state == "left"
    assert world.meetings[plain.meeting_id].status == "cancelled"
    world.check()


@pytest.mark.parametrize("heir", ["another", "somebody"])
def test_a_unit_that_follows_the_host_has_its_series(heir: str) -> None:
    world = new_world()
    world.house = replace(world.house, heirs={"unit": [heir]})
    world.change_one(world.living[1], host_unit_id="another")
    world.end(world.living[0], "all")
    world.settle()
    there = world.meetings[world.living[1].meeting_id]
    assert there.status == ("cancelled" if heir == "another" else "scheduled")


edits = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Giao ban", "Họp tuần"]),
        "starts": st.sampled_from([dt.time(7), dt.time(9, 30), dt.time(23)]),
        "sites": st.sampled_from([("site-a", "site-b"), ("site-a", "site-c", "site-d")]),
        "by": st.integers(-4, 9),
        "rule": rules,
    },
)
acts = st.one_of(
    st.tuples(st.just("edit"), scopes, edits),
    st.tuples(st.just("one"), st.sampled_from(["title", "cancel", "move", "hold"])),
    st.tuples(st.just("take over")),
    st.tuples(st.just("end"), scopes),
    st.tuples(st.just("pass"), st.integers(1, 20)),
    st.tuples(st.just("hand over"), st.integers(-30, 100)),
    st.tuples(st.just("announce"), st.lists(st.integers(0, 90), max_size=6)),
)
zones = st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"])


def do(world: World, number: int, act: tuple[Any, ...]) -> None:
    what, *how = act
    if what == "pass":
        world.go_on(*how)
        return
    if what == "hand over":
        world.hand_over(*how)
        return
    if what == "announce":
        off = (MONDAY + dt.timedelta(days=n) for n in how[0])
        world.announce(*(SpecialDay(one, is_off=True, name="Lễ") for one in off))
        return
    ahead = world.ahead()
    if not ahead:
        return
    row = ahead[number % len(ahead)]
    if what == "edit":
        with contextlib.suppress(FieldErrors):
            world.edit(row, how[0], **how[1])
    elif what == "end":
        world.end(row, how[0])
    elif what == "take over":
        world.take_over(row)
    else:
        world.change_one(row, **own_change(how[0], number, world.meetings[row.meeting_id]))


def own_change(what: str, number: int, meeting: Meeting) -> dict[str, Any]:
    later = dt.timedelta(days=1)
    changes: dict[str, dict[str, Any]] = {
        "title": {"title": f"Riêng {number}"},
        "cancel": {"status": "cancelled", "status_reason": "Mưa"},
        "move": {"starts_at": meeting.starts_at + later, "ends_at": meeting.ends_at + later},
        "hold": {"status": "postponed"},
    }
    return changes[what]


@settings(max_examples=150)
@given(rules, zones, st.lists(st.tuples(st.integers(0, 30), acts), max_size=8))
def test_no_order_of_edits_loses_or_doubles_an_occurrence(
    rule: Rule, zone: str, story: list[tuple[int, tuple[Any, ...]]]
) -> None:
    world = new_world(rule, zone=ZoneInfo(zone))
    world.check()
    for number, act in story:
        do(world, number, act)
        world.settle()
        world.check()


@settings(max_examples=60)
@given(
    rules,
    st.lists(st.tuples(st.integers(0, 30), acts), max_size=4),
    st.lists(st.integers(0, 9), max_size=60),
)
def test_in_whatever_pieces_it_is_settled_the_end_is_the_same(
    rule: Rule, story: list[tuple[int, tuple[Any, ...]]], order: list[int]
) -> None:
    """A hub is killed after any of them, and another goes on from what is on record."""
    found = []
    for steps in ([], order):
        world = new_world(rule)
        for number, act in story:
            do(world, number, act)
            for step in steps:
                world.step(step)
            world.settle()
        found.append(
            sorted(
                (row.original, row.day, row.state, world.meetings[row.meeting_id].starts_at)
                for row in world.rows.values()
            )
        )
    assert found[0] == found[1]


@given(zones, st.sampled_from([dt.time(0), dt.time(2, 30), dt.time(8), dt.time(23, 59)]))
def test_the_clock_on_the_wall_stays_in_every_zone(zone: str, clock: dt.time) -> None:
    """As far as the zone has that hour on each day."""
    world = new_world(zone=ZoneInfo(zone))
    world.edit(world.living[0], "all", starts=clock)
    world.settle()
    for row in world.living:
        meeting = world.meetings[row.meeting_id]
        local = dt.datetime.combine(row.day, clock, ZoneInfo(zone))
        assert meeting.starts_at == local.astimezone(dt.UTC)
        assert meeting.ends_at - meeting.starts_at == dt.timedelta(minutes=90)


@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns", "Pacific/Kiritimati"])
def test_the_zone_of_the_machine_changes_nothing(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = new_world(weekly(MONDAY, off_days="after"))
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            there = new_world(weekly(MONDAY, off_days="after"))
    finally:
        time.tzset()
    assert there.meetings == here.meetings
    assert there.rows == here.rows
