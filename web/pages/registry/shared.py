"""What the pages of units and sites share: whose they are, as of which day, where searches look."""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from confhub.errors import BadInput, NotFound
from confhub.meetings.calendar import Within
from confhub.people.policy import Action
from confhub.store.search import Scope
from confhub.units.unit import Unit
from confhub.words.dates import read_date
from confhub.words.texts import searched
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


def asked_day(request: web.Request) -> dt.date:
    """The day of `?on=`, else today; nonsense counts as today."""
    try:
        return read_date(request.query.get("on", "")) or local_date(request)
    except BadInput:
        return local_date(request)


def asked_text(request: web.Request) -> str:
    return searched(request.query.get("q", ""))


async def path_in_reach(
    request: web.Request, unit_id: str, action: Action, on: dt.date | None = None
) -> list[Unit]:
    """The units from the root to this one; NotFound where the viewer may not `action`.

    A unit out of reach looks like one that does not exist.
    """
    store = request.app[SERVICES].store
    path = await store.units.path(unit_id, on or local_date(request), ended=on is None)
    if not require_viewer(request).may(action, path):
        raise NotFound
    return path


async def scope_of(request: web.Request, action: Action) -> Scope:
    """Where the viewer may; None: everything. Empty: nowhere."""
    scopes = require_viewer(request).scopes(action)
    search = request.app[SERVICES].store.search
    for one in scopes:
        if one.unit.parent_id is None and not one.alone and await search.is_whole(one.unit.id):
            return None
    return [Within(one.unit.id, one.alone) for one in scopes]
