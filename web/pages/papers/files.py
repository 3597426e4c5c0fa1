"""…/papers/{paper_id}/files/{number}: a version's bytes, for who is signed in and behind a link.

That it was opened is on record before a byte goes; a part further on is of an opening before, where
there is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from confhub.desks.papers import keeping
from confhub.desks.papers.reading import find, find_version, papers_for, papers_for_site
from confhub.errors import NotSignedIn
from confhub.papers.choice import vault_of
from confhub.papers.paper import Paper, Version
from confhub.people.actor import Actor
from confhub.words.texts import small_number
from web.papers.sending import part_of, send
from web.requests.addresses import client_address
from web.requests.auth import VIEWER, actor_of, load_viewer, local_date, local_time
from web.requests.entrance import linked_site
from web.services import SERVICES


class Opener(Protocol):
    async def __call__(self, number: int, *, goes_on: bool) -> Version:
        """The version, once its opening is on record."""


async def show(request: web.Request) -> web.StreamResponse:
    """GET /meetings/{meeting_id}/papers/{paper_id}/files/{number}"""
    store = request.app[SERVICES].store
    meeting_id, paper_id = (request.match_info[name] for name in ("meeting_id", "paper_id"))

    async def found() -> Paper:
        viewer = await load_viewer(request)
        if viewer is None:
            raise NotSignedIn
        meeting = await store.meetings.get(meeting_id)
        return find(await papers_for(store, viewer, meeting, local_date(request)), paper_id)

    async def opened(number: int, *, goes_on: bool) -> Version:
        return await keeping.open_version(
            store, actor_of(request), meeting_id, paper_id, number, goes_on=goes_on
        )

    return await _send(request, found, opened)


async def show_by_link(request: web.Request) -> web.StreamResponse:
    """GET /join/{token}/papers/{paper_id}/files/{number}"""
    store, paper_id = request.app[SERVICES].store, request.match_info["paper_id"]
    link, _, _ = await linked_site(request)

    async def found() -> Paper:
        _link, meeting, site = await linked_site(request)
        return find(await papers_for_site(store, site.id, meeting, local_date(request)), paper_id)

    async def opened(number: int, *, goes_on: bool) -> Version:
        return await keeping.open_version_by_link(
            store, _actor(request), link.id, paper_id, number, goes_on=goes_on
        )

    return await _send(request, found, opened)


async def _send(
    request: web.Request, found: Callable[[], Awaitable[Paper]], opened: Opener
) -> web.StreamResponse:
    """Of the version that is asked for, as long as the paper is `found` by who may read it. Who was
    sent a byte of it has opened it, whichever byte."""
    version = find_version(await found(), small_number(request.match_info["number"]) or 0)
    part = part_of(request, version)
    if part.is_sent and request.method != "HEAD":
        version = await opened(version.number, goes_on=part.first > 0)
    return await send(request, vault_of(request.app[SERVICES].settings), version, part, found)


def _actor(request: web.Request) -> Actor:
    if VIEWER in request:
        return actor_of(request)
    return Actor(local_time(request), address=client_address(request))
