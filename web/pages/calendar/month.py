"""The schedule as a month: the first meetings of each day, and how many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.meetings.calendar import Shown, edges, month_weeks, months_on
from confhub.meetings.timetable import Part, group_by_day
from web.pages.calendar.blocked import blocked_in
from web.pages.calendar.cards import Page, cards_of, heading, wanted
from web.pages.calendar.days import marks_of
from web.pages.calendar.moving import handles_of
from web.rendering.pages import render
from web.services import SERVICES

# So many lines leave six weeks on one screen of 768 pixels.
MOST_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the month or beside it."""

    on: dt.date
    parts: Sequence[Part]
    total: int
    inside: bool

    @property
    def more(self) -> int:
        return self.total - len(self.parts)


async def show(request: web.Request, page: Page) -> web.Response:
    services, asked = request.app[SERVICES], page.asked
    weeks = month_weeks(asked.on)
    days = [day for week in weeks for day in week]
    shown = await services.store.calendar.days(
        [edges(day, services.zone) for day in days], wanted(request, page), MOST_A_DAY
    )
    cards = await cards_of(request, [one for day in shown for one in day.meetings])
    cells = {
        day: _cell(day, of_day, asked.on, services.zone)
        for day, of_day in zip(days, shown, strict=True)
    }
    first = months_on(asked.on, 0)
    inside: Mapping[dt.date, Cell] = {day: one for day, one in cells.items() if one.inside}
    return await render(
        request,
        "calendar/month.html",
        cards=cards,
        handles=await handles_of(request, cards),
        weeks=[[cells[day] for day in week] for week in weeks],
        inside=inside,
        first=first,
        last=months_on(asked.on, 1) - dt.timedelta(days=1),
        previous=asked.address(on=months_on(asked.on, -1)),
        following=asked.address(on=months_on(asked.on, 1)),
        count=sum(one.total for one in inside.values()),
        marks=await marks_of(request, days),
        **await blocked_in(request, page, days[0], days[-1]),
        **await heading(request, page),
    )


def _cell(day: dt.date, shown: Shown, month: dt.date, zone: ZoneInfo) -> Cell:
    (laid,) = group_by_day([one.meeting for one in shown.meetings], day, 1, zone)
    once = {part.meeting.id: part for part in reversed(laid.parts)}  # of two sittings the first
    parts = [part for part in laid.parts if once[part.meeting.id] is part]
    return Cell(day, parts, shown.total, (day.year, day.month) == (month.year, month.month))
