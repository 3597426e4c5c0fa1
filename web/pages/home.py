"""The first page: the meeting to join now, what is on today, and what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from confhub.long_work import beside
from confhub.meetings.admission import at_sitting, is_open, opens_at
from confhub.meetings.meeting import Listed, Meeting
from web.meetings import agreements, answers, precedence
from web.meetings.access import meetings_between, seen_among
from web.meetings.leaving import notices
from web.meetings.names import hosts_of
from web.pages.meetings.status import Standing, standing
from web.pages.served import served
from web.rendering.pages import render
from web.requests.auth import local_date
from web.requests.entrance import goes_on
from web.services import SERVICES

AHEAD = dt.timedelta(days=14)  # invitations go out three working days ahead; two weeks show more
# The rest is in the schedule: a centre sees hundreds of meetings of its districts a day.
MAX_OPEN, MAX_TODAY, MAX_NEXT = 12, 24, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting on the first page; of several sittings with the times of the one that is held, or
    comes."""

    meeting: Meeting
    site_count: int
    standing: Standing
    is_open: bool
    opens_at: dt.datetime


async def show(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    now = services.clock()
    midnight = dt.datetime.combine(local_date(request), dt.time(), services.zone)
    tomorrow = dt.datetime.combine(midnight.date() + dt.timedelta(days=1), dt.time(), services.zone)
    listed = await meetings_between(request, midnight, midnight + AHEAD)
    running = {one.meeting.id for one in listed if await goes_on(request, one.meeting)}
    entry = partial(_entry, services.settings.join_early_min, now, running)
    # A centre's two weeks are a thousand meetings and more, which live rooms must not wait.
    entries = await beside(lambda: [entry(one) for one in listed if one.meeting.status != "draft"])
    entries.sort(key=lambda e: e.meeting.starts_at)
    own = await _own(request, [e for e in entries if e.is_open])
    to_join = [e for e in entries if e.meeting.id in own]
    rest = [e for e in entries if e.meeting.id not in own]
    today = [e for e in rest if e.meeting.starts_at < tomorrow]
    later = [e for e in rest if e.meeting.starts_at >= tomorrow and e.standing.key != "cancelled"]
    shown = [*to_join[:MAX_OPEN], *today[:MAX_TODAY], *later[:MAX_NEXT]]
    return await render(
        request,
        "home.html",
        now=now,
        hosts=await hosts_of(request, [entry.meeting for entry in shown]),
        to_join=to_join[:MAX_OPEN],
        more_open=max(0, len(to_join) - MAX_OPEN),
        today_entries=today[:MAX_TODAY],
        more_today=max(0, len(today) - MAX_TODAY),
        later=later[:MAX_NEXT],
        more=max(0, len(later) - MAX_NEXT),
        leaving=await notices(request),
        asked=await agreements.waiting(request),
        agreements=await agreements.notes(request),
        wanted=await answers.wanted(request),
        served=await served(request),
        unconfirmed=await agreements.marks(request, [entry.meeting.id for entry in shown]),
        in_the_way=await precedence.of_viewer(request),
    )


async def _own(request: web.Request, entries: Sequence[Entry]) -> set[str]:
    """Ids of those that the viewer's own units host or are invited to: what units below hold is
    told, but not offered as the one thing to do now."""
    return await seen_among(request, [entry.meeting.id for entry in entries], alone=True)


def _entry(early_min: int, now: dt.datetime, running: set[str], listed: Listed) -> Entry:
    meeting = listed.meeting
    is_running = meeting.id in running
    return Entry(
        meeting=at_sitting(meeting, now),
        site_count=listed.site_count,
        standing=standing(meeting, now, goes_on=is_running),
        is_open=is_open(meeting, now, early_min=early_min, goes_on=is_running),
        opens_at=opens_at(meeting, now, early_min),
    )
