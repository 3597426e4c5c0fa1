"""Reading order of a tree from flat rows, and rings in it."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from confhub.units.tree import arrange, name_key, on_a_cycle
from confhub.units.unit import Unit


def unit(name: str, parent: str | None = None, key: str = "") -> Unit:
    return Unit(key or name, "level", name, parent, None, None, None)


def names(units: list[Unit]) -> list[str]:
    return [one.name for one in units]


def test_numbers_in_names_are_in_order_of_number() -> None:
    wards = ["Phường 10", "Phường 2", "Phường 1A", "Phường", "Phường 2B", "Áng", "Đông 3"]
    assert sorted(wards, key=name_key) == [
        "Áng",
        "Đông 3",
        "Phường",
        "Phường 1A",
        "Phường 2",
        "Phường 2B",
        "Phường 10",
    ]


def test_a_name_of_digits_alone_or_of_nothing_has_a_place() -> None:
    assert sorted(["a", "12", "", "٣"], key=name_key) == ["", "٣", "12", "a"]


def test_parents_come_before_children_and_siblings_by_name() -> None:
    rows = [
        unit("b2", "b"),
        unit("a"),
        unit("b"),
        unit("a1", "a"),
        unit("b10", "b"),
        unit("a1x", "a1"),
    ]
    for seed in range(10):
        random.Random(seed).shuffle(rows)
        assert names(arrange(rows)) == ["a", "a1", "a1x", "b", "b2", "b10"]


def test_depth_counts_generations_below_the_roots() -> None:
    rows = [unit("a"), unit("a1", "a"), unit("a1x", "a1")]
    assert names(arrange(rows, 0)) == ["a"]
    assert names(arrange(rows, 1)) == ["a", "a1"]
    assert names(arrange(rows, 9)) == ["a", "a1", "a1x"]


def test_a_unit_whose_parent_is_not_there_is_a_root() -> None:
    assert names(arrange([unit("a1", "a"), unit("b")])) == ["a1", "b"]


def test_a_unit_appears_once_and_a_ring_not_at_all() -> None:
    rows = [unit("a"), unit("again", key="a"), unit("x", "y"), unit("y", "x"), unit("x1", "x")]
    assert names(arrange(rows)) == ["a"]


def test_a_chain_of_any_length_is_walked() -> None:
    chain = [unit(f"n{n}", f"n{n - 1}" if n else None) for n in range(5_000)]
    assert len(arrange(reversed(chain))) == 5_000
    assert on_a_cycle({one.id: one.parent_id for one in chain}) == ()


def test_a_ring_is_found_with_just_its_own_units() -> None:
    parents = {"a": None, "x": "y", "y": "z", "z": "x", "x1": "x", "b": "elsewhere"}
    assert set(on_a_cycle(parents)) == {"x", "y", "z"}
    assert set(on_a_cycle({"me": "me"})) == {"me"}
    assert on_a_cycle({}) == ()


@given(st.dictionaries(st.integers(0, 8), st.none() | st.integers(0, 8)))
def test_a_ring_is_reported_just_when_there_is_one(graph: dict[int, int | None]) -> None:
    parents = {str(child): None if up is None else str(up) for child, up in graph.items()}

    def returns(start: str) -> bool:
        current = parents[start]
        for _ in parents:
            if current == start:
                return True
            current = parents.get(current) if current is not None else None
        return False

    found = on_a_cycle(parents)
    assert bool(found) == any(returns(one) for one in parents)
    assert all(returns(one) for one in found)
