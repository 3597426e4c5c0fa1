"""The tree of units with its active sites, counted by level: what the site picker reads."""

from __future__ import annotations

import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from aiohttp import web

from confhub.long_work import beside
from confhub.store import Store
from confhub.units.site import Site
from confhub.units.unit import Unit
from confhub.words.texts import fold

# Typing a search asks several times in seconds, and a country's tree takes a good part of a
# second to read; a site added meanwhile may show a quarter of a minute later.
KEEP_S = 15.0
KEPT_TREES = 4  # a country's tree is some 10 MB; few units are hosts at one time


class PickSite(msgspec.Struct, frozen=True):
    id: str
    code: str
    name: str


class PickUnit(msgspec.Struct, frozen=True):
    """A unit as the picker takes it (PickUnit in picker-state.js). `kids`: units right below it.
    By level: `below` its sites and those of all units below, `having` the units that have any."""

    id: str
    parent: str | None
    level: str
    name: str
    kids: int
    sites: list[PickSite]
    below: dict[str, int]
    having: dict[str, int]


@dataclass(frozen=True, slots=True)
class SiteTree:
    """One root's subtree on a day. `path` leads from the top to the root, both included."""

    root_id: str
    path: tuple[Unit, ...]
    units: dict[str, Unit]  # the subtree and the path; parents before children
    sites: dict[str, tuple[Site, ...]]  # by unit id
    children: dict[str, list[str]]  # of the subtree
    below: dict[str, dict[str, int]] = field(default_factory=dict)  # unit id: level id: sites
    having: dict[str, dict[str, int]] = field(default_factory=dict)  # the same, units with sites
    folded: dict[str, tuple[str, str]] = field(default_factory=dict)  # name; sites' names, codes
    site_ids: frozenset[str] = frozenset()  # all of the subtree and of the units above it

    def node(self, unit_id: str) -> PickUnit:
        unit = self.units[unit_id]
        return PickUnit(
            id=unit.id,
            parent=unit.parent_id,
            level=unit.level_id,
            name=unit.name,
            kids=len(self.children.get(unit_id, ())),
            sites=[
                PickSite(id=site.id, code=site.code, name=site.name)
                for site in self.sites.get(unit_id, ())
            ],
            below=self.below.get(unit_id, {}),
            having=self.having.get(unit_id, {}),
        )

    def down_to(self, keep: Callable[[Unit], bool]) -> list[str]:
        """The path and those of the subtree that `keep` wants, parents before children."""
        upper = {unit.id for unit in self.path}
        return [unit.id for unit in self.units.values() if unit.id in upper or keep(unit)]

    def with_uppers(self, unit_ids: Iterable[str]) -> list[str]:
        """The units and all above them that are known, parents before children."""
        wanted = {unit.id for unit in self.path}
        for start in unit_ids:
            at: str | None = start
            while at is not None and at in self.units and at not in wanted:
                wanted.add(at)
                at = self.units[at].parent_id
        return [unit_id for unit_id in self.units if unit_id in wanted]

    def path_ids(self, unit_id: str) -> list[str]:
        """Ids from the top to a unit of the tree."""
        found: list[str] = []
        at: str | None = unit_id
        while at is not None and at in self.units:
            found.append(at)
            at = self.units[at].parent_id
        return found[::-1]

    def find(self, text: str, limit: int) -> list[str]:
        """Ids of units whose own name, or a site's name or code, holds every word; best first."""
        sought = fold(text)
        if not sought:
            return []
        words = sought.split()
        ranked: list[tuple[int, int, str]] = []
        for place, (unit_id, (name, sites)) in enumerate(self.folded.items()):
            if all(word in name for word in words):
                ranked.append((_distance(name, sought), place, unit_id))
            elif sites and all(word in sites for word in words):
                ranked.append((4, place, unit_id))
        return [unit_id for _, _, unit_id in sorted(ranked)[:limit]]


def _distance(name: str, sought: str) -> int:
    if name == sought or name.endswith(f" {sought}"):
        return 0
    if name.startswith(sought):
        return 1
    return 2 if f" {sought}" in name else 3


def _sum(level_id: str, own: int, below: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts by level of a unit and of what is below it; levels with none are left out."""
    counts = {level_id: own} if own else {}
    for one in below:
        for level, count in one.items():
            counts[level] = counts.get(level, 0) + count
    return counts


def grow_tree(path: Sequence[Unit], subtree: Sequence[Unit], sites: Iterable[Site]) -> SiteTree:
    """Join what the store gave: `path` ends with the root, which `subtree` begins with."""
    own: dict[str, list[Site]] = {}
    for site in sites:
        if site.active:
            own.setdefault(site.unit_id, []).append(site)
    children: dict[str, list[str]] = {}
    for unit in subtree[1:]:
        if unit.parent_id is not None:
            children.setdefault(unit.parent_id, []).append(unit.id)
    tree = SiteTree(
        root_id=subtree[0].id,
        path=tuple(path),
        units={unit.id: unit for unit in (*path[:-1], *subtree)},
        sites={unit_id: tuple(listed) for unit_id, listed in own.items()},
        children=children,
        site_ids=frozenset(site.id for listed in own.values() for site in listed),
    )
    for unit in path[:-1]:
        tree.below[unit.id] = {unit.level_id: len(own.get(unit.id, ()))}
    for unit in reversed(subtree):
        below = children.get(unit.id, ())
        sites_here = len(own.get(unit.id, ()))
        tree.below[unit.id] = _sum(unit.level_id, sites_here, (tree.below[one] for one in below))
        tree.having[unit.id] = _sum(
            unit.level_id, min(sites_here, 1), (tree.having[one] for one in below)
        )
    for unit in tree.units.values():
        text = " ".join(f"{site.name} {site.code}" for site in own.get(unit.id, ()))
        tree.folded[unit.id] = fold(unit.name), fold(text)
    return tree


class SiteTrees:
    """Trees read a moment ago, so that typing a search does not read a country each time."""

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._kept: OrderedDict[tuple[str, dt.date], tuple[float, SiteTree]] = OrderedDict()

    async def get(
        self,
        root_id: str,
        on: dt.date,
        check: Callable[[Sequence[Unit]], None],
        *,
        fresh: bool = False,
    ) -> SiteTree:
        """The tree below a unit; NotFound. `fresh`: as it is now, for decisions.

        `check` raises for a path to the unit that whoever asks has no right on: before anything
        below it is read, since a country is much work to have refused.
        """
        kept = self._kept.get((root_id, on))
        if kept is not None and not fresh and self._monotonic() - kept[0] < KEEP_S:
            check(kept[1].path)
            return kept[1]
        path = await self._store.units.path(root_id, on, ended=True)
        check(path)
        subtree = await self._store.units.tree(root_id, on, ended=True)
        sites = await self._store.sites.within(root_id, on, ended=True, with_lines=False)
        if len(path) > 1:
            sites += await self._store.sites.list([unit.id for unit in path[:-1]])
        # A country takes a fifth of a second, in which the loop has media to forward.
        tree = await beside(grow_tree, path, subtree, sites)
        self._kept[root_id, on] = (self._monotonic(), tree)
        self._kept.move_to_end((root_id, on))
        while len(self._kept) > KEPT_TREES:
            self._kept.popitem(last=False)
        return tree


SITE_TREES = web.AppKey("site_trees", SiteTrees)
