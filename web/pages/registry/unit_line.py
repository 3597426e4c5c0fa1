"""/units/{unit_id}/line: how many streams the line of a unit carries at once."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from confhub.desks.registry import unit_line as desk
from confhub.errors import N_, BadInput
from confhub.units.site import read_streams
from confhub.units.unit import Unit
from confhub.words.texts import one_line
from web.pages.registry.shared import path_in_reach
from web.rendering.pages import redirect, render, words
from web.requests.auth import actor_of, local_date
from web.requests.form_body import posted_form
from web.services import SERVICES

_KEPT = N_("Đã lưu. Lịch họp được kiểm tra theo số luồng mới.")


async def show(request: web.Request) -> web.Response:
    """GET"""
    path = await path_in_reach(request, request.match_info["unit_id"], "edit_sites")
    unit_id = path[-1].id
    known = await request.app[SERVICES].store.unit_lines.streams([unit_id])
    return await _show(request, path, str(known.get(unit_id, "")))


async def keep(request: web.Request) -> web.Response:
    """POST"""
    path = await path_in_reach(request, request.match_info["unit_id"], "edit_sites")
    typed = one_line(str((await posted_form(request)).get("streams", "")))
    unit_id = path[-1].id
    try:
        streams = read_streams(typed)
    except BadInput as error:
        return await _show(request, path, typed, error)
    await desk.set_streams(request.app[SERVICES].store, actor_of(request), unit_id, streams)
    return redirect(request, f"/units/{unit_id}", words(request).gettext(_KEPT))


async def _show(
    request: web.Request, path: Sequence[Unit], typed: str, error: BadInput | None = None
) -> web.Response:
    units = request.app[SERVICES].store.units
    outline = await units.outline(path[-1].id, local_date(request), 1)
    return await render(
        request,
        "units/line.html",
        status=400 if error else 200,
        unit=path[-1],
        typed=typed,
        error=words(request).error(error) if error else "",
        sites=outline[0].sites if outline else 0,
    )
