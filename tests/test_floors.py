"""The packages stand in floors without circles, as docs/architecture.md draws them."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.test_architecture import DOCUMENT, MODULES, PACKAGES, _is_in, _ours


def _room(name: str) -> str:
    """The package a module stands in; a module beside packages is a room of its own."""
    package = name if name in PACKAGES else name.rpartition(".")[0]
    beside_packages = any(other.startswith(f"{package}.") for other in PACKAGES)
    return name if beside_packages else package


def test_packages_stand_in_floors_without_circles() -> None:
    below: dict[str, set[str]] = {}
    for name in MODULES:
        room = _room(name)
        below.setdefault(room, set()).update(_room(imported) for imported in _ours(name))
    graph = TopologicalSorter({room: known - {room} for room, known in below.items()})
    try:
        graph.prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_drawing_of_the_floors_is_true() -> None:
    drawing = re.search(r"```floors\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert drawing is not None
    floors = {
        name.replace("/", "."): -depth
        for depth, line in enumerate(drawing[1].splitlines())
        for name in line.split(", ")
    }

    def drawn(name: str) -> str:
        """As what a module is drawn: itself, or a package it stands in."""
        while name not in floors and "." in name:
            name = name.rpartition(".")[0]
        return name

    assert {one for one in floors if not any(_is_in(name, (one,)) for name in MODULES)} == set()
    assert {drawn(name) for name in MODULES} - floors.keys() <= {
        "rooms",
        "web",
    }  # say what they are
    wrong = [
        f"{name} imports {imported}"
        for name in MODULES
        for imported in _ours(name)
        if drawn(name) != drawn(imported)
        and floors.get(drawn(name), 0) <= floors.get(drawn(imported), 0)
    ]
    assert wrong == []
