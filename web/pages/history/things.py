"""/accounts/…/history, /sites/…/history, /units/…/history: who did what to it, the first first.

Those read it who may change the thing: it names who did what, and the old values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby

from aiohttp import web

from confhub.trail.entry import AuditEntry
from confhub.trail.story import Thing
from web.pages.history.export import USUAL_DAYS
from web.pages.history.paged import asked_acts
from web.pages.history.thing_words import Names, ThingTeller
from web.pages.people.reach import account_in_reach
from web.pages.registry.shared import path_in_reach
from web.rendering.pages import formats, render, words
from web.requests.auth import local_date, require_viewer
from web.services import SERVICES


async def of_account(request: web.Request) -> web.Response:
    """GET /accounts/{account_id}/history"""
    account = await account_in_reach(request)
    return await _show(request, "account", account.id, account.name, f"/accounts/{account.id}")


async def of_site(request: web.Request) -> web.Response:
    """GET /sites/{site_id}/history"""
    site = await request.app[SERVICES].store.sites.get(request.match_info["site_id"])
    await path_in_reach(request, site.unit_id, "edit_sites")
    return await _show(request, "site", site.id, site.name, f"/sites/{site.id}")


async def of_unit(request: web.Request) -> web.Response:
    """GET /units/{unit_id}/history"""
    path = await path_in_reach(request, request.match_info["unit_id"], "edit_units")
    unit = path[-1]
    may_take = require_viewer(request).may("manage_accounts", path)
    today = local_date(request)
    days = (today - dt.timedelta(days=USUAL_DAYS), today) if may_take else None
    return await _show(request, "unit", unit.id, unit.name, f"/units/{unit.id}", days)


async def _show(
    request: web.Request,
    thing: Thing,
    subject: str,
    name: str,
    page: str,
    file_days: tuple[dt.date, dt.date] | None = None,
) -> web.Response:
    """`file_days`: what a file of the record holds unless other days are asked for; None: there is
    no such file for the viewer."""
    acts, paging = await asked_acts(request, thing, subject)
    formatted = formats(request)
    names = await _names(request, acts)
    teller = ThingTeller(words(request), names, formatted.datetime, formatted.short_date)
    told = [teller.tell(act) for act in acts]
    days = groupby(told, lambda one: formatted.local(one.at).date())
    return await render(
        request,
        "history/thing.html",
        name=name,
        page=page,
        days=[(day, list(found)) for day, found in days],
        paging=paging,
        file_days=file_days,
    )


async def _names(request: web.Request, acts: Iterable[AuditEntry]) -> Names:
    store = request.app[SERVICES].store
    people: set[str] = set()
    units: set[str] = set()
    for act in acts:
        people.add(act.account_id)
        for name, values in act.changes.items():
            if name == "given_by":
                people.update(one for one in values if one)
            elif name in ("unit_id", "centre_id"):
                units.update(one for one in values if one)
    known = await store.accounts.people(people - {""})
    return Names(
        {one: person.name for one, person in known.items()},
        await store.units.names(units, local_date(request)),
    )
