"""/units/{unit_id}/rooms: the rooms of a unit, what their lines carry, and who looks after them.

It tells what a meeting takes along with each site: whoever plans reads here why two meetings clash
that share no site.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from confhub.planning.takings import Share
from confhub.units.site import Site
from web.pages.registry import shared as registry
from web.rendering.pages import render
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# Who looks after more than a district's sites is told by number only.
MOST_SERVED = 500
SHOWN_SERVED = 12


@dataclass(frozen=True, slots=True)
class Served:
    """A technician of the unit's sites; `sites`: id and name of whom they look after in the unit
    and below, those of other units too."""

    name: str
    phone: str
    sites: Sequence[tuple[str, str]]

    @property
    def more(self) -> int:
        return max(0, len(self.sites) - SHOWN_SERVED)


@dataclass(frozen=True, slots=True)
class Place:
    """A site, and the lines that a stream of it passes: whose, and how many they carry at once."""

    site: Site
    lines: Sequence[Share]


@dataclass(frozen=True, slots=True)
class Room:
    """Of several sites in one room one may meet at a time."""

    name: str  # empty: the site says none
    places: list[Place] = field(default_factory=list)


async def show(request: web.Request) -> web.Response:
    """GET"""
    services, today = request.app[SERVICES], local_date(request)
    path = await registry.path_in_reach(request, request.match_info["unit_id"], "see_units")
    unit, viewer = path[-1], require_viewer(request)
    sites = await services.store.sites.list([unit.id], with_lines=False)
    along = await services.store.takings.along([site.id for site in sites], today)
    numbers = _technicians(sites, along)
    found = await services.store.takings.served_by([*numbers], unit.id, today, MOST_SERVED)
    served: dict[str, list[tuple[str, str]]] = {}
    for site_id, name, number in found:
        served.setdefault(number, []).append((site_id, name))
    return await render(
        request,
        "units/rooms.html",
        unit=unit,
        rooms=rooms_of(sites, along),
        technicians=[
            Served(site.technician_name, site.technician_phone, served.get(number, ()))
            for number, site in numbers.items()
        ],
        shown=SHOWN_SERVED,
        may_edit_sites=viewer.may("edit_sites", path),
    )


def rooms_of(sites: Iterable[Site], along: Mapping[str, Sequence[Share]]) -> list[Room]:
    """Sites that stand in one room together, in the order of the sites."""
    rooms: dict[str, Room] = {}
    for site in sites:
        shares = along.get(site.id, ())
        room = next((one for one in shares if one.resource.kind == "room"), None)
        lines = [one for one in shares if one.resource.kind == "line"]
        key = room.resource.id if room else site.id
        made = rooms.setdefault(key, Room(room.label if room else ""))
        made.places.append(Place(site, lines))
    return list(rooms.values())


def _technicians(sites: Iterable[Site], along: Mapping[str, Sequence[Share]]) -> Mapping[str, Site]:
    """By number: the first site of each."""
    found: dict[str, Site] = {}
    for site in sites:
        for share in along.get(site.id, ()):
            if share.resource.kind == "technician":
                found.setdefault(share.resource.id, site)
    return found
