"""/units: the tree of units, and each unit with its history, as of today or another day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web

from confhub.store import Store
from confhub.units.records import Span, UnitRecord
from confhub.words.texts import sought_words
from web.meetings.blockings import may_enter
from web.pages.registry import shared as registry
from web.pages.registry.unit_nodes import MOST_NODES, Node, build_tree
from web.rendering import unit_choice
from web.rendering.pages import render
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

FOUND_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Past:
    """One line of a unit's history; `unit` when the value is another unit."""

    what: str  # name, code, parent
    value: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    scheme: str = ""


async def list_page(request: web.Request) -> web.Response:
    viewer, store = require_viewer(request), request.app[SERVICES].store
    on, query = registry.asked_day(request), registry.asked_text(request)
    found: list[unit_choice.Found] | None = None
    roots: list[Node] = []
    if query:
        found = await unit_choice.search(
            request, viewer, "see_units", query, on=on, limit=FOUND_LIMIT
        )
        if on == local_date(request):
            found += await _formerly(request, query, {hit.unit.id for hit in found})
    else:
        outlines = [
            await store.units.outline(top.id, on, MOST_NODES) for top in viewer.tops("see_units")
        ]
        roots = [build_tree(outline) for outline in outlines]
    return await render(
        request,
        "units/list.html",
        found=found,
        roots=roots,
        levels={level.id: level for level in await store.units.levels()},
        on=on,
        query=query,
        may_import=viewer.may("edit_units"),
    )


async def _formerly(
    request: web.Request, query: str, found: Collection[str]
) -> list[unit_choice.Found]:
    """Further units of today, by names that they had."""
    viewer, store, today = require_viewer(request), _store(request), local_date(request)
    words = sought_words(query)
    scope = await registry.scope_of(request, "see_units")
    ids = await store.search.ids("unit", words, scope, today, FOUND_LIMIT)
    former = await unit_choice.former_names(request, set(ids) - set(found), words)
    units = await store.units.get_many(former.keys(), today)
    return await unit_choice.placed(request, viewer, "see_units", units, today, former)


def _store(request: web.Request) -> Store:
    return request.app[SERVICES].store


async def detail(request: web.Request) -> web.Response:
    viewer, store = require_viewer(request), request.app[SERVICES].store
    unit_id, on = request.match_info["unit_id"], registry.asked_day(request)
    path = await registry.path_in_reach(request, unit_id, "see_units", on)
    unit = path[-1]
    levels = {level.id: level for level in await store.units.levels()}
    (record,) = await store.imports.unit_records([unit_id])
    root = build_tree(await store.units.outline(unit_id, on, MOST_NODES))
    return await render(
        request,
        "units/detail.html",
        unit=unit,
        on=on,
        level=levels[unit.level_id],
        levels=levels,
        above=viewer.visible(path)[:-1],
        root=root,
        sites=await store.sites.list([unit_id]),
        history=await _history(request, record),
        became=await store.units.successors(unit_id),
        came_from=await store.units.predecessors(unit_id),
        streams=(await store.unit_lines.streams([unit_id])).get(unit_id),
        one_day=dt.timedelta(days=1),
        may_edit_sites=viewer.may("edit_sites", path),
        may_edit=viewer.may("edit_units", path),
        may_manage=viewer.may("manage_accounts", path),
        may_block=may_enter(viewer, path, site=True),
    )


async def _history(request: web.Request, record: UnitRecord) -> list[Past]:
    """Names, codes and parents over time; only what changed, or has a code, is worth a line."""
    parents = await _parent_names(request, record.parents)
    rows = [Past("name", s.value, s.valid_from, s.valid_to) for s in record.names]
    rows += [Past("code", s.value, s.valid_from, s.valid_to, s.scheme) for s in record.codes]
    rows += [Past("parent", parents[s], s.valid_from, s.valid_to) for s in record.parents]
    return rows


async def _parent_names(request: web.Request, spans: tuple[Span, ...]) -> dict[Span, str]:
    """A parent's name as it was when it became the parent."""
    store = request.app[SERVICES].store
    records = {r.id: r for r in await store.imports.unit_records([s.value for s in spans])}
    return {s: records[s.value].name_on(s.valid_from or dt.date.min) for s in spans}
