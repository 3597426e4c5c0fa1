"""The tree of units as pages show it: nested, with counts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from confhub.units.unit import Branch, Unit

# About what a person opens and scrolls through; a province of four levels has 140 units.
MOST_NODES = 400


@dataclass(slots=True)
class Node:
    """`below` counts all units under this one, `sites` the sites of it and of those.

    `children` is empty where the tree was cut though `below` is not.
    """

    unit: Unit
    own_sites: int = 0
    sites: int = 0
    below: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def cut(self) -> bool:
        return bool(self.below) and not self.children


def build_tree(branches: Sequence[Branch]) -> Node:
    """The root, which stands first, of branches given parents before children."""
    nodes: dict[str, Node] = {}
    for branch in branches:
        unit = branch.unit
        node = nodes[unit.id] = Node(unit, branch.own_sites, branch.sites, branch.below)
        parent = nodes.get(unit.parent_id or "")
        if parent is not None:
            parent.children.append(node)
    return nodes[branches[0].unit.id]
