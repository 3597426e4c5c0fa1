"""The tree of units from flat rows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from confhub.units.unit import Branch, Unit
from confhub.words.texts import fold

_NUMBER = re.compile(r"(\d+)")


def name_key(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key by folded name in which "Phường 2" comes before "Phường 10"."""
    return folded_key(fold(name))


@lru_cache(maxsize=2**15)  # the names of a country's units and sites, some 10 MB
def folded_key(folded: str) -> tuple[tuple[int, str], ...]:
    """`name_key` of a name that is folded already."""
    parts = _NUMBER.split(folded)
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in parts)


def arrange(units: Iterable[Unit], depth: int | None = None) -> list[Unit]:
    """Units in reading order: parents before children, siblings by name.

    A unit whose parent is not among `units` is a root. Each unit appears once, the first of
    several rows for it winning; units on a cycle are left out, as no root leads to them.
    `depth` counts generations below the roots: 0 keeps the roots only.
    """
    known: dict[str, Unit] = {}
    for unit in units:
        known.setdefault(unit.id, unit)
    children: dict[str | None, list[Unit]] = {}
    for unit in known.values():
        parent = unit.parent_id if unit.parent_id in known else None
        children.setdefault(parent, []).append(unit)
    for siblings in children.values():
        siblings.sort(key=lambda unit: name_key(unit.name))
    return _walk(children, depth)


def _walk(children: Mapping[str | None, list[Unit]], depth: int | None) -> list[Unit]:
    ordered: list[Unit] = []
    waiting = [(unit, 0) for unit in reversed(children.get(None, ()))]
    while waiting:
        unit, level = waiting.pop()
        ordered.append(unit)
        if depth is None or level < depth:
            waiting += [(child, level + 1) for child in reversed(children.get(unit.id, ()))]
    return ordered


def way_down(unit_id: str, known: Mapping[str, Unit]) -> list[Unit]:
    """The known units from the top down to one of them, which stands last."""
    trail: dict[str, Unit] = {}
    at: str | None = unit_id
    while at is not None and at in known and at not in trail:
        trail[at] = known[at]
        at = known[at].parent_id
    return list(trail.values())[::-1]


def add_up(
    units: Sequence[Unit],
    own_sites: Mapping[str, int],
    ends_below: Mapping[str, int],
    ends_sites: Mapping[str, int],
) -> list[Branch]:
    """Counts of whole branches for `units`, parents before children.

    `own_sites` are of each of them; `ends_*` are whole counts of those where the tree was cut.
    """
    below = {unit.id: ends_below.get(unit.id, 0) for unit in units}
    sites = {u.id: ends_sites.get(u.id, 0) or own_sites.get(u.id, 0) for u in units}
    for unit in reversed(units):  # children before parents
        if unit.parent_id in below:
            below[unit.parent_id] += below[unit.id] + 1
            sites[unit.parent_id] += sites[unit.id]
    return [Branch(u, own_sites.get(u.id, 0), sites[u.id], below[u.id]) for u in units]


def on_a_cycle(parents: Mapping[str, str | None]) -> Sequence[str]:
    """Ids of units that are their own ancestors, given each unit's parent."""
    safe: set[str] = set()
    for start in parents:
        trail: dict[str, None] = {}
        current: str | None = start
        while current is not None and current in parents and current not in safe:
            if current in trail:
                found = list(trail)
                return found[found.index(current) :]
            trail[current] = None
            current = parents[current]
        safe.update(trail)
    return ()
