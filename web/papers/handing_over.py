"""A version's bytes for who may read it, by account or by access token.

That it was opened is on record before a byte goes; a part further on is of an opening before, where
there is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from confhub.desks.papers import keeping
from confhub.desks.papers.reading import find, find_version, papers_for
from confhub.errors import NotSignedIn
from confhub.papers.choice import vault_of
from confhub.papers.paper import Paper, Version
from confhub.words.texts import small_number
from web.papers.sending import part_of, send
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.viewer import Viewer
from web.services import SERVICES


class Opener(Protocol):
    async def __call__(self, number: int, *, goes_on: bool) -> Version:
        """The version, once its opening is on record."""


async def hand_over(
    request: web.Request, load: Callable[[web.Request], Awaitable[Viewer | None]]
) -> web.StreamResponse:
    """Of the meeting, the paper and the number that the address names, to whom `load` finds asking,
    now and as long as bytes go. NotFound."""
    store = request.app[SERVICES].store
    meeting_id, paper_id = (request.match_info[name] for name in ("meeting_id", "paper_id"))

    async def found(viewer: Viewer) -> Paper:
        meeting = await store.meetings.get(meeting_id)
        return find(await papers_for(store, viewer, meeting, local_date(request)), paper_id)

    async def check() -> None:
        viewer = await load(request)
        if viewer is None:
            raise NotSignedIn
        await found(viewer)

    async def opened(number: int, *, goes_on: bool) -> Version:
        return await keeping.open_version(
            store, actor_of(request), meeting_id, paper_id, number, goes_on=goes_on
        )

    return await send_version(request, await found(require_viewer(request)), opened, check)


async def send_version(
    request: web.Request,
    paper: Paper,
    opened: Opener,
    check: Callable[[], Awaitable[object]],
) -> web.StreamResponse:
    """Of the version that is asked for, as long as `check` says by no error that it may not be read
    any more. Who was sent a byte of it has opened it, whichever byte."""
    version = find_version(paper, small_number(request.match_info["number"]) or 0)
    part = part_of(request, version)
    if part.is_sent and request.method != "HEAD":
        version = await opened(version.number, goes_on=part.first > 0)
    return await send(request, vault_of(request.app[SERVICES].settings), version, part, check)
