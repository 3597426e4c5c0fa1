"""/meetings: what is on, as a list, a day, a week or a month."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from aiohttp import web

from web.pages.calendar import agenda, grid, month
from web.pages.calendar.asked import read_query
from web.pages.calendar.cards import Page, look_up
from web.pages.calendar.place import find, only_unit
from web.rendering.pages import redirect
from web.requests.auth import local_date
from web.services import SERVICES

_VIEWS: Mapping[str, Callable[[web.Request, Page], Awaitable[web.Response]]] = {
    "list": agenda.show,
    "day": grid.show,
    "week": grid.show,
    "month": month.show,
}


async def show(request: web.Request) -> web.Response:
    """A name that was typed leads to its unit or site, or to a choice where several have it."""
    asked = read_query(request.query, local_date(request))
    if asked.level:
        levels = await request.app[SERVICES].store.units.levels()
        if asked.level not in {level.id for level in levels}:
            asked = replace(asked, level="")
    page = await look_up(request, asked)
    if asked.of:
        hits = await find(request, asked.of)
        meant = only_unit(hits)
        if meant is not None:
            return redirect(
                request, asked.address(unit=meant.unit_id, site=meant.site_id, alone="")
            )
        page = replace(page, hits=hits)
    return await _VIEWS[asked.view](request, page)
