"""/meetings: what is on, as a list, a day or a week."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.errors import BadInput
from confhub.meetings.meeting import Meeting
from confhub.meetings.timetable import (
    WEEK_DAYS,
    Day,
    Placed,
    list_by_day,
    local_span,
    once_by_day,
    place,
    week_start,
)
from confhub.words.dates import read_date
from confhub.words.texts import fold, searched
from web.meetings.access import meetings_between
from web.pages.meetings.status import STATUS_CHOICES, Standing, standing, status_filter
from web.rendering.pages import language_of, render
from web.rendering.paging import asked_page
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

VIEWS = ("list", "day", "week")
# A quarter: what somebody looks for ahead or back without naming a date.
LIST_SPAN = dt.timedelta(days=92)
# Between these every meeting there can be.
_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
# Some screens of a telephone; what is looked for further on is searched for.
PAGE_MEETINGS = 60
# Office hours; a calendar grows beyond them only for a meeting that is outside.
FIRST_HOUR, LAST_HOUR = 7, 18


@dataclass(frozen=True, slots=True)
class Card:
    """A meeting as the schedule shows it."""

    meeting: Meeting
    site_count: int
    host: str
    standing: Standing
    hosted: bool  # by one of the viewer's units
    is_over: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The page's query, mended where it makes no sense."""

    view: str
    on: dt.date
    whose: str
    status: str
    text: str
    past: bool
    first: dt.date | None = None  # the range of days that was asked for; either end may be open
    last: dt.date | None = None

    @property
    def searching(self) -> bool:
        """Whether the list goes over all years: a word or a day was asked for."""
        return bool(self.text or self.first or self.last)

    def span(self, today: dt.date) -> tuple[dt.date, dt.date]:
        """First and last day of the list."""
        if self.searching:
            return self.first or _EARLIEST, self.last or _LATEST
        if self.past:
            return today - LIST_SPAN, today
        return today, today + LIST_SPAN

    def address(self, **changes: object) -> str:
        """The page's address with some of the query changed; defaults are left out."""
        values = {
            "view": self.view,
            "on": self.on.isoformat(),
            "whose": self.whose,
            "status": self.status,
            "q": self.text,
            "when": "past" if self.past else "",
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        } | {key: str(value) for key, value in changes.items()}
        if values["view"] == "list":
            values.pop("on")
        else:
            for name in ("when", "from", "to"):
                values.pop(name)
        kept = {key: value for key, value in values.items() if value and (key, value) != _DEFAULT}
        return f"/meetings?{urlencode(kept)}" if kept else "/meetings"


_DEFAULT = ("view", "list")


async def show(request: web.Request) -> web.Response:
    asked = _read_query(request.query, local_date(request))
    return await _PAGES[asked.view](request, asked)


async def _show_list(request: web.Request, asked: Asked) -> web.Response:
    zone = request.app[SERVICES].zone
    today = local_date(request)
    backwards = asked.past or asked.searching  # what was a week ago before what was a year ago
    first, last = asked.span(today)
    start, end = local_span(first, (last - first).days + 1, zone)
    found = list((await _cards(request, asked, start, end)).values())
    if not asked.searching:
        found = [card for card in found if card.is_over == asked.past]
    if backwards:
        found.reverse()
    paging = asked_page(request, len(found), PAGE_MEETINGS)
    cards = {card.meeting.id: card for card in paging.cut(found)}
    days = _by_day([card.meeting for card in cards.values()], first, zone)
    return await render(
        request,
        "meetings/list.html",
        asked=asked,
        cards=cards,
        days=days[::-1] if backwards else days,
        paging=paging,
        statuses=STATUS_CHOICES,
        filtered=bool(asked.searching or asked.whose or asked.status),
    )


def _by_day(meetings: Sequence[Meeting], first: dt.date, zone: ZoneInfo) -> list[Day]:
    """Days that have meetings, each meeting on the day it begins, or on the list's first."""
    of_day: dict[dt.date, list[Meeting]] = {}
    for meeting in meetings:
        day = max(meeting.starts_at.astimezone(zone).date(), first)
        of_day.setdefault(day, []).append(meeting)
    return [list_by_day(of_day[day], day, 1, zone)[0] for day in sorted(of_day)]


async def _show_calendar(request: web.Request, asked: Asked) -> web.Response:
    zone = request.app[SERVICES].zone
    length = WEEK_DAYS if asked.view == "week" else 1
    first = week_start(asked.on) if asked.view == "week" else asked.on
    start, end = local_span(first, length, zone)
    cards = await _cards(request, asked, start, end)
    meetings = [card.meeting for card in cards.values()]
    # A centre's week is hundreds of meetings, which live rooms must not wait.
    days, hours, boxes = await asyncio.to_thread(_lay_out, meetings, first, length, zone)
    now = request.app[SERVICES].clock().astimezone(zone)
    calendar = await request.app[SERVICES].store.special_days.calendar()
    names = {day.on: calendar.name_of(day.on, language_of(request)) for day in days}
    return await render(
        request,
        "meetings/calendar.html",
        asked=asked,
        cards=cards,
        days=list(zip(days, boxes, strict=True)),
        hours=hours,
        first=first,
        last=days[-1].on,
        statuses=STATUS_CHOICES,
        previous=asked.address(on=asked.on - dt.timedelta(days=length)),
        following=asked.address(on=asked.on + dt.timedelta(days=length)),
        now_at=height_of(now.hour * 60 + now.minute, hours),
        count=len(cards),
        day_names={day: name for day, name in names.items() if name},
        days_off={day.on for day in days if not calendar.is_working(day.on)},
    )


