"""…/papers/{paper_id}/files/{number}: a version's bytes, for who is signed in and behind a link.

That it was opened is on record before its first byte goes; a part further on is of an opening
before.
"""

from __future__ import annotations

from aiohttp import web

from confhub.desks.papers import keeping
from confhub.desks.papers.reading import find, find_version, papers_for, papers_for_site
from confhub.papers.choice import vault_of
from confhub.people.actor import Actor
from confhub.words.texts import small_number
from web.papers.sending import asks_from_start, send
from web.requests.addresses import client_address
from web.requests.auth import VIEWER, actor_of, local_date, local_time, require_viewer
from web.requests.entrance import linked_site
from web.services import SERVICES


async def show(request: web.Request) -> web.StreamResponse:
    """GET /meetings/{meeting_id}/papers/{paper_id}/files/{number}"""
    store, viewer = request.app[SERVICES].store, require_viewer(request)
    meeting_id, paper_id = (request.match_info[name] for name in ("meeting_id", "paper_id"))
    if asks_from_start(request):
        version = await keeping.open_version(
            store, actor_of(request), meeting_id, paper_id, _number(request)
        )
    else:
        meeting = await store.meetings.get(meeting_id)
        papers = await papers_for(store, viewer, meeting, local_date(request))
        version = find_version(find(papers, paper_id), _number(request))
    return await send(request, vault_of(request.app[SERVICES].settings), version)


async def show_by_link(request: web.Request) -> web.StreamResponse:
    """GET /join/{token}/papers/{paper_id}/files/{number}"""
    store, paper_id = request.app[SERVICES].store, request.match_info["paper_id"]
    link, meeting, site = await linked_site(request)
    if asks_from_start(request):
        version = await keeping.open_version_by_link(
            store, _actor(request), link.id, paper_id, _number(request)
        )
    else:
        papers = await papers_for_site(store, site.id, meeting, local_date(request))
        version = find_version(find(papers, paper_id), _number(request))
    return await send(request, vault_of(request.app[SERVICES].settings), version)


def _actor(request: web.Request) -> Actor:
    if VIEWER in request:
        return actor_of(request)
    return Actor(local_time(request), address=client_address(request))


def _number(request: web.Request) -> int:
    return small_number(request.match_info["number"]) or 0
