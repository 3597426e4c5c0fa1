"""The patterns that serve a host: its own and those of the units above it."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from confhub.errors import N_, NotFound
from confhub.planning.pattern import ListedPattern, Pattern
from confhub.units.unit import Unit
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES

_NOT_IN_USE = N_("Mẫu hoặc danh sách này đã thôi dùng.")


async def host_path(request: web.Request, host_unit_id: str) -> Sequence[Unit]:
    """From the root to a unit that the viewer may schedule for; NotFound, NotAllowed."""
    store = request.app[SERVICES].store.units
    path = await store.path(host_unit_id, local_date(request), ended=True)
    require_viewer(request).require("schedule", path)
    return path


async def patterns_for(request: web.Request, path: Sequence[Unit]) -> list[ListedPattern]:
    """Those in use that serve the unit at the end of the path, its own first, then by name."""
    nearest = [unit.id for unit in reversed(path)]
    found = await request.app[SERVICES].store.patterns.of(nearest)
    used = [one for one in found if one.pattern.ended_at is None]
    return sorted(used, key=lambda one: nearest.index(one.pattern.unit_id))


async def pattern_for(request: web.Request, pattern_id: str, path: Sequence[Unit]) -> Pattern:
    """One that serves the unit at the end of the path; NotFound."""
    pattern = await request.app[SERVICES].store.patterns.get(pattern_id)
    if pattern.unit_id not in {unit.id for unit in path}:
        raise NotFound
    if pattern.ended_at is not None:
        raise NotFound(_NOT_IN_USE)
    return pattern
