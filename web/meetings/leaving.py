"""Meetings ahead whose sites will not be there, of those that a viewer may change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.planning.handing_over import going_on
from confhub.planning.leaving import Ahead, HostAhead, Named, SeriesAhead
from web.requests.auth import require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Notice:
    """So many meetings lose sites, so many their host, so many series go on with either; `ends_on`
    None: sites that are switched off."""

    ends_on: dt.date | None
    meetings: int
    hosted: int
    series: int


async def ahead_of(request: web.Request) -> list[Ahead]:
    services = request.app[SERVICES]
    found: dict[tuple[str, str], Ahead] = {}
    for one in require_viewer(request).scopes("schedule"):
        rows = await services.store.leaving.ahead(
            one.unit.id, services.clock(), services.zone, alone=one.alone
        )
        found |= {(row.meeting_id, row.site_id): row for row in rows}
    return list(found.values())


async def hosts_of(request: web.Request) -> list[HostAhead]:
    """Meetings ahead whose host ends by then."""
    services = request.app[SERVICES]
    found: dict[str, HostAhead] = {}
    for one in require_viewer(request).scopes("schedule"):
        rows = await services.store.leaving.hosts_ahead(
            one.unit.id, services.clock(), services.zone, alone=one.alone
        )
        found |= {row.meeting_id: row for row in rows}
    return list(found.values())


async def series_of(request: web.Request) -> list[SeriesAhead]:
    """Series that go on with a unit, as host or by a site, after its end."""
    services = request.app[SERVICES]
    named: dict[Named, None] = {}
    for one in require_viewer(request).scopes("schedule"):
        rows = await services.store.leaving.in_series(
            one.unit.id, services.clock(), services.zone, alone=one.alone
        )
        named |= dict.fromkeys(rows)
    return await going_on(services.store, named, services.clock(), services.zone)


async def notices(request: web.Request) -> Sequence[Notice]:
    """What the viewer has to see to, the nearest day first; nothing for who plans no meetings."""
    found: dict[dt.date | None, set[str]] = {}
    for row in await ahead_of(request):
        found.setdefault(row.ends_on, set()).add(row.meeting_id)
    hosts: dict[dt.date | None, set[str]] = {}
    for host in await hosts_of(request):
        hosts.setdefault(host.ends_on, set()).add(host.meeting_id)
    series: dict[dt.date | None, set[str]] = {}
    for again in await series_of(request):
        series.setdefault(again.ends_on, set()).add(again.series_id)
    days = sorted({*found, *hosts, *series}, key=lambda day: day or dt.date.min)
    return [Notice(day, *(len(by.get(day, ())) for by in (found, hosts, series))) for day in days]
