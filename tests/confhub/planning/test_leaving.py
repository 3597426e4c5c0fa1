"""Which sites will not be there, and what becomes of a meeting without them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from confhub.errors import FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.planning.leaving import Ahead, SeriesAhead, by_host, by_site, replaced
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
    first, second = by_site(rows, (), heirs)
    assert (first.site_id, first.needs_another, first.successors) == ("b", True, [])
    assert [one.meeting_id for one in second.meetings] == ["m3", "m2"]
    assert [site.id for site in second.successors] == ["new"]


def again(series_id: str, site_id: str, since: dt.date) -> SeriesAhead:
    own = (site_id, site_id, f"u-{site_id}")
    return SeriesAhead(series_id, "Giao ban", "m1", since, site_id == "b", *own, JULY)


def test_a_series_stands_by_its_site_or_its_host_and_alone_where_no_meeting_is_made_yet() -> None:
    later = JULY + dt.timedelta(days=7)
    series = [again("s2", "b", later), again("s1", "b", JULY), again("s3", "", JULY)]
    first, second = by_site([ahead("m1", "a", 1)], series, {})
    assert (first.site_id, list(first.series)) == ("a", [])
    assert ([one.series_id for one in second.series], list(second.meetings)) == (["s1", "s2"], [])
    assert second.needs_another
    (host,) = by_host([], series, {"u-": ["heir"]})
    assert ([one.series_id for one in host.series], host.ends_on) == (["s3"], JULY)
    assert host.successors == ["heir"]


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
