"""The tree of units for scripts: branches of it, and search without diacritics."""

from __future__ import annotations

from functools import partial

import msgspec
from aiohttp import web

from confhub.errors import N_, BadInput, TooLarge
from confhub.long_work import beside
from confhub.units.unit import Level
from confhub.words.texts import MAX_SEARCH_LENGTH
from web.rendering.answers import json_answer
from web.rendering.site_tree import SITE_TREES, PickUnit, SiteTree
from web.requests.auth import local_date, require_viewer
from web.requests.route import Answer, Api, Query
from web.services import SERVICES

# A province with its districts and communes comes whole; a country comes branch by branch.
WHOLE_TREE_UNITS = 400
SEARCH_LIMIT = 25  # more than a screen of results calls for another word instead
# A whole branch is asked for to choose its sites, so what no meeting may hold need not be sent.
MAX_SITES = 1_000


class Branch(msgspec.Struct, frozen=True):
    """`path`: ids from the top to the root; `units`, parents before children, hold these too."""

    path: list[str]
    units: list[PickUnit]


class Found(Branch, frozen=True):
    """`hits`: ids of units, best first."""

    hits: list[str]


_ROOT = Query("root", "A unit's id; without, the own one.")
TREE = Api(
    "Units with their sites, to choose from",
    {200: Answer("The branch.", Branch)},
    query=(
        _ROOT,
        Query(
            "through",
            "all; a level's id: all units down to that level; without: the whole tree if it is "
            "small, else the children of root.",
        ),
    ),
    errors=(400, 404, 413),
)
SEARCH = Api(
    "Units by words of their names, of their sites' names and codes; without diacritics too",
    {200: Answer("The best hits and the way to each.", Found)},
    query=(Query("q", f"At most {MAX_SEARCH_LENGTH} characters."), _ROOT),
    errors=(404, 413),
)


async def tree(request: web.Request) -> web.Response:
    """GET /api/units/tree?root=&through="""
    found = await _asked_tree(request)
    levels = await request.app[SERVICES].store.units.levels()
    through = request.query.get("through", "")
    answer = await beside(
        lambda: Branch(path=_path(found), units=_nodes(found, _selected(found, through, levels)))
    )
    return json_answer(answer)


async def search(request: web.Request) -> web.Response:
    """GET /api/units/search?q=&root="""
    query = request.query.get("q", "")
    if len(query) > MAX_SEARCH_LENGTH:
        raise TooLarge(N_("Câu tìm quá dài."))
    found = await _asked_tree(request)

    def answer() -> Found:
        hits = found.find(query, SEARCH_LIMIT)
        nodes = _nodes(found, found.with_uppers(hits))
        return Found(path=_path(found), units=nodes, hits=hits)

    # Over all names of a country, which live rooms must not wait.
    return json_answer(await beside(answer))


async def _asked_tree(request: web.Request) -> SiteTree:
    viewer = require_viewer(request)
    root_id = request.query.get("root") or viewer.tops("see_units")[0].id
    check = partial(viewer.require, "see_units")
    return await request.app[SITE_TREES].get(root_id, local_date(request), check)


def _selected(found: SiteTree, through: str, levels: list[Level]) -> list[str]:
    if not through:
        small = len(found.units) <= WHOLE_TREE_UNITS
        return found.down_to(lambda unit: small or unit.parent_id == found.root_id)
    counts = found.below[found.root_id]
    ranks = {level.id: level.rank for level in levels}
    if through != "all" and through not in ranks:
        raise BadInput(N_("Không có cấp đơn vị này."))
    if (sum(counts.values()) if through == "all" else counts.get(through, 0)) > MAX_SITES:
        raise TooLarge(
            N_("Mỗi cuộc họp mời nhiều nhất %(limit)s điểm cầu."), values={"limit": MAX_SITES}
        )
    lowest = ranks.get(through, max(ranks.values(), default=0))
    return found.down_to(lambda unit: ranks[unit.level_id] <= lowest)


def _path(found: SiteTree) -> list[str]:
    return [unit.id for unit in found.path]


def _nodes(found: SiteTree, unit_ids: list[str]) -> list[PickUnit]:
    return [found.node(unit_id) for unit_id in unit_ids]
