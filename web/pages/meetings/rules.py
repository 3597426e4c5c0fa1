"""The rules of scheduling with what they need from the store."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.schedule import Draft, Surroundings, check_form
from confhub.words.texts import one_line
from web.meetings.invitable import host_tree
from web.pages.meetings.fields import Typed
from web.services import SERVICES


async def check(request: web.Request, typed: Typed) -> Draft:
    """The form as a Draft; FieldErrors with every field's message."""
    services = request.app[SERVICES]
    form = typed.as_form()
    tree = await host_tree(request, typed.host_unit_id, fresh=True)
    sites = {site.id: site for site in await services.store.sites.get_many(form.site_ids)}
    around = Surroundings(
        zone=services.zone,
        now=services.clock(),
        levels=await services.store.units.levels(),
        sites=sites,
        reach={typed.host_unit_id} if tree is not None else (),
        invitable=tree.units.keys() if tree is not None else (),
        calendar=await services.store.special_days.calendar(),
    )
    errors: dict[str, ConfhubError] = dict(typed.problems)
    try:
        draft = check_form(form, around)
    except FieldErrors as found:
        raise FieldErrors({**found.fields, **errors}) from None
    if errors:
        raise FieldErrors(errors)
    return draft


async def add_coded_sites(request: web.Request, typed: Typed) -> Typed:
    """Join the sites named by code, one a line, to those chosen; a wrong code is a problem."""
    lines = (one_line(line) for line in typed.site_codes.split("\n"))
    codes = dict.fromkeys(line for line in lines if line)
    if not codes:
        return typed
    store = request.app[SERVICES].store.sites
    found: list[str] = []
    for code in codes:
        site = await store.by_code(code.lower())
        if site is None:
            error = BadInput(N_("Không có điểm cầu mang mã “%(code)s”."), values={"code": code})
            return replace(typed, problems={**typed.problems, "site_ids": error})
        found.append(site.id)
    return replace(typed, site_ids=tuple(dict.fromkeys((*typed.site_ids, *found))))
