"""The schedule as a list of days: what comes, what has passed, or what was searched for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.meetings.meeting import Meeting
from confhub.meetings.timetable import Day, Part, list_by_day, local_span
from web.meetings import agreements
from web.meetings.leaving import notices
from web.pages.calendar.blocked import blocked_in
from web.pages.calendar.cards import Page, cards_of, heading, wanted
from web.rendering.pages import render
from web.rendering.paging import Paging, asked_start
from web.requests.auth import local_date
from web.services import SERVICES

# Some screens of a telephone; what is looked for further on is searched for.
PAGE_MEETINGS = 60


async def show(request: web.Request, page: Page) -> web.Response:
    services, asked = request.app[SERVICES], page.asked
    backwards = asked.past or asked.searching  # what was a week ago before what was a year ago
    first, last = asked.span(local_date(request))
    start, end = local_span(first, (last - first).days + 1, services.zone)
    query = wanted(request, page)
    if not asked.searching:
        query = replace(query, is_over=asked.past)
    begin = asked_start(request)
    shown = await services.store.calendar.page(
        start, end, query, begin, PAGE_MEETINGS, backwards=backwards
    )
    cards = await cards_of(request, shown.meetings)
    days = _by_day([card.meeting for card in cards.values()], first, last, services.zone)
    return await render(
        request,
        "calendar/list.html",
        cards=cards,
        days=days[::-1] if backwards else days,
        paging=Paging(begin if begin < shown.total else 0, PAGE_MEETINGS, shown.total),
        filtered=bool(asked.searching or asked.filtered),
        asked_for=None if asked.past else await agreements.waiting(request),
        agreements=() if asked.past else await agreements.notes(request),
        leaving=() if asked.past else await notices(request),
        **await blocked_in(request, page, first, last),
        **await heading(request, page),
    )


def _by_day(
    meetings: Sequence[Meeting], first: dt.date, last: dt.date, zone: ZoneInfo
) -> list[Day]:
    """Days that have meetings, each on the days of the list on which its sittings begin, or on the
    list's first."""
    of_day: dict[dt.date, dict[str, Meeting]] = {}
    for meeting in meetings:
        begins = [one.starts_at.astimezone(zone).date() for one in meeting.all_sittings]
        listed = [day for day in begins if first <= day <= last]
        for day in listed or [first]:
            of_day.setdefault(day, {})[meeting.id] = meeting
    days = (list_by_day(of_day[day].values(), day, 1, zone)[0] for day in sorted(of_day))
    return [replace(day, parts=_begun_on(day, first)) for day in days if day.parts]


def _begun_on(day: Day, first: dt.date) -> tuple[Part, ...]:
    """Without the sittings that stand on the day before."""
    return tuple(part for part in day.parts if not part.from_before or day.on == first)
