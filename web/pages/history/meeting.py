"""/meetings/{meeting_id}/history: who did what to a meeting, in words, the first first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby

from aiohttp import web

from confhub.trail.entry import AuditEntry
from web.meetings.access import see_meeting
from web.meetings.names import sites_on, units_at
from web.pages.history.paged import asked_acts
from web.pages.history.words import Names, Teller
from web.rendering.pages import formats, language_of, render, span, words
from web.services import SERVICES


async def show(request: web.Request) -> web.Response:
    """Those read it who may change the meeting: it names who did what, and why."""
    meeting = (await see_meeting(request, to_change=True)).meeting
    acts, paging = await asked_acts(request, "meeting", meeting.id)
    formatted = formats(request)

    def worded(starts_at: dt.datetime, ends_at: dt.datetime) -> str:
        return f"{span(request, starts_at, ends_at)}, {formatted.date(starts_at)}"

    names = await _names(request, acts, meeting.starts_at)
    teller = Teller(words(request), language_of(request), names, worded, formatted.datetime)
    told = [teller.tell(act) for act in acts]
    days = groupby(told, lambda one: formatted.local(one.at).date())
    return await render(
        request,
        "history/meeting.html",
        meeting=meeting,
        days=[(day, list(acts)) for day, acts in days],
        paging=paging,
    )


async def _names(request: web.Request, acts: Iterable[AuditEntry], at: dt.datetime) -> Names:
    """Units and sites as the meeting's page names them."""
    store = request.app[SERVICES].store
    account_ids: set[str] = set()
    site_ids: set[str] = set()
    unit_ids: set[str] = set()
    for act in acts:
        account_ids.add(act.account_id)
        site_ids.add(act.detail)
        if act.action.startswith("agreement."):
            unit_ids.add(act.detail)
        for name, values in act.changes.items():
            if name == "sites":
                site_ids.update(*values)
            elif name == "chair_site_id":
                site_ids.update(value for value in values if value)
            elif name == "host_unit_id":
                unit_ids.update(value for value in values if value)
    sites = await sites_on(request, {one: (one, at) for one in site_ids})
    units = await units_at(request, unit_ids, at)
    known = await store.accounts.people(account_ids - {""})
    return Names(
        {one: person.name for one, person in known.items()},
        {site_id: one.name for site_id, one in sites.items()},
        {one: name for one, name in units.items() if name},
        {level.id: level for level in await store.units.levels()},
    )
