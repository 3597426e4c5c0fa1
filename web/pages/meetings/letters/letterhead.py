"""/units/{unit_id}/letterhead: how a unit's letters begin, and what units below have of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from confhub.desks.letters import forms as desk
from confhub.errors import N_, FieldErrors
from confhub.letters import press
from confhub.letters.forms import HEAD, PLACES, TEXTS, LetterForm, in_force, read_form
from confhub.letters.invitation import LIMITS, read, written
from confhub.letters.prefilling import About, made_up, prefilled
from confhub.units.unit import Unit
from web.pages.meetings.letters.files import file_answer
from web.pages.meetings.letters.letter import TEMPLATE
from web.pages.registry.shared import path_in_reach
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of
from web.requests.form_body import posted_form
from web.services import SERVICES

_KEPT = N_("Đã lưu mẫu giấy mời.")


async def show(request: web.Request) -> web.Response:
    """GET"""
    path = await _path(request)
    own = (await _forms(request, path)).get(path[-1].id)
    typed = dict(own.fields) if own is not None else {}
    return await _show(request, path, typed, hands_down=own is not None and own.hands_down)


async def keep(request: web.Request) -> web.Response:
    """POST: `as=preview` shows a letter of a meeting that is made up, else it is kept."""
    path = await _path(request)
    posted = await posted_form(request)
    typed = {name: str(posted.get(name, "")) for name in (*HEAD, *TEXTS)}
    hands_down = posted.get("hands_down") == "1"
    try:
        form = read_form(typed, hands_down=hands_down)
        if posted.get("as") == "preview":
            return file_answer(await _preview(request, path, form), "giay-moi-mau", "pdf")
    except FieldErrors as errors:
        return await _show(request, path, typed, hands_down=hands_down, errors=errors)
    unit_id = path[-1].id
    await desk.keep(request.app[SERVICES].store, actor_of(request), unit_id, form)
    return redirect(request, f"/units/{unit_id}/letterhead", words(request).gettext(_KEPT))


async def _path(request: web.Request) -> Sequence[Unit]:
    return await path_in_reach(request, request.match_info["unit_id"], "edit_units")


async def _forms(request: web.Request, path: Sequence[Unit]) -> Mapping[str, LetterForm]:
    store = request.app[SERVICES].store
    return await store.letter_forms.of_units([unit.id for unit in path])


async def _preview(request: web.Request, path: Sequence[Unit], form: LetterForm | None) -> bytes:
    """FieldErrors: what cannot be printed of it, as a letter's own form says it."""
    forms = dict(await _forms(request, path))
    forms.pop(path[-1].id, None)
    if form is not None:
        forms[path[-1].id] = form
    now = request.app[SERVICES].clock()
    about = _made_up(request, path[-1])
    typed = prefilled(about, in_force([unit.id for unit in path], forms), many=True)
    # What a unit's name lets expect of none is typed for each letter.
    typed = {**typed, **{name: typed[name] or "…" for name in ("place", "post")}}
    typed["symbol"] = typed["symbol"] or "KH"
    day = now.astimezone(about.zone).date()
    letter = written(read(typed), day, (), dated=False)
    return await press.pdf(TEMPLATE, letter, now, "a-2b")


def _made_up(request: web.Request, unit: Unit) -> About:
    services = request.app[SERVICES]
    today = services.clock().astimezone(services.zone).date()
    return made_up(unit.name, today, services.zone)


async def _show(
    request: web.Request,
    path: Sequence[Unit],
    typed: Mapping[str, str],
    *,
    hands_down: bool,
    errors: FieldErrors | None = None,
) -> web.Response:
    names = {unit.id: unit.name for unit in path}
    forms = {key: form for key, form in (await _forms(request, path)).items() if key != path[-1].id}
    above = in_force([unit.id for unit in path], forms)
    usual = prefilled(_made_up(request, path[-1]), {}, many=True)
    return await render(
        request,
        "units/letterhead.html",
        status=400 if errors else 200,
        unit=path[-1],
        typed={name: typed.get(name, "") for name in (*HEAD, *TEXTS)},
        hands_down=hands_down,
        inherited={name: (names[unit_id], text) for name, (unit_id, text) in above.items()},
        usual=usual,
        limits=LIMITS,
        places=PLACES,
        errors=field_messages(request, errors),
    )
