"""The first page: the meeting to join now, what is on today, and what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.admission import is_open, opening
from confhub.meetings import Meeting
from web.auth import local_date
from web.pages.meeting_access import meetings_between
from web.pages.meeting_status import Standing, standing
from web.rendering import render
from web.services import SERVICES

AHEAD = dt.timedelta(days=14)  # invitations go out three working days ahead; two weeks show more
MAX_NEXT = 8  # the rest is in the schedule


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting on the first page."""

    meeting: Meeting
    host: str
    standing: Standing
    is_open: bool
    opens_at: dt.datetime


async def show(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    now = services.clock()
    midnight = dt.datetime.combine(local_date(request), dt.time(), services.zone)
    tomorrow = dt.datetime.combine(midnight.date() + dt.timedelta(days=1), dt.time(), services.zone)
    found, _units = await meetings_between(request, midnight, midnight + AHEAD)
    found = [meeting for meeting in found if meeting.status != "draft"]
    hosts = await _hosts(request, found)
    entries = [_entry(request, meeting, hosts, now) for meeting in found]
    today = [e for e in entries if e.meeting.starts_at < tomorrow and not e.is_open]
    later = [
        e
        for e in entries
        if e.meeting.starts_at >= tomorrow and e.standing.key != "cancelled" and not e.is_open
    ]
    return await render(
        request,
        "home.html",
        now=now,
        to_join=[entry for entry in entries if entry.is_open],
        today_entries=today,
        later=later[:MAX_NEXT],
        more=max(0, len(later) - MAX_NEXT),
    )


def _entry(
    request: web.Request, meeting: Meeting, hosts: dict[str, str], now: dt.datetime
) -> Entry:
    early_min = request.app[SERVICES].settings.join_early_min
    return Entry(
        meeting=meeting,
        host=hosts.get(meeting.host_unit_id, ""),
        standing=standing(meeting, now),
        is_open=is_open(meeting, now, early_min=early_min),
        opens_at=opening(meeting, early_min),
    )


async def _hosts(request: web.Request, meetings: Sequence[Meeting]) -> dict[str, str]:
    units = request.app[SERVICES].store.units
    host_ids = {meeting.host_unit_id for meeting in meetings}
    return {unit.id: unit.name for unit in await units.get_many(host_ids, local_date(request))}
