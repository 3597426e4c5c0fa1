"""Meetings laid out on days: spans of local days, parts per day, lanes of a day view. Pure.

Meetings carry UTC; people think in days of their own zone. Everything here goes through the
zone's rules, so a day is 24 h only where the zone says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.meetings.sitting import Sitting

Session = Literal["morning", "afternoon", "evening"]

WEEK_DAYS = 7
_SESSIONS: tuple[tuple[dt.time, Session], ...] = (
    (dt.time(12), "morning"),
    (dt.time(18), "afternoon"),
    (dt.time.max, "evening"),
)
# What ends earlier belongs to the evening before; what goes on later is shown on that day too.
NIGHT_ENDS = dt.time(6)
# A five-minute meeting is still drawn as high as half an hour, so that its title can be read;
# what is drawn on top of each other must not share a lane.
SHORTEST_DRAWN = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a meeting's `sitting` falls on one local day; times are aware and local, clipped to
    the day. `number`: which sitting it is of how many."""

    meeting: Meeting
    starts_at: dt.datetime
    ends_at: dt.datetime
    from_before: bool  # the sitting began on an earlier day
    goes_on: bool  # the sitting ends on a later day
    sitting: Sitting
    number: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class Day:
    on: dt.date
    parts: tuple[Part, ...]  # by start, then the longer first


@dataclass(frozen=True, slots=True)
class Placed:
    """A part in a day column: it takes lane `lane` (0 is leftmost) of `lanes` equal lanes."""

    part: Part
    lane: int
    lanes: int


def week_start(day: dt.date) -> dt.date:
    """The Monday of the day's week, as Vietnamese offices count weeks."""
    return day - dt.timedelta(days=day.weekday())


def local_span(first: dt.date, days: int, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """UTC span [start, end) of `days` local days beginning with `first`."""
    return _midnight(first, zone), _midnight(first + dt.timedelta(days=days), zone)


def group_by_day(
    meetings: Iterable[Meeting], first: dt.date, days: int, zone: ZoneInfo
) -> list[Day]:
    """One Day for each of `days` local days from `first`, empty ones too.

    A meeting has a part on each day that one of its sittings touches; one that ends at midnight
    has none on the day it ends into.
    """
    listed = list(meetings)
    return [_day(listed, first + dt.timedelta(days=n), zone) for n in range(days)]


def once_by_day(
    meetings: Iterable[Meeting], first: dt.date, days: int, zone: ZoneInfo
) -> list[Day]:
    """As `group_by_day`, each sitting on the day it begins, up to midnight, else on the first; and
    on later ones where it goes on after their night."""
    return [
        Day(
            day.on,
            tuple(
                part
                for part in day.parts
                if not part.from_before
                or day.on == first
                or part.ends_at > dt.datetime.combine(day.on, NIGHT_ENDS, zone)
            ),
        )
        for day in group_by_day(meetings, first, days, zone)
    ]


def list_by_day(
    meetings: Iterable[Meeting], first: dt.date, days: int, zone: ZoneInfo
) -> list[Day]:
    """As `once_by_day`, each sitting whole."""
    return [
        Day(
            day.on,
            tuple(
                replace(
                    part,
                    starts_at=part.sitting.starts_at.astimezone(zone),
                    ends_at=part.sitting.ends_at.astimezone(zone),
                )
                for part in day.parts
            ),
        )
        for day in once_by_day(meetings, first, days, zone)
    ]


def agenda_with_times(meeting: Meeting) -> list[tuple[dt.datetime | None, AgendaItem]]:
    """Each item with its start, as long as every item before has a length; without where the
    meeting is held in several sittings, of which nobody says which an item is for."""
    at: dt.datetime | None = meeting.starts_at if _has_lengths(meeting) else None
    rows: list[tuple[dt.datetime | None, AgendaItem]] = []
    for item in meeting.agenda:
        rows.append((at, item))
        length = item.duration_min
        at = at + dt.timedelta(minutes=length) if at is not None and length else None
    return rows


def _has_lengths(meeting: Meeting) -> bool:
    has_one_sitting = len(meeting.all_sittings) == 1
    return has_one_sitting and any(item.duration_min for item in meeting.agenda)


def session_of(at: dt.datetime) -> Session:
    """Which part of a working day a local time falls in."""
    return next(name for ends, name in _SESSIONS if at.time() < ends)


def place(parts: Sequence[Part]) -> list[Placed]:
    """Lanes for the parts of one day: what overlaps stands side by side, leftmost lane first.

    Parts joined by a chain of overlaps share one count of lanes, so their columns line up.
    """
    placed: list[Placed] = []
    cluster: list[tuple[Part, int]] = []
    lane_ends: list[dt.datetime] = []
    for part in sorted(parts, key=_by_start):
        if lane_ends and part.starts_at >= max(lane_ends):
            placed += [Placed(p, lane, len(lane_ends)) for p, lane in cluster]
            cluster, lane_ends = [], []
        drawn_end = max(part.ends_at, part.starts_at + SHORTEST_DRAWN)
        free = next((n for n, end in enumerate(lane_ends) if end <= part.starts_at), None)
        if free is None:
            free = len(lane_ends)
            lane_ends.append(drawn_end)
        else:
            lane_ends[free] = drawn_end
        cluster.append((part, free))
    return placed + [Placed(p, lane, len(lane_ends)) for p, lane in cluster]


def _day(meetings: Sequence[Meeting], on: dt.date, zone: ZoneInfo) -> Day:
    start, end = local_span(on, 1, zone)
    parts = [
        Part(
            meeting,
            max(one.starts_at, start).astimezone(zone),
            min(one.ends_at, end).astimezone(zone),
            from_before=one.starts_at < start,
            goes_on=one.ends_at > end,
            sitting=one,
            number=(number, len(meeting.all_sittings)),
        )
        for meeting in meetings
        if meeting.starts_at < end and meeting.ends_at > start
        for number, one in enumerate(meeting.all_sittings, 1)
        if one.starts_at < end and one.ends_at > start
    ]
    return Day(on, tuple(sorted(parts, key=_by_start)))


def _by_start(part: Part) -> tuple[dt.datetime, float, str]:
    length_s = (part.ends_at - part.starts_at).total_seconds()
    return part.starts_at, -length_s, part.meeting.id


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
