"""The schedule as a day or a week: a column a day, hours down the side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.long_work import beside
from confhub.meetings.calendar import Shown, edges
from confhub.meetings.timetable import (
    WEEK_DAYS,
    Day,
    Placed,
    once_by_day,
    place,
    week_start,
)
from web.pages.calendar.blocked import blocked_in
from web.pages.calendar.cards import Page, cards_of, heading, wanted
from web.pages.calendar.days import marks_of
from web.pages.calendar.moving import handles_of
from web.rendering.pages import render
from web.services import SERVICES

# Office hours; a calendar grows beyond them only for a meeting that is outside.
FIRST_HOUR, LAST_HOUR = 7, 18
# More stand side by side in no column that a title can be read in: they are listed instead, as
# many as fit beside the hours, and the rest is counted.
MOST_LANES: Mapping[str, int] = {"week": 4, "day": 10}
MOST_A_DAY: Mapping[str, int] = {"week": 22, "day": 60}


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


@dataclass(frozen=True, slots=True)
class Column:
    """A day: its boxes, or where they are too many its meetings below each other. `more` are not
    shown."""

    on: dt.date
    boxes: Sequence[Box]
    listed: bool
    more: int


async def show(request: web.Request, page: Page) -> web.Response:
    services, asked = request.app[SERVICES], page.asked
    zone, view = services.zone, asked.view
    length = WEEK_DAYS if view == "week" else 1
    first = week_start(asked.on) if view == "week" else asked.on
    days = [first + dt.timedelta(days=n) for n in range(length)]
    shown = await services.store.calendar.days(
        [edges(day, zone) for day in days], wanted(request, page), MOST_A_DAY[view]
    )
    cards = await cards_of(request, [one for day in shown for one in day.meetings])
    # A centre's week is hundreds of meetings, which live rooms must not wait.
    columns, hours = await beside(_lay_out, shown, days, view, zone)
    now = services.clock().astimezone(zone)
    return await render(
        request,
        "calendar/grid.html",
        cards=cards,
        handles=await handles_of(request, cards),
        columns=columns,
        hours=hours,
        first=first,
        last=days[-1],
        previous=asked.address(on=asked.on - dt.timedelta(days=length)),
        following=asked.address(on=asked.on + dt.timedelta(days=length)),
        now_at=height_of(now.hour * 60 + now.minute, hours),
        count=len(cards) + sum(one.more for one in shown),
        marks=await marks_of(request, days),
        **await blocked_in(request, page, first, days[-1]),
        **await heading(request, page),
    )


def _lay_out(
    shown: Sequence[Shown], on: Sequence[dt.date], view: str, zone: ZoneInfo
) -> tuple[list[Column], range]:
    meetings = {one.meeting.id: one.meeting for day in shown for one in day.meetings}
    days = once_by_day(meetings.values(), on[0], len(on), zone)
    hours = shown_hours(days)
    columns = []
    for day, all_of_it in zip(days, shown, strict=True):
        placed = place(day.parts)
        listed = max((one.lanes for one in placed), default=0) > MOST_LANES[view]
        if listed:
            placed.sort(key=lambda one: one.part.starts_at)
        boxes = [Box.of(one, hours) for one in placed]
        columns.append(Column(day.on, boxes, listed, all_of_it.more))
    return columns, hours


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
