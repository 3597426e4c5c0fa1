"""Hosts by the names that they have on the days of their meetings: old ones keep the old name."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from aiohttp import web

from confhub.meetings.meeting import Meeting
from web.services import SERVICES


async def hosts_of(request: web.Request, meetings: Collection[Meeting]) -> Mapping[str, str]:
    """By the meetings' ids."""
    return await names_for(request, {one.id: (one.host_unit_id, one) for one in meetings})


async def names_for(
    request: web.Request, wanted: Mapping[str, tuple[str, Meeting]]
) -> Mapping[str, str]:
    """By keys of the caller's: the name of a unit on the day of a meeting."""
    services = request.app[SERVICES]
    asked = {
        key: (unit_id, meeting.starts_at.astimezone(services.zone).date())
        for key, (unit_id, meeting) in wanted.items()
    }
    names = await services.store.units.names_on(set(asked.values()))
    return {key: names.get(pair, "") for key, pair in asked.items()}
