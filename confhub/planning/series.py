"""Meetings that come again: a series, its parts, and the days on which it is to be held. Pure.

An occurrence is known by its original date, the one that the rule gives (as by RECURRENCE-ID in
RFC 5545), on whatever day it is held in the end. From one of them on a series may be changed:
then a new part owns the original dates from there on, and what lies before stays as it was.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from confhub.errors import N_, BadInput, Conflict, FieldErrors
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.meetings.schedule import Draft
from confhub.meetings.working_days import WorkCalendar
from confhub.planning import recurrence
from confhub.planning.recurrence import Rule

# Meetings are made so long ahead: a quarter, as offices plan.
HORIZON = dt.timedelta(weeks=13)
# No run of days off is longer, Tết with its weekends included; an original date that lies further
# back has no day to come.
FARTHEST_SHIFT = dt.timedelta(days=31)
# The longest pause between two dates of a rule, and a year more for one that is a holiday.
_FIRST_WITHIN = dt.timedelta(days=800)
_DAY = dt.timedelta(days=1)
_SATURDAY = 5

# planned: on a day of the series. extra: kept, though the series has no such day. dropped: the
# series had no such day any more, and nobody had changed it. over: the series was ended before.
# left: another unit has taken the meeting over, so that no series does anything to it.
OccurrenceState = Literal["planned", "extra", "dropped", "over", "left"]


# Of an occurrence that still is one of its series.
STANDING: frozenset[OccurrenceState] = frozenset({"planned", "extra"})


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many working days before a meeting's day, at that clock on the wall."""

    days: int
    at: dt.time

    def of(self, starts_at: dt.datetime, calendar: WorkCalendar, zone: dt.tzinfo) -> dt.datetime:
        """UTC; not after the start."""
        day = calendar.before(starts_at.astimezone(zone).date(), self.days)
        return min(dt.datetime.combine(day, self.at, zone).astimezone(dt.UTC), starts_at)


def ahead_of(
    answer_by: dt.datetime, starts_at: dt.datetime, calendar: WorkCalendar, zone: dt.tzinfo
) -> Ahead:
    """How far before its start a meeting's deadline is; of one on a day off, the working day before
    it counts."""
    local, day, days = answer_by.astimezone(zone), starts_at.astimezone(zone).date(), 0
    while calendar.before(day, days) > local.date():
        days += 1
    return Ahead(days, local.time())


