"""Which sites will not be there, and what becomes of a meeting without them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from confhub.errors import FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.planning.leaving import Ahead, by_site, replaced
from confhub.units.site import Site

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = dt.datetime(2027, 6, 30, 18, 0, tzinfo=dt.UTC)  # 01:00 on 1 July here
JULY = dt.date(2027, 7, 1)


def ahead(meeting_id: str, site_id: str, hours: int, *, is_chair: bool = False) -> Ahead:
    at = START + dt.timedelta(hours=hours)
    return Ahead(meeting_id, "Giao ban", at, 1, is_chair, site_id, site_id, f"u-{site_id}", JULY)


def test_each_site_stands_once_with_its_meetings_by_time_and_who_may_come() -> None:
    rows = [ahead("m2", "a", 5), ahead("m1", "b", 1, is_chair=True), ahead("m3", "a", 2)]
    heirs = {"u-a": [Site("off", "n", "off", "", active=False), Site("new", "n", "new", "")]}
    first, second = by_site(rows, heirs)
    assert (first.site_id, first.needs_another, first.successors) == ("b", True, [])
    assert [one.meeting_id for one in second.meetings] == ["m3", "m2"]
    assert [site.id for site in second.successors] == ["new"]


MEETING = Meeting("m", "t", "l", "u", "a", START, START, sites=("a", "b", "c"))


@pytest.mark.parametrize(
    ("old", "new", "sites", "chair"),
    [
        ("b", "n", ("a", "n", "c"), "a"),
        ("b", "c", ("a", "c"), "a"),  # it is invited already
        ("b", "", ("a", "c"), "a"),
        ("a", "n", ("n", "b", "c"), "n"),
        ("a", "b", ("b", "c"), "b"),
    ],
)
def test_another_comes_in_its_place_once(
    old: str, new: str, sites: tuple[str, ...], chair: str
) -> None:
    changed = replaced(MEETING, old, new)
    assert (changed.sites, changed.chair_site_id) == (sites, chair)


def test_a_meeting_is_not_left_without_a_chair() -> None:
    with pytest.raises(FieldErrors):
        replaced(MEETING, "a", "")
