"""Whose account a page is about, and whether the viewer may see or change it."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from confhub.desks import rights
from confhub.errors import Forbidden, NotFound
from confhub.people.account import Account
from confhub.people.grant import Grant, is_over
from confhub.people.policy import may_grant_until
from web.requests.auth import local_date, local_time, require_viewer
from web.services import SERVICES


async def account_in_reach(request: web.Request) -> Account:
    """The account of the address; NotFound outside the viewer's reach, as if it were not there."""
    account = await request.app[SERVICES].store.accounts.get(request.match_info["account_id"])
    path = await unit_path_ids(request, account.unit_id)
    if not require_viewer(request).may("manage_accounts", path):
        raise NotFound
    return account


async def commanded_account(request: web.Request) -> Account:
    """As `account_in_reach`, to ask before it is changed; Forbidden where it holds more."""
    account = await account_in_reach(request)
    if not await commands(request, await request.app[SERVICES].store.grants.of(account.id)):
        raise Forbidden(rights.HOLDS_MORE, code="holds_more")
    return account


async def commands(request: web.Request, grants: Sequence[Grant]) -> bool:
    """Whether the viewer could give everything that an account of these grants has, or will."""
    store = request.app[SERVICES].store
    return await rights.commands(store, require_viewer(request), grants, local_time(request))


async def endable(request: web.Request, grants: Sequence[Grant]) -> list[Grant]:
    """Those that the viewer may end: what they could give as it stands, but for their own."""
    viewer, now = require_viewer(request), request.app[SERVICES].clock()
    paths = await _paths(request, grants)
    return [
        grant
        for grant in grants
        if not is_over(grant, now)
        and grant.account_id != viewer.account.id
        and may_grant_until(
            viewer.grants, grant.role, grant.ends_at, unit_path=paths.get(grant.unit_id, ())
        )
    ]


async def _paths(request: web.Request, grants: Sequence[Grant]) -> dict[str, list[str]]:
    units = request.app[SERVICES].store.units
    unit_ids = {grant.unit_id for grant in grants}
    paths = await units.paths(unit_ids, local_date(request), ended=True)
    return {unit_id: [unit.id for unit in path] for unit_id, path in paths.items()}


async def unit_path_ids(request: web.Request, unit_id: str) -> Sequence[str]:
    """Ids from the root to a unit, as it stands or stood last; empty: there is none."""
    store = request.app[SERVICES].store
    return [unit.id for unit in await rights.path_to(store, unit_id, local_date(request))]
