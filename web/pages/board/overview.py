"""/board: IT of a unit watches the links of its sites and of those below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from confhub.errors import NotFound, Unavailable
from confhub.long_work import beside
from confhub.units.unit import Unit
from monitoring.board import Board
from monitoring.directory import FRESH_S
from monitoring.overview import STANDINGS, Group, Standing
from web.board_directory import directory
from web.pages.board.rows import ICONS, Watched, Wording
from web.pages.board.selection import (
    Asked,
    is_full,
    read_asked,
    select,
    settle,
)
from web.rendering.pages import formats, render, script_json, words
from web.requests.auth import Viewer, local_date, require_viewer
from web.services import SERVICES


class GroupView(msgspec.Struct, frozen=True):
    """A group's heading; `total` sites, `counts` by standing."""

    id: str
    name: str
    level: str
    total: int
    counts: Mapping[Standing, int]


class Kind(msgspec.Struct, frozen=True):
    """A standing as it is shown."""

    key: Standing
    word: str
    icon: str


async def show(request: web.Request) -> web.Response:
    """The board of `?unit=` (else the viewer's own), as web/pages/board/selection.py reads it."""
    viewer = require_viewer(request)
    path = await scope_path(request, viewer)
    watched = await look(request, path[-1].id)
    wording = Wording(words(request), formats(request))
    asked, at = read_asked(request.query), wording.time(board_of(request).now())
    tops = viewer.tops("see_board")
    shown = await beside(_shown, watched, asked, path, wording, at, tops)
    return await render(request, "board/board.html", **shown)


def _shown(
    watched: Watched,
    asked: Asked,
    path: Sequence[Unit],
    wording: Wording,
    at: str,
    tops: Sequence[Unit],
) -> dict[str, Any]:
    """What the page says: two hundred rows of a country in trouble take 20 ms."""
    asked = settle(asked, watched)
    selection, counts = select(asked, watched), watched.group_counts()
    unit_id = "" if path[-1].id == tops[0].id else path[-1].id
    standings = [Kind(name, wording.word(name), ICONS[name]) for name in STANDINGS]
    return {
        "path_units": path,
        "unit_id": unit_id,
        "other_tops": [unit for unit in tops if unit not in path],
        "unit": path[-1],
        "groups": [group_view(group, counts, wording) for group in watched.scope.groups],
        "trouble": [wording.row(watched, site_id) for site_id in selection.trouble],
        "rows": {
            group_id: [wording.row(watched, site_id) for site_id in site_ids]
            for group_id, site_ids in selection.by_group.items()
        },
        "cut": selection.cut,
        "counts": watched.counts(),
        "troubled": len(watched.trouble()),
        "total": len(watched.scope.places),
        "standings": standings,
        "icons": ICONS,
        "at": at,
        "asked": asked,
        "link": _Links(unit_id, asked),
        "boot": script_json(
            {
                "unit": unit_id,
                "own": path[-1].id,
                "state": asked.state or "",
                "sought": asked.sought,
                "opened": sorted(asked.opened or ()),
                "full": is_full(watched.scope),
                "at": at,
                "standings": standings,
            }
        ),
    }


async def scope_path(request: web.Request, viewer: Viewer) -> list[Unit]:
    """From the viewer's own unit to the one asked for; as `see_path`."""
    services = request.app[SERVICES]
    unit_id = request.query.get("unit") or viewer.tops("see_board")[0].id
    path = await services.store.units.path(unit_id, local_date(request), ended=True)
    return see_path(viewer, path)


def see_path(viewer: Viewer, path: list[Unit]) -> list[Unit]:
    """The part of a path that they may look at; NotFound for a unit outside of what they may see,
    as for one that is none."""
    if not viewer.may("see_board", path):
        raise NotFound
    return viewer.visible(path, "see_board")


def board_of(request: web.Request) -> Board:
    board: Board | None = request.app[SERVICES].board
    if board is None:
        raise Unavailable
    return board


async def look(request: web.Request, unit_id: str, max_age_s: float = FRESH_S) -> Watched:
    """What there is to see of a unit and of what is below it, now.

    Units and sites are as they were at most `max_age_s` ago.
    """
    known = directory(request.app)
    scope, awaited = await known.scope(unit_id, max_age_s), await known.awaited()
    titles = {meeting.id: meeting.title for meeting in (await known.meetings()).values()}
    links = dict(board_of(request).sites())
    # Eleven thousand standings of a country take 20 ms, which live rooms must not wait.
    return await beside(Watched.of, scope, links, awaited, titles)


def group_view(
    group: Group, counts: Mapping[str, Mapping[Standing, int]], wording: Wording
) -> GroupView:
    return GroupView(
        id=group.unit.id,
        name=group.unit.name,
        level=wording.level(group.level),
        total=len(group.site_ids),
        counts=counts[group.unit.id],
    )


class _Links:
    """Addresses of the same board, asked for otherwise: what works without script."""

    def __init__(self, unit_id: str, asked: Asked) -> None:
        self._unit_id = unit_id
        self._asked = asked

    def state(self, name: str) -> str:
        """Only that state; all of them where it is chosen already."""
        return self._made(state="" if name == self._asked.state else name)

    def toggled(self, group_id: str) -> str:
        opened = (self._asked.opened or frozenset()) ^ {group_id}
        return self._made(opened=",".join(sorted(opened)))

    def same(self) -> str:
        return self._made()

    def plain(self) -> str:
        return self._made(state="", sought="")

    def unit(self, unit_id: str) -> str:
        return f"/board?{urlencode({'unit': unit_id})}"

    def _made(
        self, state: str | None = None, sought: str | None = None, opened: str | None = None
    ) -> str:
        parts = {
            "unit": self._unit_id,
            "state": (self._asked.state or "") if state is None else state,
            "q": self._asked.sought if sought is None else sought,
        }
        query = {name: value for name, value in parts.items() if value}
        if opened is not None:
            query["open"] = opened
        return f"/board?{urlencode(query)}" if query else "/board"
