"""Plans of thousands of units or sites, cut into pieces that are carried out one by one. Pure.

What is left when some are done is what the same file would do then: so it goes on where it was cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from confhub.imports.sites import SitePlan
from confhub.units.records import UnitChange, UnitPlan
from confhub.units.unit import NewUnit, Succession

T = TypeVar("T")


def unit_pieces(plan: UnitPlan, size: int) -> list[UnitPlan]:
    """First what changes in its place and frees codes, then new units, parents before those below
    them, then whoever moves, all at once: half of a move may be a ring.

    One piece where the plan is no larger, or where a unit moves and ends: what it moves below may
    be new, and its code may go to one that is new.
    """
    moved = [one for one in plan.changes if one.parent_id is not None]
    whole = len(plan.new) + len(plan.changes) <= size
    if whole or any(one.close_on is not None for one in moved):
        return [plan]
    early, late = _successions(plan)
    stay = [one for one in plan.changes if one.parent_id is None]
    pieces = [_changing(some, early) for some in _cut(stay, size)]
    new = _cut(_parents_first(plan.new), size)
    pieces += [UnitPlan(tuple(some), (), 0) for some in new]
    if moved:
        pieces.append(_changing(moved, early))
    pieces[-1] = replace(pieces[-1], successions=(*pieces[-1].successions, *late))
    return pieces


def site_pieces(plan: SitePlan, size: int) -> list[SitePlan]:
    """Sites do not rest on one another."""
    if len(plan.new) + len(plan.changed) <= size:
        return [plan]
    pieces = [SitePlan(tuple(some), (), 0) for some in _cut(plan.new, size)]
    return pieces + [SitePlan((), tuple(some), 0) for some in _cut(plan.changed, size)]


def _changing(
    changes: Sequence[UnitChange], successions: dict[str, tuple[Succession, ...]]
) -> UnitPlan:
    own = (successions.get(one.unit_id, ()) for one in changes)
    return UnitPlan((), tuple(changes), 0, tuple(one for some in own for one in some))


def _successions(plan: UnitPlan) -> tuple[dict[str, tuple[Succession, ...]], list[Succession]]:
    """Those that go with the change of their old unit, by its id; and those that wait for all
    others, since a new unit is among their old unit and what it goes into."""
    new = {one.id for one in plan.new}
    early: dict[str, tuple[Succession, ...]] = {}
    late: list[Succession] = []
    in_order = sorted(plan.successions, key=lambda one: one.old_unit_id)
    for old_id, some in groupby(in_order, lambda one: one.old_unit_id):
        own = tuple(some)
        if old_id in new or any(one.new_unit_id in new for one in own):
            late += own
        else:
            early[old_id] = own
    return early, late


def _parents_first(units: Sequence[NewUnit]) -> list[NewUnit]:
    by_id = {one.id: one for one in units}
    depths: dict[str, int] = {}

    def depth(unit: NewUnit) -> int:
        if unit.id not in depths:
            above = by_id.get(unit.parent_id or "")
            depths[unit.id] = 0 if above is None else depth(above) + 1
        return depths[unit.id]

    return sorted(units, key=depth)


def _cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