def _lay_out(
    meetings: Sequence[Meeting], first: dt.date, length: int, zone: ZoneInfo
) -> tuple[list[Day], range, list[list[Box]]]:
    """The days, the hours that hold them, and the boxes of each day."""
    days = once_by_day(meetings, first, length, zone)
    hours = shown_hours(days)
    return days, hours, [[Box.of(placed, hours) for placed in place(day.parts)] for day in days]


_PAGES: Mapping[str, Callable[[web.Request, Asked], Awaitable[web.Response]]] = {
    "list": _show_list,
    "day": _show_calendar,
    "week": _show_calendar,
}


@dataclass(frozen=True, slots=True)
class Box:
    """Where a meeting stands in its day's column, in per cent of the column."""

    placed: Placed
    top: float
    height: float
    left: float
    width: float

    @classmethod
    def of(cls, placed: Placed, hours: range) -> Box:
        part = placed.part
        begin = part.starts_at.hour * 60 + part.starts_at.minute
        # Midnight, where a part may end, is the end of this day and not its beginning.
        minutes = (part.ends_at - part.starts_at).total_seconds() / 60
        top = height_of(begin, hours)
        bottom = height_of(begin + minutes, hours)
        left, width = (round(100 * n / placed.lanes, 3) for n in (placed.lane, 1))
        return cls(placed, top, round(bottom - top, 3), left, width)


def height_of(minutes: float, hours: range) -> float:
    """How far down a calendar a time of day is, in per cent; outside it is below 0 or over 100."""
    return round((minutes / 60 - hours.start) / len(hours) * 100, 3)


def shown_hours(days: Sequence[Day]) -> range:
    """Whole hours that hold office hours and every meeting of the days."""
    first, last = FIRST_HOUR, LAST_HOUR
    for day in days:
        for part in day.parts:
            first = min(first, part.starts_at.hour)
            ends_next_day = part.ends_at.date() > day.on
            hour = 24 if ends_next_day else part.ends_at.hour + (part.ends_at.minute > 0)
            last = max(last, hour)
    return range(first, last)


async def _cards(
    request: web.Request, asked: Asked, start: dt.datetime, end: dt.datetime
) -> dict[str, Card]:
    """Meetings in a span that pass the filters, by id, in order of their start."""
    services = request.app[SERVICES]
    viewer = require_viewer(request)
    now = services.clock()
    found = await meetings_between(request, start, end)
    hosts = await _host_names(request, [one.meeting for one in found])

    def kept() -> dict[str, Card]:
        cards: dict[str, Card] = {}
        for one in found:
            meeting = one.meeting
            card = Card(
                meeting=meeting,
                site_count=one.site_count,
                host=hosts.get(meeting.host_unit_id, ""),
                standing=standing(meeting, now),
                hosted=one.hosted,
                is_over=meeting.status != "live"
                and (meeting.status == "ended" or meeting.ends_at <= now),
            )
            mine = meeting.created_by == viewer.account.id
            if (
                _belongs(asked.whose, hosted=card.hosted, mine=mine)
                and status_filter(meeting, now, asked.status)
                and _holds(card, asked.text)
            ):
                cards[meeting.id] = card
        return cards

    # A centre's quarter is thousands of meetings, which live rooms must not wait.
    return await asyncio.to_thread(kept)


async def _host_names(request: web.Request, meetings: Sequence[Meeting]) -> dict[str, str]:
    """Names of the hosting units as they stand today, or stood last."""
    store = request.app[SERVICES].store.units
    ids = {meeting.host_unit_id for meeting in meetings}
    units = await store.get_many(ids, local_date(request), ended=True)
    return {unit.id: unit.name for unit in units}


def _belongs(whose: str, *, hosted: bool, mine: bool) -> bool:
    return {"hosted": hosted, "invited": not hosted, "mine": mine}.get(whose, True)


def _holds(card: Card, text: str) -> bool:
    words = fold(text).split()
    if not words:
        return True
    shown = fold(f"{card.meeting.title} {card.host} {card.meeting.chair_name}")
    return all(word in shown for word in words)


def _read_day(text: str) -> dt.date | None:
    try:
        day = read_date(text)
    except BadInput:
        return None
    return day if day and _EARLIEST <= day <= _LATEST else None


def _read_query(query: Mapping[str, str], today: dt.date) -> Asked:
    on = _read_day(query.get("on", "")) or today
    first, last = _read_day(query.get("from", "")), _read_day(query.get("to", ""))
    if first and last and last < first:
        first, last = last, first
    view, whose, status = (query.get(key, "") for key in ("view", "whose", "status"))
    return Asked(
        view=view if view in VIEWS else "list",
        on=on,
        whose=whose if whose in ("hosted", "invited", "mine") else "",
        status=status if status in {choice.key for choice in STATUS_CHOICES} else "",
        text=searched(query.get("q", "")),
        past=query.get("when") == "past",
        first=first,
        last=last,
    )
