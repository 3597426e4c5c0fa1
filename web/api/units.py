"""The tree of units for scripts: branches of it, and search without diacritics."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web

from confhub.errors import N_, BadInput, TooLarge
from confhub.units.unit import Level
from web.rendering.site_tree import SITE_TREES, SiteTree
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

# A province with its districts and communes comes whole; a country comes branch by branch.
WHOLE_TREE_UNITS = 400
SEARCH_LIMIT = 25  # more than a screen of results calls for another word instead
MAX_QUERY_CHARACTERS = 100
# A whole branch is asked for to choose its sites, so what no meeting may hold need not be sent.
MAX_SITES = 1_000


async def tree(request: web.Request) -> web.Response:
    """GET /api/units/tree?root=&through=: `{path, units}`.

    `through`: "all", a level's id (all units down to that level), or nothing: the whole tree if
    it is small, else the children of `root`. `path` is the ids from the top to `root`, and
    `units` always holds these too. Without `root` the viewer's own unit.
    """
    found = await _asked_tree(request)
    levels = await request.app[SERVICES].store.units.levels()
    through = request.query.get("through", "")
    answer = await asyncio.to_thread(lambda: _answer(found, _selected(found, through, levels)))
    return web.json_response(answer)


async def search(request: web.Request) -> web.Response:
    """GET /api/units/search?q=&root=: `{path, units, hits}`, hits being unit ids, best first."""
    query = request.query.get("q", "")
    if len(query) > MAX_QUERY_CHARACTERS:
        raise TooLarge(N_("Câu tìm quá dài."))
    found = await _asked_tree(request)

    def answer() -> dict[str, object]:
        hits = found.find(query, SEARCH_LIMIT)
        return _answer(found, found.with_uppers(hits)) | {"hits": hits}

    # Over all names of a country, which live rooms must not wait.
    return web.json_response(await asyncio.to_thread(answer))


async def _asked_tree(request: web.Request) -> SiteTree:
    viewer = require_viewer(request)
    root_id = request.query.get("root") or viewer.unit.id
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


def _answer(found: SiteTree, unit_ids: list[str]) -> dict[str, object]:
    return {
        "path": [unit.id for unit in found.path],
        "units": [found.node(unit_id) for unit_id in unit_ids],
    }
