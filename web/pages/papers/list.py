"""/meetings/{meeting_id}/papers: what one may read of a meeting; its secretary adds to it."""

from __future__ import annotations

from aiohttp import web

from confhub.desks.papers.reading import papers_for
from confhub.papers.choice import limits_of
from confhub.papers.paper import MB
from web.meetings.access import see_meeting
from web.pages.meetings.choices import level_name
from web.papers.listing import line_of, said_size
from web.rendering.pages import render
from web.requests.auth import local_date
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """GET"""
    seen, services = await see_meeting(request), request.app[SERVICES]
    store, meeting = services.store, seen.meeting
    papers = await papers_for(store, seen.viewer, meeting, local_date(request))
    opened = await store.papers.opened_counts(meeting.id) if seen.may_change else None
    levels = await store.units.levels()
    limits = limits_of(services.settings)
    _, used = await store.papers.used(meeting.id) if seen.may_change else (0, 0)
    base = f"/meetings/{meeting.id}"
    return await render(
        request,
        "papers/list.html",
        meeting=meeting,
        lines=[line_of(request, one, base, levels, opened) for one in papers],
        may_change=seen.may_change,
        may_add=seen.may_change and meeting.status != "cancelled",
        levels=[(level.id, level_name(request, level)) for level in levels],
        kinds=limits.kinds,
        most_mb=limits.paper // MB,
        used=said_size(request, used) if used else "",
        most_together=limits.meeting // MB,
    )
