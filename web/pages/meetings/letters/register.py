"""/units/{unit_id}/letters: the register of a unit's letters this year, and where it begins."""

from __future__ import annotations

from aiohttp import web

from confhub.desks.letters import issuing as desk
from confhub.errors import N_, FieldErrors
from confhub.letters.issued import MOST_NUMBER
from confhub.words.texts import small_number
from web.pages.registry.shared import path_in_reach
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of, local_date
from web.requests.form_body import posted_form
from web.services import SERVICES

_BEGUN = N_("Đã đặt số đầu của sổ.")


async def show(request: web.Request) -> web.Response:
    """GET"""
    return await _show(request, "1")


async def begin(request: web.Request) -> web.Response:
    """POST: the first number of this year."""
    unit_id = request.match_info["unit_id"]
    await path_in_reach(request, unit_id, "edit_units")
    typed = str((await posted_form(request)).get("first", "")).strip()
    store, actor = request.app[SERVICES].store, actor_of(request)
    try:
        await desk.begin_register(store, actor, unit_id, small_number(typed))
    except FieldErrors as errors:
        return await _show(request, typed, errors)
    return redirect(request, f"/units/{unit_id}/letters", words(request).gettext(_BEGUN))


async def _show(
    request: web.Request, typed: str, errors: FieldErrors | None = None
) -> web.Response:
    path = await path_in_reach(request, request.match_info["unit_id"], "edit_units")
    year = local_date(request).year
    return await render(
        request,
        "units/letters.html",
        status=400 if errors else 200,
        unit=path[-1],
        year=year,
        register=await request.app[SERVICES].store.letters.register(path[-1].id, year),
        typed=typed,
        most=MOST_NUMBER,
        errors=field_messages(request, errors),
    )
