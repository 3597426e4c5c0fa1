"""Meetings ahead whose sites will not be there, of those that a viewer may change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.planning.leaving import Ahead, HostAhead
from web.requests.auth import require_viewer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Notice:
    """So many meetings lose sites, so many their host; `ends_on` None: sites that are switched
    off."""

    ends_on: dt.date | None
    meetings: int
    hosted: int


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


async def notices(request: web.Request) -> Sequence[Notice]:
    """What the viewer has to see to, the nearest day first; nothing for who plans no meetings."""
    found: dict[dt.date | None, set[str]] = {}
    for row in await ahead_of(request):
        found.setdefault(row.ends_on, set()).add(row.meeting_id)
    hosts: dict[dt.date | None, set[str]] = {}
    for host in await hosts_of(request):
        hosts.setdefault(host.ends_on, set()).add(host.meeting_id)
    days = sorted({*found, *hosts}, key=lambda day: day or dt.date.min)
    counts = [(day, len(found.get(day, ())), len(hosts.get(day, ()))) for day in days]
    return [Notice(*count) for count in counts]
