"""Saved lists of sites for the site picker."""

from __future__ import annotations

import msgspec
from aiohttp import web

from confhub.errors import BadInput
from confhub.long_work import beside
from confhub.words.dates import read_date
from web.meetings.invitable import Chosen, chosen, fit, say_left
from web.meetings.patterns import host_path, pattern_for, patterns_for
from web.rendering.answers import json_answer
from web.requests.auth import local_date
from web.requests.route import Answer, Api, Query


class SiteList(msgspec.Struct, frozen=True):
    """`unit`: whose it is; empty: the host's own."""

    id: str
    name: str
    sites: int
    unit: str


class SiteLists(msgspec.Struct, frozen=True):
    lists: list[SiteList]


class OpenedList(msgspec.Struct, frozen=True):
    """The sites that the host can invite; `said` names the others and why, in the page's
    language; empty: there are none."""

    sites: list[Chosen]
    said: str


_HOST = Query("host", "The id of the unit that hosts the meeting.")
LISTS = Api(
    "Saved lists of sites that serve a host, its own first",
    {200: Answer("The lists.", SiteLists)},
    query=(_HOST,),
    errors=(403, 404),
)
OPEN = Api(
    "The sites of a saved list that a host can invite",
    {200: Answer("The sites.", OpenedList)},
    query=(_HOST, Query("on", "The day of the meeting; without: today.")),
    errors=(403, 404),
)


async def lists(request: web.Request) -> web.Response:
    """GET /api/site-lists?host="""
    path = await host_path(request, request.query.get("host", ""))
    names = {unit.id: unit.name for unit in path[:-1]}
    found = [
        SiteList(
            one.pattern.id, one.pattern.name, one.site_count, names.get(one.pattern.unit_id, "")
        )
        for one in await patterns_for(request, path)
        if one.pattern.kind == "sites"
    ]
    return json_answer(SiteLists(found))


async def open_list(request: web.Request) -> web.Response:
    """GET /api/site-lists/{pattern_id}?host=&on="""
    path = await host_path(request, request.query.get("host", ""))
    pattern = await pattern_for(request, request.match_info["pattern_id"], path)
    try:
        day = read_date(request.query.get("on", "")) or local_date(request)
    except BadInput:  # it is still being typed
        day = local_date(request)
    kept, left, tree = await fit(request, path[-1].id, pattern.sites, day)
    units = tree.units if tree is not None else {}

    def answer() -> OpenedList:
        found = [chosen(site, units[site.unit_id], tree) for site in kept]
        return OpenedList(found, " ".join(say_left(request, left)))

    # Up to a thousand sites, which live rooms must not wait.
    return json_answer(await beside(answer))
