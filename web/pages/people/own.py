"""/account: who one is here, how one is reached, what one may do, and what one handed over."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from confhub.desks.people import change_person
from confhub.errors import N_, FieldErrors
from confhub.people.grant import holds, is_over
from confhub.people.person import Person
from confhub.words.texts import one_line
from web.pages.people.grant_rows import grant_rows
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """GET /account"""
    viewer = require_viewer(request)
    person = await request.app[SERVICES].store.accounts.person(viewer.account.id)
    return await _page(request, person)


async def save(request: web.Request) -> web.Response:
    """POST /account: e-mail and telephone; the rest is the administrator's to say."""
    viewer, services = require_viewer(request), request.app[SERVICES]
    fields = await posted_form(request)
    known = await services.store.accounts.person(viewer.account.id)
    person = replace(
        known,
        email=one_line(str(fields.get("email", ""))),
        phone=one_line(str(fields.get("phone", ""))),
    )
    try:
        await change_person(services.store, actor_of(request), person)
    except FieldErrors as errors:
        return await _page(request, person, errors)
    return redirect(request, "/account", words(request).gettext(N_("Đã lưu.")))


async def _page(
    request: web.Request, person: Person, errors: FieldErrors | None = None
) -> web.Response:
    viewer, services = require_viewer(request), request.app[SERVICES]
    problems = field_messages(request, errors)
    now = services.clock()
    own = await services.store.grants.of(viewer.account.id)
    given = await services.store.grants.handed_over_by(viewer.account.id)
    able = {
        grant.id
        for grant in own
        if grant.role != "site" and not grant.is_handed_over and holds(grant, now)
    }
    return await render(
        request,
        "accounts/own.html",
        status=400 if problems else 200,
        person=person,
        problems=problems,
        rows=await grant_rows(request, own),
        given=await grant_rows(request, given),
        able=able,
        ends={g.id for g in (*own, *given) if g.is_handed_over and not is_over(g, now)},
    )
