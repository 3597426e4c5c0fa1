"""Why somebody may not: their role that ended, or the one it takes; and who gives it.

Told of the viewer's own roles, of units that they may see, and of those who administer their own
unit or, where nobody does, the next above it: whatever was asked for, the names are the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.errors import ConfhubError, Forbidden
from confhub.people.account import ROLE_NAMES
from confhub.people.grant import Grant, in_force, is_over
from confhub.people.policy import may, may_ever, roles_for
from confhub.people.powers import NotAllowed
from web.rendering.pages import formats, words
from web.requests.auth import VIEWER, Viewer, local_date
from web.services import SERVICES

# One is asked; the others are for when they are away.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody who gives rights; the number may be empty. Units above one's own have no names."""

    name: str
    is_near: bool  # of the viewer's own unit
    phone: str


@dataclass(frozen=True, slots=True)
class Why:
    """Sentences in the viewer's language, and whom to ask."""

    reasons: Sequence[str] = ()
    administrators: Sequence[Administrator] = ()


async def explain(request: web.Request, error: ConfhubError) -> Why:
    """Nothing, where no right is missing, nobody is signed in, or the store cannot be read."""
    viewer: Viewer | None = request.get(VIEWER)
    if viewer is None or not isinstance(error, Forbidden) or error.code != Forbidden.code:
        return Why()
    try:
        reasons = await _reasons(request, viewer, error) if isinstance(error, NotAllowed) else []
        return Why(reasons, await _administrators(request, viewer))
    except ConfhubError:
        return Why()


async def _reasons(request: web.Request, viewer: Viewer, error: NotAllowed) -> list[str]:
    """Of the viewer's roles that allowed it or will, the one that ended last or begins first; else
    the roles that it takes."""
    services = request.app[SERVICES]
    now = services.clock()
    own = [
        grant
        for grant in await services.store.grants.of(viewer.account.id)
        if not in_force([grant], now) and _allows(grant, error)
    ]
    told = sorted(own, key=lambda grant: _distance(grant, now))[:1]
    if told:
        return [await _say_own(request, grant, now) for grant in told]
    return [await _say_needed(request, viewer, error)]


def _allows(grant: Grant, error: NotAllowed) -> bool:
    if not error.unit_path:
        return may_ever([grant], error.action)
    return may([grant], error.action, unit_path=error.unit_path)


def _distance(grant: Grant, now: dt.datetime) -> dt.timedelta:
    """How far its time is; one that was taken away otherwise comes first."""
    if is_over(grant, now) and grant.ends_at is not None:
        return now - grant.ends_at
    return grant.starts_at - now if grant.starts_at and grant.starts_at > now else dt.timedelta()


async def _say_own(request: web.Request, grant: Grant, now: dt.datetime) -> str:
    gettext = words(request).gettext
    values = {
        "role": gettext(ROLE_NAMES[grant.role]),
        "unit": await _unit_name(request, grant.unit_id),
    }
    if is_over(grant, now) and grant.ends_at is not None:
        values["when"] = _when(request, grant.ends_at)
        return gettext("Vai trò %(role)s của bạn ở %(unit)s đã kết thúc lúc %(when)s.") % values
    if grant.starts_at is not None and grant.starts_at > now:
        values["when"] = _when(request, grant.starts_at)
        return gettext("Vai trò %(role)s của bạn ở %(unit)s có hiệu lực từ %(when)s.") % values
    return gettext("Vai trò %(role)s của bạn ở %(unit)s không còn hiệu lực.") % values


def _when(request: web.Request, moment: dt.datetime) -> str:
    """13:00, 24/11/2026"""
    formatted = formats(request)
    return f"{formatted.time(moment)}, {formatted.short_date(moment)}"


async def _say_needed(request: web.Request, viewer: Viewer, error: NotAllowed) -> str:
    gettext = words(request).gettext
    roles = [gettext(ROLE_NAMES[role]) for role in roles_for(error.action)]
    values = {"roles": gettext(" hoặc ").join(roles)}
    if not error.unit_path:
        return gettext("Việc này cần vai trò %(roles)s.") % values
    if not viewer.may("see_units", error.unit_path):
        return gettext("Việc này cần vai trò %(roles)s ở đơn vị đó hoặc cấp trên.") % values
    values["unit"] = await _unit_name(request, error.unit_path[-1])
    return gettext("Việc này cần vai trò %(roles)s ở %(unit)s hoặc cấp trên.") % values


async def _unit_name(request: web.Request, unit_id: str) -> str:
    units = request.app[SERVICES].store.units
    return (await units.get(unit_id, local_date(request), ended=True)).name


async def _administrators(request: web.Request, viewer: Viewer) -> list[Administrator]:
    """Open accounts whose post administers the viewer's unit, else the next above that has any."""
    store, now = request.app[SERVICES].store, request.app[SERVICES].clock()
    for unit in reversed(await store.units.path(viewer.unit.id, local_date(request), ended=True)):
        posts = [
            account
            for account in await store.accounts.list([unit.id])
            if account.active and account.role == "admin" and account.id != viewer.account.id
        ]
        grants = await store.grants.of_many([account.id for account in posts])
        able = [one for one in posts if _administers(grants[one.id], one.id, now)][:MOST_NAMED]
        if able:
            people = await store.accounts.people([account.id for account in able])
            is_near = unit.id == viewer.unit.id
            return [Administrator(one.name, is_near, people[one.id].phone) for one in able]
    return []


def _administers(grants: Sequence[Grant], account_id: str, now: dt.datetime) -> bool:
    return any(grant.id == account_id and grant.role == "admin" for grant in in_force(grants, now))
