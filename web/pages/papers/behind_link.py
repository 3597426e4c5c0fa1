"""/join/{token}/papers: what a site may read, behind its link, before its door opens too."""

from __future__ import annotations

from aiohttp import web

from web.pages.closed_door import TITLES, closed_door
from web.papers.listing import site_lines
from web.rendering.pages import render
from web.requests.auth import local_date
from web.requests.entrance import linked_site
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """GET"""
    try:
        _link, meeting, site = await linked_site(request)
    except tuple(TITLES) as error:
        return await closed_door(request, error)
    base = f"/join/{request.match_info['token']}"
    units = request.app[SERVICES].store.units
    return await render(
        request,
        "papers/linked.html",
        meeting=meeting,
        site=site,
        unit=(await units.names({site.unit_id}, local_date(request))).get(site.unit_id, ""),
        back=base,
        lines=await site_lines(request, meeting, site.id, base),
    )
