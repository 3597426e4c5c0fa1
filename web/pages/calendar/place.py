"""Whose calendar is looked at: a unit or a site that the viewer may ask for, found by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.errors import NotFound
from confhub.meetings.calendar import Within
from confhub.units.site import Site
from confhub.units.unit import Unit
from confhub.words.texts import fold
from web.pages.calendar.asked import Asked
from web.requests.auth import Viewer, local_date, require_viewer
from web.services import SERVICES

# More hits than these are no choice: another word tells them apart.
MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A unit, or one of its sites; `above` is what the viewer sees over it, the topmost first."""

    unit: Unit
    above: Sequence[Unit]
    sites: Sequence[Site]  # the unit's own
    site: Site | None
    alone: bool
    may_schedule: bool
    may_follow: bool  # by a calendar of their own: a unit above is only looked at

    @property
    def about(self) -> Within | None:
        """None: the site says it all."""
        return None if self.site else Within(self.unit.id, self.alone)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a name led to; `where` tells two of one name apart."""

    name: str
    where: str
    unit_id: str
    site_id: str = ""


async def asked_place(request: web.Request, asked: Asked) -> Place | None:
    """None: everything that the viewer sees. NotFound for what lies out of reach."""
    if not asked.unit and not asked.site:
        return None
    viewer, store = require_viewer(request), request.app[SERVICES].store
    site = await store.sites.get(asked.site) if asked.site else None
    unit_id, today = site.unit_id if site else asked.unit, local_date(request)
    path = await store.units.path(unit_id, today, ended=True)
    if not viewer.may("see_meetings", path) and not _is_above(viewer, unit_id):
        raise NotFound
    return Place(
        unit=path[-1],
        above=viewer.visible(path, "see_meetings")[:-1],
        sites=[one for one in await store.sites.list([unit_id]) if one.active or one == site],
        site=site,
        alone=asked.alone,
        may_schedule=viewer.may("schedule", path),
        may_follow=viewer.may("see_meetings", path),
    )


def _is_above(viewer: Viewer, unit_id: str) -> bool:
    """Whether the unit stands over one of theirs: its name is on every invitation from above."""
    return any(unit.id == unit_id for held in viewer.held for unit in held.path)


async def find(request: web.Request, text: str) -> list[Hit]:
    """Units and sites in the viewer's reach whose names hold the words of `text`, units first."""
    viewer, store = require_viewer(request), request.app[SERVICES].store
    today, words = local_date(request), fold(text).split()
    units: dict[str, Unit] = {
        unit.id: unit
        for held in viewer.held
        for unit in held.path
        if words and all(word in fold(unit.name) for word in words)
    }
    sites: dict[str, Site] = {}
    for one in viewer.scopes("see_meetings"):
        if one.alone:
            rooms = await store.sites.list([one.unit.id])
            sites |= {s.id: s for s in rooms if all(word in fold(s.name) for word in words)}
            continue
        within = one.unit.id
        found = await store.units.search(text, today, within=within, limit=MOST_FOUND)
        units |= {unit.id: unit for unit in found}
        rooms = await store.sites.search(text, today, within=within, limit=MOST_FOUND)
        sites |= {site.id: site for site in rooms}
    paths = await store.units.paths({*units, *(site.unit_id for site in sites.values())}, today)
    hits = [
        Hit(unit.name, _where(viewer, paths[unit.id][:-1]), unit.id)
        for unit in units.values()
        if unit.id in paths
    ]
    hits += [
        Hit(site.name, _where(viewer, paths[site.unit_id]), site.unit_id, site.id)
        for site in sites.values()
        if site.unit_id in paths
    ]
    return hits[:MOST_FOUND]


def _where(viewer: Viewer, path: Sequence[Unit]) -> str:
    return ", ".join(unit.name for unit in reversed(viewer.visible(path, "see_meetings")))


def only_unit(hits: Sequence[Hit]) -> Hit | None:
    """The unit that was meant, where no other has that name; else the only site."""
    units = [hit for hit in hits if not hit.site_id]
    meant = units or hits
    return meant[0] if len(meant) == 1 else None