@dataclass(frozen=True, slots=True)
class Content:
    """What all occurrences of a part share; `starts` is the clock on the wall. `answer`: until when
    sites answer, None: as is usual."""

    title: str
    level_id: str
    host_unit_id: str
    chair_site_id: str
    starts: dt.time
    length_min: int
    chair_name: str = ""
    note: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    sites: tuple[str, ...] = ()
    is_public: bool = False
    answer: Ahead | None = None

    def span(self, day: dt.date, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
        """Begin and end on a day, UTC."""
        starts_at = dt.datetime.combine(day, self.starts, zone).astimezone(dt.UTC)
        return starts_at, starts_at + dt.timedelta(minutes=self.length_min)

    def answer_by(self, day: dt.date, calendar: WorkCalendar, zone: ZoneInfo) -> dt.datetime | None:
        """Of the occurrence on a day."""
        if self.answer is None:
            return None
        return self.answer.of(self.span(day, zone)[0], calendar, zone)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a series: its original dates from `since` to the next part's.

    Parts are never changed: a later one with the same or an earlier `since` supersedes them.
    `reason`: why the time was changed with it, for who reads it at the meeting.
    """

    number: int
    since: dt.date
    rule: Rule
    content: Content
    reason: str = ""
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """`parts` by number, superseded ones too: occurrences may have been made by them.

    No occurrence is left from `ended_on` on, for `end_reason`. `is_open`: the job still looks
    after it.
    """

    id: str
    parts: tuple[Part, ...]
    created_by: str = ""
    ended_on: dt.date | None = None
    end_reason: str = ""
    is_open: bool = True
    version: int = 1

    @property
    def living(self) -> Sequence[Part]:
        return sorted((one for one in self.parts if not one.superseded), key=lambda one: one.since)

    def from_then(self, day: dt.date) -> Sequence[Part]:
        """The parts that own original dates from `day` on."""
        living = self.living
        return [
            part
            for number, part in enumerate(living)
            if number + 1 == len(living) or living[number + 1].since > day
        ]

    @property
    def last_part(self) -> Part:
        return self.living[-1]

    def owner(self, original: dt.date) -> Part:
        """The part to which an original date belongs."""
        living = self.living
        return next((one for one in reversed(living) if one.since <= original), living[0])


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A meeting of a series. `day` and `part`: for which day, and by what, the series last set
    it; what differs from that is somebody's own change."""

    meeting_id: str
    series_id: str
    original: dt.date
    day: dt.date
    part: int
    state: OccurrenceState = "planned"


@dataclass(frozen=True, slots=True)
class Slot:
    """An original date of a series; `day` None: left out, since offices are closed then, or
    another occurrence is on the day to which it would move."""

    original: dt.date
    part: Part
    day: dt.date | None
    is_off: bool = False  # the original date


def content_of(meeting: Meeting | Draft, calendar: WorkCalendar, zone: ZoneInfo) -> Content:
    """What a meeting has that others of its series shall have too; SittingsInSeries."""
    if meeting.sittings:
        raise SittingsInSeries
    length = meeting.ends_at - meeting.starts_at
    answer = None
    if meeting.answer_by is not None:
        answer = ahead_of(meeting.answer_by, meeting.starts_at, calendar, zone)
    return Content(
        title=meeting.title,
        level_id=meeting.level_id,
        host_unit_id=meeting.host_unit_id,
        chair_site_id=meeting.chair_site_id,
        starts=meeting.starts_at.astimezone(zone).time(),
        length_min=int(length.total_seconds() // 60),
        chair_name=meeting.chair_name,
        note=meeting.note,
        agenda=tuple(replace(item, id="") for item in meeting.agenda),
        sites=meeting.sites,
        is_public=meeting.is_public,
        answer=answer,
    )


def new_meeting(
    meeting_id: str,
    series: Series,
    slot: Slot,
    day: dt.date,
    calendar: WorkCalendar,
    zone: ZoneInfo,
) -> Meeting:
    """The occurrence of a slot."""
    starts_at, ends_at = slot.part.content.span(day, zone)
    return Meeting(
        id=meeting_id,
        starts_at=starts_at,
        ends_at=ends_at,
        created_by=series.created_by,
        answer_by=slot.part.content.answer_by(day, calendar, zone),
        **_shared(slot.part.content),
    )


def first_slot(series: Series, calendar: WorkCalendar) -> Slot | None:
    """The first that is not left out; None: all of the series' first months are."""
    start = series.living[0].since
    # Every twelve months on a date that is a holiday of each year is never held.
    found = slots(series, calendar, start, start + _FIRST_WITHIN)
    return next((slot for slot in found if slot.day is not None), None)


def _shared(content: Content) -> dict[str, Any]:
    names = "title level_id host_unit_id chair_site_id chair_name note agenda sites is_public"
    return {name: getattr(content, name) for name in names.split()}


def slots(series: Series, calendar: WorkCalendar, start: dt.date, end: dt.date) -> list[Slot]:
    """The series' original dates in [start, end], and the days on which they are to be held."""
    around = list(dates_of(series, start - FARTHEST_SHIFT, end + FARTHEST_SHIFT))
    known = [day for day, _part in around]
    return [
        Slot(day, part, *_placed(day, part.rule, known, calendar))
        for day, part in around
        if start <= day <= end
    ]


def dates_of(series: Series, start: dt.date, end: dt.date) -> Iterable[tuple[dt.date, Part]]:
    """Its original dates in [start, end], ascending, and to what part each belongs."""
    living = series.living
    for number, part in enumerate(living):
        last = living[number + 1].since - _DAY if number + 1 < len(living) else end
        if series.ended_on is not None:
            last = min(last, series.ended_on - _DAY)
        first, last = max(start, part.since), min(last, end)
        if first <= last:
            yield from ((day, part) for day in recurrence.dates(part.rule, first, last))


def _placed(
    day: dt.date, rule: Rule, known: Sequence[dt.date], calendar: WorkCalendar
) -> tuple[dt.date | None, bool]:
    """Where an original date goes, and whether offices are closed on it."""
    is_off = is_day_off(day, rule, calendar)
    if not is_off or rule.off_days == "hold":
        return day, is_off
    if rule.off_days == "skip":
        return None, is_off
    step = _DAY if rule.off_days == "after" else -_DAY
    there = day + step
    while not calendar.is_working(there):
        if abs(there - day) >= FARTHEST_SHIFT:
            return None, is_off
        there += step
    return (None if _is_between(known, day, there) else there), is_off


def _is_between(known: Sequence[dt.date], day: dt.date, there: dt.date) -> bool:
    """Whether one of the ascending dates lies behind `day`, on the way to `there`, or there."""
    if there > day:
        return bisect_right(known, there) > bisect_right(known, day)
    return bisect_left(known, there) < bisect_left(known, day)


def is_day_off(day: dt.date, rule: Rule, calendar: WorkCalendar) -> bool:
    """Whether a date of the rule is one on which nobody meant it to be held: a holiday, and a
    weekend, unless that is just what was asked for."""
    if calendar.is_working(day):
        return False
    meant = rule.frequency != "month_day" and day.weekday() >= _SATURDAY
    return not meant or bool(calendar.name_of(day, "vi"))


def horizon(today: dt.date) -> dt.date:
    """The last date for which meetings are made."""
    return today + HORIZON


def is_over(series: Series, today: dt.date) -> bool:
    """Whether no original date is left from which a meeting could still come."""
    if series.ended_on is not None:
        return series.ended_on + FARTHEST_SHIFT < today
    last = recurrence.last_date(series.last_part.rule)
    return last is not None and last + FARTHEST_SHIFT < today


class SittingsInSeries(FieldErrors):
    """A meeting in several sittings does not come again by a rule: it is duplicated."""

    def __init__(self) -> None:
        message = N_(
            "Cuộc họp nhiều phiên không lặp lại theo chuỗi. Xin bỏ các phiên thêm, hoặc bỏ lặp lại."
        )
        super().__init__({"sittings": BadInput(message)})


class HostedElsewhere(FieldErrors):
    """What was to be done to a series would change meetings that are another unit's."""

    def __init__(self) -> None:
        message = N_(
            "Có buổi của chuỗi họp này do đơn vị khác chủ trì. Xin chọn riêng buổi này, hoặc nhờ"
            " thư ký của đơn vị đó."
        )
        super().__init__({"scope": BadInput(message)})


class NotOfTheSeries(Conflict):
    """What was to be done to a series was asked of a meeting that belongs to none, or no more."""

    code = "not_of_a_series"
    message = N_("Cuộc họp này không thuộc chuỗi họp định kỳ nào.")
