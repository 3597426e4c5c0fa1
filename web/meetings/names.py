"""Units and sites by the names that they have on the days of meetings: confhub/units/names.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from aiohttp import web

from confhub.meetings.meeting import Meeting
from confhub.units.names import Called
from confhub.units.site import Site
from web.services import SERVICES

# By keys of the caller's: an id of a unit or a site, and when its meeting begins.
Wanted = Mapping[str, tuple[str, dt.datetime]]


async def host_of(request: web.Request, meeting: Meeting) -> str:
    return (await hosts_of(request, [meeting]))[meeting.id]


async def hosts_of(request: web.Request, meetings: Collection[Meeting]) -> Mapping[str, str]:
    """By the meetings' ids."""
    wanted = {one.id: (one.host_unit_id, one.starts_at) for one in meetings}
    return await unit_names(request, wanted)


async def places_of(request: web.Request, meetings: Collection[Meeting]) -> Mapping[str, str]:
    """The presiding sites, by the meetings' ids."""
    wanted = {one.id: (one.chair_site_id, one.starts_at) for one in meetings}
    found = await sites_on(request, wanted)
    return {key: found[key].name if key in found else "" for key in wanted}


async def units_at(
    request: web.Request, unit_ids: Iterable[str], at: dt.datetime
) -> Mapping[str, str]:
    """By their ids, on the day of a meeting that begins then."""
    return await unit_names(request, {one: (one, at) for one in unit_ids})


async def sites_at(request: web.Request, sites: Iterable[Site], at: dt.datetime) -> list[Site]:
    """As they are, but with the names and units of the day."""
    found = list(sites)
    days = await sites_on(request, {one.id: (one.id, at) for one in found})
    return [
        replace(one, name=days[one.id].name, unit_id=days[one.id].unit_id)
        if one.id in days
        else one
        for one in found
    ]


async def unit_names(request: web.Request, wanted: Wanted) -> Mapping[str, str]:
    asked = _by_day(request, wanted)
    names = await request.app[SERVICES].store.units.names_on(set(asked.values()))
    return {key: names.get(pair, "") for key, pair in asked.items()}


async def sites_on(request: web.Request, wanted: Wanted) -> Mapping[str, Called]:
    """Those that exist."""
    services, asked = request.app[SERVICES], _by_day(request, wanted)
    found = await services.store.sites.on_days(set(asked.values()), services.zone)
    return {key: found[pair] for key, pair in asked.items() if pair in found}


def _by_day(request: web.Request, wanted: Wanted) -> dict[str, tuple[str, dt.date]]:
    zone = request.app[SERVICES].zone
    return {key: (one, at.astimezone(zone).date()) for key, (one, at) in wanted.items()}
