"""When all who are wanted are free, in words for the form and for scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.planning.slots import slots_of
from confhub.meetings.schedule import Draft
from confhub.planning.slots import Slot
from web.rendering.pages import formats, span
from web.requests.auth import local_date
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time to meet, in local fields of the form; `missing` names the units that are taken.
    `over_lower`: lower units hold rooms above themselves then, so that a reason is wanted."""

    date: str  # YYYY-MM-DD
    start: str  # HH:MM
    end: str
    when: str  # Thứ Tư, 02/12/2026, 13:30–15:00
    free: int  # of the sites, the presiding one too
    missing: tuple[str, ...]
    over_lower: bool = False


@dataclass(frozen=True, slots=True)
class Proposals:
    sites: int  # how many are wanted
    slots: tuple[Proposal, ...] = ()


async def propose(
    request: web.Request, draft: Draft, meeting_id: str | None, least: int | None
) -> Proposals:
    """Times for the draft from its day on: as long as it, its chair and presiding site free, and
    at least so many of all its sites (None: each)."""
    services = request.app[SERVICES]
    local = draft.starts_at.astimezone(services.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found = await slots_of(
        services.store,
        draft,
        meeting_id or "",
        max(services.clock(), midnight),
        services.zone,
        least=None if least is None else least - 1,  # the presiding site is there in any case
    )
    names = await _names(request, found, local_date(request))
    count = len({draft.chair_site_id, *draft.sites})
    return Proposals(count, tuple(_said(request, slot, count, names) for slot in found))


def _said(request: web.Request, slot: Slot, count: int, names: Mapping[str, str]) -> Proposal:
    formatted = formats(request)
    starts, ends = formatted.local(slot.starts_at), formatted.local(slot.ends_at)
    return Proposal(
        date=starts.date().isoformat(),
        start=f"{starts:%H:%M}",
        end=f"{ends:%H:%M}",
        when=f"{formatted.date(slot.starts_at)}, {span(request, slot.starts_at, slot.ends_at)}",
        free=count - len(slot.missing),
        missing=tuple(names[need.resource.id] for need in slot.missing),
        over_lower=slot.over_lower,
    )


async def _names(request: web.Request, slots: list[Slot], today: dt.date) -> Mapping[str, str]:
    """Of the units of the missing sites, by the site's id."""
    ids = {need.resource.id for slot in slots for need in slot.missing}
    if not ids:
        return {}
    store = request.app[SERVICES].store
    sites = await store.sites.get_many(ids)
    names = await store.units.names({site.unit_id for site in sites}, today)
    return {site.id: names.get(site.unit_id, site.name) for site in sites}
