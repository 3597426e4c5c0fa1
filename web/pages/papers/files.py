"""…/papers/{paper_id}/files/{number}: a version's bytes, for who is signed in and behind a link."""

from __future__ import annotations

from aiohttp import web

from confhub.desks.papers import keeping
from confhub.desks.papers.reading import find, papers_for_site
from confhub.meetings.meeting import Meeting
from confhub.papers.paper import Paper, Version
from confhub.people.actor import Actor
from confhub.units.site import Site
from web.papers.handing_over import hand_over, send_version
from web.requests.addresses import client_address
from web.requests.auth import VIEWER, actor_of, load_viewer, local_date, local_time
from web.requests.entrance import linked_site
from web.services import SERVICES


async def show(request: web.Request) -> web.StreamResponse:
    """GET /meetings/{meeting_id}/papers/{paper_id}/files/{number}"""
    return await hand_over(request, load_viewer)


async def show_by_link(request: web.Request) -> web.StreamResponse:
    """GET /join/{token}/papers/{paper_id}/files/{number}"""
    store, paper_id = request.app[SERVICES].store, request.match_info["paper_id"]
    link, meeting, site = await linked_site(request)

    async def found(meeting: Meeting, site: Site) -> Paper:
        return find(await papers_for_site(store, site.id, meeting, local_date(request)), paper_id)

    async def check() -> None:
        _link, meeting, site = await linked_site(request)
        await found(meeting, site)

    async def opened(number: int, *, goes_on: bool) -> Version:
        return await keeping.open_version_by_link(
            store, _actor(request), link.id, paper_id, number, goes_on=goes_on
        )

    return await send_version(request, await found(meeting, site), opened, check)


def _actor(request: web.Request) -> Actor:
    if VIEWER in request:
        return actor_of(request)
    return Actor(local_time(request), address=client_address(request))
