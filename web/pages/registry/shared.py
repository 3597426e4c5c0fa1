"""What the pages of units and sites share: whose they are, as of which day, and their audit."""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from confhub.errors import BadInput, NotFound
from confhub.people.policy import Action
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
