"""What a form of a meeting or of a pattern offers: hosts, levels, chairs, sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import msgspec
from aiohttp import web

from confhub.long_work import beside
from confhub.meetings.schedule import SITE_LIMIT
from confhub.units.site import Site
from confhub.units.unit import Level, Unit
from web.meetings.invitable import chosen, host_tree
from web.pages.meetings.fields import Typed
from web.rendering.pages import language_of, script_json
from web.rendering.site_tree import SITE_TREES, SiteTree
from web.rendering.static_files import STATIC
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# A select of more units is no choice any more; a central office names its provinces.
MOST_HOSTS = 200
# Boxes for browsers without script; above this they type site codes.
MOST_PLAIN_SITES = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """An option: `depth` is how far below the viewer's unit a unit stands."""

    value: str
    text: str
    unit_id: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """`picker`: JSON for startPicking in picker-state.js; `plain`: boxes for browsers without
    script, None where there are too many."""

    levels: list[tuple[str, str]]
    hosts: list[Choice]
    chairs: list[Choice]
    picker: str
    plain: list[Choice] | None


async def form_choices(request: web.Request, typed: Typed) -> Choices:
    """For a form as it is typed now."""
    services = request.app[SERVICES]
    levels = await services.store.units.levels()
    tree = await host_tree(request, typed.host_unit_id)
    sites = await services.store.sites.get_many((*typed.site_ids, typed.chair_site_id))
    units = {unit.id: unit for unit in await _units_of(request, sites, tree)}
    hosts = await _host_choices(request, typed.host_unit_id)

    def made() -> Choices:
        return Choices(
            levels=[(level.id, level_name(request, level)) for level in levels],
            hosts=hosts,
            chairs=_chair_choices(tree, typed, sites, units),
            picker=_picker_start(request, typed, tree, levels, sites, units),
            plain=_plain_choices(tree),
        )

    # Over all sites of a country and hundreds of chosen ones, which live rooms must not wait.
    return await beside(made)


def level_name(request: web.Request, level: Level) -> str:
    return level.name_en if language_of(request) == "en" else level.name


async def _units_of(
    request: web.Request, sites: Iterable[Site], tree: SiteTree | None
) -> list[Unit]:
    known = dict(tree.units) if tree else {}
    missing = {site.unit_id for site in sites} - known.keys()
    if missing:
        store = request.app[SERVICES].store.units
        known |= {
            unit.id: unit for unit in await store.get_many(missing, local_date(request), ended=True)
        }
    return list(known.values())


async def _host_choices(request: web.Request, chosen: str) -> list[Choice]:
    """Units the viewer may host for: all below if few, else their own units and these' children."""
    viewer = require_viewer(request)
    today = local_date(request)
    choices: dict[str, Choice] = {}
    for top in viewer.tops("schedule"):
        tree = await request.app[SITE_TREES].get(top.id, today, partial(viewer.require, "schedule"))
        for choice in _hosts_below(tree, top.id, chosen):
            choices.setdefault(choice.value, choice)
    if chosen and chosen not in choices:
        store = request.app[SERVICES].store.units
        for unit in await store.get_many([chosen], today, ended=True):
            choices[unit.id] = Choice(unit.id, unit.name, unit.id, 0)
    return list(choices.values())


def _hosts_below(tree: SiteTree, top_id: str, chosen: str) -> Iterable[Choice]:
    upper = {unit.id for unit in tree.path[:-1]}
    below = [unit for unit in tree.units.values() if unit.id not in upper]
    if len(below) > MOST_HOSTS:
        near = {top_id, chosen}
        below = [u for u in below if u.id in near or u.parent_id == top_id]
    top = len(tree.path)
    for unit in below:
        depth = max(0, len(tree.path_ids(unit.id)) - top)
        yield Choice(unit.id, unit.name, unit.id, depth)


def _chair_choices(
    tree: SiteTree | None, typed: Typed, sites: Iterable[Site], units: Mapping[str, Unit]
) -> list[Choice]:
    """The host's own sites first, then those invited."""
    own = tree.sites.get(typed.host_unit_id, ()) if tree else ()
    offered = {site.id: site for site in (*own, *sites)}
    return [
        Choice(site.id, f"{units[site.unit_id].name}: {site.name}", site.unit_id)
        for site in offered.values()
        if site.unit_id in units
    ]


def _picker_start(
    request: web.Request,
    typed: Typed,
    tree: SiteTree | None,
    levels: Iterable[Level],
    sites: Iterable[Site],
    units: Mapping[str, Unit],
) -> str:
    """JSON for startPicking in picker-state.js, safe inside a <script>."""
    chosen_ids = set(typed.site_ids)
    start = {
        "host": typed.host_unit_id,
        "hostPath": [unit.id for unit in tree.path] if tree else [typed.host_unit_id],
        "limit": SITE_LIMIT,
        "sprite": request.app[STATIC].url("vendor/icons.svg"),
        "levels": [
            {"id": level.id, "rank": level.rank, "name": level_name(request, level)}
            for level in levels
        ],
        "chosen": [
            msgspec.to_builtins(chosen(site, units[site.unit_id], tree))
            for site in sites
            if site.id in chosen_ids and site.unit_id in units
        ],
    }
    return script_json(start)


def _plain_choices(tree: SiteTree | None) -> list[Choice] | None:
    """Boxes for browsers without script; None where there are too many."""
    if tree is None:
        return []
    if len(tree.site_ids) > MOST_PLAIN_SITES:
        return None
    return [
        Choice(site.id, f"{unit.name}: {site.name}", unit.id, len(tree.path_ids(unit.id)) - 1)
        for unit in tree.units.values()
        for site in tree.sites.get(unit.id, ())
    ]
