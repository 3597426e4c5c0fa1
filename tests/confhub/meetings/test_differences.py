"""What a change did to a meeting, as the record keeps it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

from confhub.meetings.differences import MOST_SITES, differences
from confhub.meetings.meeting import AgendaItem, Meeting

START = dt.datetime(2026, 12, 2, 1, 0, tzinfo=dt.UTC)
MEETING = Meeting(
    "m", "Giao ban", "district", "unit", "s1", START, START + dt.timedelta(hours=1),
    sites=("s1", "s2"), agenda=(AgendaItem("Một", "Lan", 10),),
)  # fmt: skip


def test_nothing_that_stayed_is_told() -> None:
    assert differences(MEETING, MEETING) == {}
    assert differences(MEETING, replace(MEETING, version=2, created_by="x")) == {}


def test_of_a_time_that_changed_both_ends_are_told() -> None:
    longer = replace(MEETING, ends_at=START + dt.timedelta(hours=2))
    assert differences(MEETING, longer) == {
        "starts_at": ("2026-12-02T01:00:00+00:00", "2026-12-02T01:00:00+00:00"),
        "ends_at": ("2026-12-02T02:00:00+00:00", "2026-12-02T03:00:00+00:00"),
    }


def test_sites_that_came_and_went_are_counted_and_some_named() -> None:
    many = tuple(f"n{number}" for number in range(2 * MOST_SITES))
    found = differences(MEETING, replace(MEETING, sites=("s1", *many)))
    assert found == {"sites": (["s2"], list(many[:MOST_SITES])), "site_count": (1, len(many))}


def test_a_new_meeting_is_all_new_and_everything_can_be_kept_as_json() -> None:
    found = differences(None, MEETING)
    assert found["title"] == (None, "Giao ban")
    assert found["site_count"] == (0, 2)
    assert "note" not in found
    assert json.loads(json.dumps(found)).keys() == found.keys()


def test_the_agenda_is_told_whole() -> None:
    changed = replace(MEETING, agenda=(AgendaItem("Một", "Lan", 15), AgendaItem("Hai")))
    old, new = differences(MEETING, changed)["agenda"]
    assert (old, new) == ([["Một", "Lan", 10]], [["Một", "Lan", 15], ["Hai", "", None]])
