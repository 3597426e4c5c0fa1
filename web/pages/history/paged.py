"""The acts on a thing, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from confhub.trail.entry import AuditEntry
from confhub.trail.story import Thing
from web.rendering.paging import Paging, asked_start
from web.services import SERVICES

# A meeting has some ten acts, one whose sites' links were all made anew some hundreds; as many has
# an account that signs in each day, in a year.
PAGE_ACTS = 100


async def asked_acts(
    request: web.Request, thing: Thing, subject: str
) -> tuple[Sequence[AuditEntry], Paging]:
    """Those of the page that was asked for; of the first, where there is no such page."""
    store, start = request.app[SERVICES].store, asked_start(request)
    acts, count = await store.audit.story(thing, subject, start, PAGE_ACTS)
    if start >= count > 0:
        start = 0
        acts, count = await store.audit.story(thing, subject, start, PAGE_ACTS)
    return acts, Paging(start, PAGE_ACTS, count)
