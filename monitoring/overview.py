"""A part of the unit tree as IT looks at it: its sites in groups, with counts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from confhub.quality import LinkState
from confhub.units.site import Site
from confhub.units.tree import name_key
from confhub.units.unit import Level, Unit
from confhub.words.texts import fold
from monitoring.links import SiteLink

# What a row says: a link's state, or that a site is awaited in a meeting and has not come.
Standing = Literal["lost", "poor", "fair", "missing", "awaited", "good", "absent"]
STANDINGS: tuple[Standing, ...] = (
    "lost",
    "poor",
    "fair",
    "missing",  # its meeting has begun
    "awaited",  # its meeting begins soon
    "good",
    "absent",
)
TROUBLE: frozenset[Standing] = frozenset({"lost", "poor", "fair", "missing"})


@dataclass(frozen=True, slots=True)
class Place:
    """A site and where it stands. `position` orders the sites of a scope by tree and name."""

    site: Site
    unit: Unit
    level: Level
    group_id: str
    position: int
    folded: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and its sites: a unit right below the scope's with all that is below it, or the
    scope's own unit with those right below that have nothing below them: of communes, each would
    be a heading with one row.
    """

    unit: Unit
    level: Level
    site_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """One unit and what is below it."""

    unit: Unit
    groups: tuple[Group, ...]
    places: Mapping[str, Place]  # by site id, in order of position


def lay_out(units: Sequence[Unit], levels: Sequence[Level], sites: Iterable[Site]) -> Scope:
    """Arrange `sites` under `units`: the scope's root first, parents before children.

    Sites whose unit is not among the units, and sites no longer in use, are left out.
    """
    root, level_of = units[0], {level.id: level for level in levels}
    group_of, parents = {root.id: root.id}, {unit.parent_id for unit in units}
    for unit in units[1:]:
        parent = unit.parent_id or root.id
        heads = parent == root.id and unit.id in parents
        group_of[unit.id] = unit.id if heads else group_of.get(parent, root.id)
    by_unit: dict[str, list[Site]] = {}
    for site in sites:
        if site.active and site.unit_id in group_of:
            by_unit.setdefault(site.unit_id, []).append(site)
    places: dict[str, Place] = {}
    for unit in units:
        for site in sorted(by_unit.get(unit.id, ()), key=lambda site: name_key(site.name)):
            folded = fold(f"{site.name} {unit.name} {site.code}")
            places[site.id] = Place(
                site, unit, level_of[unit.level_id], group_of[unit.id], len(places), folded
            )
    members: dict[str, list[str]] = {}
    for site_id, place in places.items():
        members.setdefault(place.group_id, []).append(site_id)
    groups = tuple(
        Group(unit, level_of[unit.level_id], tuple(members[unit.id]))
        for unit in units
        if unit.id in members
    )
    return Scope(root, groups, places)


def standing(link: SiteLink | None, awaited: bool, begun: bool) -> Standing:
    """`awaited`: invited to a meeting that is open to join; `begun`: whose start is past."""
    state: LinkState = link.state if link else "absent"
    if state != "absent":
        return state
    return "missing" if awaited and begun else "awaited" if awaited else "absent"


def count(standings: Iterable[Standing]) -> Counter[Standing]:
    return Counter(standings)


def worst_first(standings: Mapping[str, Standing], scope: Scope) -> list[str]:
    """Ids of the sites in trouble: lost, poor, fair, missing; each in the order of the tree."""
    rank = {name: number for number, name in enumerate(STANDINGS)}
    troubled = (site_id for site_id, name in standings.items() if name in TROUBLE)
    return sorted(
        troubled, key=lambda site_id: (rank[standings[site_id]], scope.places[site_id].position)
    )
