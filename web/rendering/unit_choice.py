"""Choosing a unit in a form: a short tree is a list, a long one is searched first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.people.policy import Action
from confhub.units.unit import Unit
from web.requests.auth import Viewer, local_date, require_viewer
from web.services import SERVICES

# A province of 2022 has 11 to 31 districts and up to 580 communes; longer lists are no help.
LONGEST_LIST = 200
FOUND_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A search result with what tells two units of one name apart."""

    unit: Unit
    where: str
    former: str = ""  # the name that was found, where it is not today's


@dataclass(frozen=True, slots=True)
class Choice:
    """What a form shows to choose a unit by: `options` of a short tree, else what a search found.
    `unit` is the chosen one."""

    options: list[tuple[str, str]] | None
    unit: Unit | None
    query: str
    found: Sequence[Found]


async def choice(
    request: web.Request, action: Action, tree: Sequence[Unit], unit_id: str, query: str
) -> Choice:
    """Among the units of `tree`, as `tree_below` gives them for the action."""
    unit = next((unit for unit in tree if unit.id == unit_id), None)
    if len(tree) <= LONGEST_LIST:
        return Choice(options(tree), unit, query, ())
    found = await search(request, require_viewer(request), action, query) if query else ()
    return Choice(None, unit, query, found)


async def tree_below(
    request: web.Request, viewer: Viewer, action: Action, *, ended: bool = False
) -> list[Unit]:
    """Every unit on which the viewer may `action`, parents first; `ended` as in the store."""
    store, today = request.app[SERVICES].store.units, local_date(request)
    units: list[Unit] = []
    for top in viewer.tops(action):
        units += await store.tree(top.id, today, ended=ended)
    return units


def options(tree: Sequence[Unit]) -> list[tuple[str, str]]:
    """Pairs for a <select>, indented by depth with no-break spaces."""
    depth: dict[str, int] = {}
    pairs = []
    for unit in tree:
        depth[unit.id] = depth.get(unit.parent_id or "", -1) + 1
        pairs.append((unit.id, "\N{NO-BREAK SPACE}" * 4 * depth[unit.id] + unit.name))
    return pairs


async def search(
    request: web.Request,
    viewer: Viewer,
    action: Action,
    text: str,
    *,
    on: dt.date | None = None,
    limit: int = FOUND_LIMIT,
) -> list[Found]:
    """Units on which the viewer may `action`, whose names hold the words of `text`, best first."""
    store, day = request.app[SERVICES].store.units, on or local_date(request)
    units: list[Unit] = []
    for top in viewer.tops(action):
        units += await store.search(text, day, within=top.id, limit=limit)
    return await placed(request, viewer, action, units[:limit], day)


async def placed(
    request: web.Request,
    viewer: Viewer,
    action: Action,
    units: Sequence[Unit],
    on: dt.date,
    former: Mapping[str, str] | None = None,
) -> list[Found]:
    """Each with what stands over it, as far as the viewer sees; `former`: old names by id."""
    paths = await request.app[SERVICES].store.units.paths([unit.id for unit in units], on)
    return [
        Found(
            unit,
            ", ".join(above.name for above in reversed(viewer.visible(path, action)[:-1])),
            (former or {}).get(unit.id, ""),
        )
        for unit in units
        if (path := paths[unit.id])
    ]


async def former_names(
    request: web.Request, unit_ids: Collection[str], words: Sequence[str]
) -> dict[str, str]:
    """By their ids the former names of units that were found by these and not by today's."""
    records = await request.app[SERVICES].store.imports.unit_records(unit_ids)
    today = local_date(request)
    former = {record.id: record.former_name(words, today) for record in records}
    return {unit_id: name for unit_id, name in former.items() if name}
