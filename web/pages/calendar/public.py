"""/public/units/{unit}: what a unit shows to everybody of its meetings to come."""

from __future__ import annotations

from itertools import groupby

from aiohttp import web

from web.meetings.open_calendar import Open, open_calendar
from web.pages.meetings.status import standing
from web.rendering.pages import render
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """`unit` is an id or a code of statistics; NotFound."""
    services, found = request.app[SERVICES], await open_calendar(request)
    now = services.clock()
    ahead = [one for one in found.shown if standing(one.meeting, now).key != "ended"]

    def day_of(one: Open) -> object:
        return one.meeting.starts_at.astimezone(services.zone).date()

    return await render(
        request,
        "calendar/public.html",
        unit=found.unit,
        days=[(day, list(of_day)) for day, of_day in groupby(ahead, day_of)],
        standings={one.meeting.id: standing(one.meeting, now) for one in ahead},
        made_at=now,
    )
