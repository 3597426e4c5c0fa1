"""What somebody asks of the calendar, and the days of a month. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from confhub.meetings.meeting import Listed, MeetingStatus
from confhub.meetings.timetable import NIGHT_ENDS

Whose = Literal["", "hosted", "invited", "mine"]


@dataclass(frozen=True, slots=True)
class Within:
    """A unit with all below it; `alone`: the unit itself."""

    unit_id: str
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Meetings that concern one of `seen`, as host or by an invited site, and pass every filter
    that is set. `hosted` and `invited` are said of `about`, else of `seen`; `mine` of `account_id`.
    """

    seen: tuple[Within, ...]
    on: dt.date  # the tree of units as it stands then
    now: dt.datetime
    about: Within | None = None
    site_id: str = ""
    level_id: str = ""
    whose: Whose = ""
    account_id: str = ""
    status: str = ""  # as people name it: scheduled, live, postponed, cancelled, ended
    text: str = ""  # each word begins one of title, chair, agenda or host, without diacritics
    is_over: bool | None = None
    # As they are stored; with them come those of which a sitting was held already.
    statuses: tuple[MeetingStatus, ...] = ()
    only_public: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The first of `total` meetings."""

    total: int
    meetings: Sequence[Listed] = ()

    @property
    def more(self) -> int:
        return self.total - len(self.meetings)


@dataclass(frozen=True, slots=True)
class Edges:
    """A local day in UTC: from midnight to the next, and when its night is over."""

    starts_at: dt.datetime
    night_ends: dt.datetime
    ends_at: dt.datetime


def edges(day: dt.date, zone: ZoneInfo) -> Edges:
    """The day as its zone has it: not always 24 h."""

    def at(on: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(on, time, zone).astimezone(dt.UTC)

    midnight = dt.time()
    return Edges(at(day, midnight), at(day, NIGHT_ENDS), at(day + dt.timedelta(days=1), midnight))


def month_weeks(on: dt.date) -> list[list[dt.date]]:
    """The weeks, from Monday, that hold the month of a day; with days of the months beside it."""
    return calendar.Calendar().monthdatescalendar(on.year, on.month)


def months_on(on: dt.date, months: int) -> dt.date:
    """The first day of the month so many months on."""
    count = on.year * 12 + on.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)
