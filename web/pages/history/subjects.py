"""What lines of the record are about, by name: units and sites by their names of the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from aiohttp import web

from confhub.trail.chain import Line, Sealed
from confhub.trail.story import Thing, things_of
from web.meetings.names import sites_on, unit_names
from web.services import SERVICES


async def account_names(request: web.Request, page: Iterable[Sealed]) -> Mapping[str, str]:
    """Who acted, by the account's id."""
    ids = {one.line.account_id for one in page} - {""}
    known = await request.app[SERVICES].store.accounts.people(ids)
    return {account_id: person.name for account_id, person in known.items()}


async def subject_names(request: web.Request, page: Iterable[Sealed]) -> Mapping[str, str]:
    """By the lines' ids, where the subject has a name; asked for at once for all of them."""
    store, lines = request.app[SERVICES].store, [one.line for one in page]

    def about(thing: Thing) -> dict[str, Line]:
        return {line.id: line for line in lines if thing in things_of(line.action)}

    def dated(thing: Thing) -> Mapping[str, tuple[str, dt.datetime]]:
        return {key: (line.subject, line.at) for key, line in about(thing).items()}

    meetings, accounts = about("meeting"), about("account")
    titles = {
        one.id: one.title
        for one in await store.meetings.many({line.subject for line in meetings.values()})
    }
    people = await store.accounts.people({line.subject for line in accounts.values()})
    names = titles | {account_id: person.name for account_id, person in people.items()}
    return {
        **{key: names.get(line.subject, "") for key, line in (meetings | accounts).items()},
        **await unit_names(request, dated("unit")),
        # Behind the units: a blocking is of either.
        **{key: site.name for key, site in (await sites_on(request, dated("site"))).items()},
    }
