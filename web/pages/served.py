"""What a technician looks after in the next days: meetings in their rooms, on the first page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.meetings.meeting import Meeting
from web.meetings.access import seen_among
from web.requests.auth import require_viewer
from web.services import SERVICES

AHEAD = dt.timedelta(days=7)
# Who serves a district has some twenty a week; the rest is in the schedule.
MOST_SERVED = 20
_STANDING = frozenset({"scheduled", "live"})


@dataclass(frozen=True, slots=True)
class Served:
    """A meeting with the rooms of the viewer's in it: id and name. `is_seen`: they may open it;
    `overlaps`: they are to be somewhere else then too."""

    meeting: Meeting
    rooms: Sequence[tuple[str, str]]
    is_seen: bool
    overlaps: bool


async def served(request: web.Request) -> Sequence[Served]:
    """By time, from now on; none where the viewer is nobody's technician."""
    services = request.app[SERVICES]
    account_id, now = require_viewer(request).account.id, services.clock()
    sites = {one.id: one for one in await services.store.sites.served_by(account_id)}
    if not sites:
        return ()
    found = await services.store.meetings.between(now, now + AHEAD, site_ids=sites.keys())
    standing = [one for one in found if one.status in _STANDING]
    standing.sort(key=lambda one: (_next(one, now), one.id))
    shown = standing[:MOST_SERVED]
    seen = await seen_among(request, [one.id for one in shown])
    return [
        Served(
            one,
            [(site_id, sites[site_id].name) for site_id in sites if site_id in _places(one)],
            one.id in seen,
            any(_overlap(one, other, now) for other in standing if other.id != one.id),
        )
        for one in shown
    ]


def _places(meeting: Meeting) -> set[str]:
    return {meeting.chair_site_id, *meeting.sites}


def _next(meeting: Meeting, now: dt.datetime) -> dt.datetime:
    """When what is on, or ahead, of it begins."""
    ahead = (begins for begins, ends in meeting.hours if ends > now)
    return next(ahead, meeting.starts_at)


def _overlap(one: Meeting, other: Meeting, now: dt.datetime) -> bool:
    """Whether they meet at one time, from now on; several sittings leave nights and noons free."""
    return any(
        max(begins, others_begin, now) < min(ends, others_end)
        for begins, ends in one.hours
        for others_begin, others_end in other.hours
    )
