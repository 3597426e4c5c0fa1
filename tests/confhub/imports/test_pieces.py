"""Plans cut into pieces: all of the plan, in an order in which each piece can be carried out."""

from __future__ import annotations

import datetime as dt

from confhub.imports.pieces import unit_pieces
from confhub.units.records import UnitChange, UnitPlan
from confhub.units.unit import NewUnit, Succession

DAY = dt.date(2025, 7, 1)


def new(key: str, parent: str | None = None) -> NewUnit:
    return NewUnit("commune", key, parent, id=key)


def change(key: str, *, below: str | None = None, close_on: dt.date | None = None) -> UnitChange:
    return UnitChange(key, DAY, DAY, parent_id=below, close_on=close_on)


def told(plan: UnitPlan, size: int = 2) -> list[tuple[list[str], list[str]]]:
    """Of each piece: what is new, what changes."""
    return [
        ([one.id for one in piece.new], [one.unit_id for one in piece.changes])
        for piece in unit_pieces(plan, size)
    ]


def test_a_plan_of_a_piece_s_size_is_one() -> None:
    plan = UnitPlan((new("a"),), (change("b"),), 3, (Succession("b", "a", DAY),))
    assert unit_pieces(plan, 2) == [plan]


def test_codes_are_freed_first_and_parents_come_before_those_below_them() -> None:
    units = (new("commune", "district"), new("district", "province"), new("province", "root"))
    plan = UnitPlan(units, (change("x", below="commune"), change("old", close_on=DAY)), 0)
    assert told(plan) == [
        ([], ["old"]),
        (["province", "district"], []),
        (["commune"], []),
        ([], ["x"]),
    ]


def test_who_moves_moves_at_once() -> None:
    """One by one they would stand in a ring."""
    moves = [change("b", below="a"), change("a", below="root"), change("c", below="b")]
    assert told(UnitPlan((), tuple(moves), 0)) == [([], ["b", "a", "c"])]


def test_who_moves_and_ends_may_be_before_and_after_new_ones_so_all_is_one_piece() -> None:
    plan = UnitPlan((new("a"), new("b")), (change("x", below="a", close_on=DAY),), 0)
    assert unit_pieces(plan, 2) == [plan]


def test_successions_wait_for_the_new_units_that_they_name() -> None:
    ends = tuple(change(key, close_on=DAY) for key in ("x", "y"))
    later = [Succession("x", "a", DAY), Succession("x", "old", DAY)]
    plan = UnitPlan((new("a"),), ends, 0, (later[0], Succession("y", "old", DAY), later[1]))
    first, last = unit_pieces(plan, 2)
    assert list(first.successions) == [Succession("y", "old", DAY)]
    assert list(last.successions) == later
