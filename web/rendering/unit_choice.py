"""Choosing a unit in a form: a short tree is a list, a long one is searched first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.units.unit import Unit
from web.requests.auth import Viewer, local_date
from web.services import SERVICES

# A province of 2022 has 11 to 31 districts and up to 580 communes; longer lists are no help.
LONGEST_LIST = 200
FOUND_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A search result with what tells two units of one name apart."""

    unit: Unit
    where: str


async def tree_below(request: web.Request, viewer: Viewer, *, ended: bool = False) -> list[Unit]:
    """The viewer's unit and every unit below it, parents first; `ended` as in the store."""
    store = request.app[SERVICES].store
    return await store.units.tree(viewer.unit.id, local_date(request), ended=ended)


def options(tree: Sequence[Unit]) -> list[tuple[str, str]]:
    """Pairs for a <select>, indented by depth with no-break spaces."""
    depth: dict[str, int] = {}
    pairs = []
    for unit in tree:
        depth[unit.id] = depth.get(unit.parent_id or "", -1) + 1
        pairs.append((unit.id, "\N{NO-BREAK SPACE}" * 4 * depth[unit.id] + unit.name))
    return pairs


async def search(request: web.Request, viewer: Viewer, text: str) -> list[Found]:
    store, today = request.app[SERVICES].store, local_date(request)
    units = await store.units.search(text, today, within=viewer.unit.id, limit=FOUND_LIMIT)
    paths = await store.units.paths([unit.id for unit in units], today)
    return [
        Found(unit, ", ".join(above.name for above in reversed(paths[unit.id][:-1])))
        for unit in units
    ]
