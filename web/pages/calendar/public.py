"""/public/units/{unit}: what a unit shows to everybody of its meetings to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from aiohttp import web

from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting
from web.meetings.open_calendar import Open, open_calendar
from web.pages.meetings.status import standing
from web.rendering.pages import render
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """`unit` is an id or a code of statistics; NotFound."""
    services, found = request.app[SERVICES], await open_calendar(request)
    now = services.clock()
    ahead = [one for one in found.shown if standing(one.meeting, now).key != "ended"]

    held = [(sitting, one) for one in ahead for sitting in _shown(one.meeting, now)]
    held.sort(key=lambda pair: pair[0].starts_at)

    def day_of(pair: tuple[Sitting, Open]) -> object:
        return pair[0].starts_at.astimezone(services.zone).date()

    return await render(
        request,
        "calendar/public.html",
        unit=found.unit,
        days=[(day, list(of_day)) for day, of_day in groupby(held, day_of)],
        standings={one.meeting.id: standing(one.meeting, now) for one in ahead},
        made_at=now,
    )


def _shown(meeting: Meeting, now: dt.datetime) -> Sequence[Sitting]:
    """All of one, and of several what is not over."""
    sittings = meeting.all_sittings
    return [
        one for one in sittings if len(sittings) == 1 or (one.ends_at > now and not one.is_over)
    ]
