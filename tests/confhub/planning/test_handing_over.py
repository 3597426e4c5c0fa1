"""A series whose site's unit ends: the same dates, another site from then on."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.planning.recurrence import OffDays, Rule, weekly
from tests.confhub.planning.series_world import MONDAY, new_world


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_series_is_handed_over_on_the_same_dates_from_a_day_on() -> None:
    world = new_world(weekly(MONDAY, interval=2, count=6))
    world.edit(world.living[4], "following", title="Giao ban sau Tết")
    world.settle()
    world.hand_over((day("2027-01-04") - world.house.today).days)
    assert [one.since for one in world.series.living] == [
        MONDAY,
        day("2027-01-04"),
        day("2027-02-01"),
    ]
    found = [world.meetings[row.meeting_id].sites for row in world.living]
    assert [sites[1] for sites in found] == ["site-b", "site-b", *["site-n"] * (len(found) - 2)]
    assert [world.differs(row) for row in world.living] == [[]] * len(found)
    world.check()


@pytest.mark.parametrize(("off_days", "held"), [("before", "31/12"), ("after", "04/01")])
def test_who_is_invited_goes_by_the_day_on_which_it_is_held(off_days: OffDays, held: str) -> None:
    """The first of January, a holiday on which the unit ends."""
    world = new_world(Rule("month_day", MONDAY, month_day=1, off_days=off_days))
    world.hand_over((day("2027-01-01") - world.house.today).days)
    first = world.meetings[world.living[0].meeting_id]
    assert f"{world.days()[0]:%d/%m}" == held
    assert first.sites[1] == ("site-b" if off_days == "before" else "site-n")
    assert world.meetings[world.living[1].meeting_id].sites[1] == "site-n"


def test_what_begins_later_or_ended_before_stays_as_it_is() -> None:
    world = new_world(weekly(MONDAY, count=6))
    world.hand_over(-30)
    assert len(world.series.living) == 1
    assert world.series.last_part.rule == weekly(MONDAY, count=6)
    other = new_world(weekly(MONDAY, count=2))
    other.hand_over(60)
    assert other.series == new_world(weekly(MONDAY, count=2)).series
