"""The tree of units as pages show it: nested, with counts, cut where it grows too long. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confhub.units import Unit

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


def build_tree(
    units: Sequence[Unit], site_counts: Mapping[str, int], most: int = MOST_NODES
) -> list[Node]:
    """Roots of a forest given parents first; whole generations are cut to show at most `most`.

    The roots and their children always show.
    """
    nodes: dict[str, Node] = {}
    depths: dict[str, int] = {}
    roots: list[Node] = []
    for unit in units:
        count = site_counts.get(unit.id, 0)
        node = nodes[unit.id] = Node(unit, own_sites=count, sites=count)
        parent = nodes.get(unit.parent_id or "")
        depths[unit.id] = 0 if parent is None else depths[parent.unit.id] + 1
        (roots if parent is None else parent.children).append(node)
    for unit in reversed(units):  # children before parents
        parent = nodes.get(unit.parent_id or "")
        if parent is not None:
            parent.sites += nodes[unit.id].sites
            parent.below += nodes[unit.id].below + 1
    deepest = _generations(depths, most)
    for unit_id, depth in depths.items():
        if depth >= deepest:
            nodes[unit_id].children = []
    return roots


def _generations(depths: Mapping[str, int], most: int) -> int:
    """How many generations below the roots fit into `most` nodes; 1 at least."""
    sizes: dict[int, int] = {}
    for depth in depths.values():
        sizes[depth] = sizes.get(depth, 0) + 1
    shown, fitting = 0, 1
    for depth in range(len(sizes)):
        shown += sizes[depth]
        if shown <= most:
            fitting = max(fitting, depth)
    return fitting
