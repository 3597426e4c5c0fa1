"""Rights as a page tells them: what may be done, where, from when to when, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from confhub.errors import N_
from confhub.people.account import ROLE_NAMES
from confhub.people.grant import Grant, by_use, holds, is_over, last_day
from web.pages.people.account_form import ROLE_NOTES
from web.rendering.pages import formats, words
from web.requests.auth import local_date
from web.services import SERVICES

State = Literal["held", "to_come", "over", "resting"]
_STATES = {
    "held": ("good", N_("Đang có hiệu lực")),
    "to_come": ("info", N_("Chưa đến ngày")),
    "over": ("absent", N_("Đã kết thúc")),
    "resting": ("absent", N_("Không có hiệu lực")),
}


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant in the viewer's language. `last` is None where it never ends."""

    grant: Grant
    holder: str
    role: str
    note: str
    unit: str
    first: dt.date | None
    last: dt.date | None
    state: State
    badge: str
    state_word: str
    why: str

    @property
    def is_over(self) -> bool:
        return self.state == "over"


async def grant_rows(request: web.Request, grants: Sequence[Grant]) -> list[GrantRow]:
    """`grants` as `by_use` has them."""
    services = request.app[SERVICES]
    store, now, zone = services.store, services.clock(), services.zone
    unit_ids = {grant.unit_id for grant in grants}
    units = {u.id: u for u in await store.units.get_many(unit_ids, local_date(request), ended=True)}
    ids = {account for g in grants for account in (g.given_by, g.account_id) if account}
    people = await store.accounts.people(ids)
    catalogue = words(request)
    rows = []
    for grant in by_use(grants, now):
        state = _state(grant, now)
        badge, word = _STATES[state]
        giver = people.get(grant.given_by)
        rows.append(
            GrantRow(
                grant=grant,
                holder=people[grant.account_id].name,
                role=catalogue.gettext(ROLE_NAMES[grant.role]),
                note=catalogue.gettext(ROLE_NOTES[grant.role]),
                unit=units[grant.unit_id].name if grant.unit_id in units else "",
                first=grant.starts_at.astimezone(zone).date() if grant.starts_at else None,
                last=last_day(grant.ends_at, zone) if grant.ends_at else None,
                state=state,
                badge=badge,
                state_word=catalogue.gettext(word),
                why=_why(request, grant, giver.name if giver else ""),
            )
        )
    return rows


def _state(grant: Grant, now: dt.datetime) -> State:
    if holds(grant, now):
        return "held"
    if is_over(grant, now):
        return "over"
    if grant.starts_at is not None and now < grant.starts_at:
        return "to_come"
    return "resting"


def _why(request: web.Request, grant: Grant, giver: str) -> str:
    gettext, formatted = words(request).gettext, formats(request)
    if grant.is_post:
        said = gettext(N_("Vai trò chính của tài khoản"))
    elif grant.is_handed_over:
        said = gettext(N_("%(name)s ủy quyền")) % {"name": giver}
    elif giver and grant.given_at is not None:
        day = formatted.short_date(grant.given_at)
        said = gettext(N_("%(name)s giao ngày %(day)s")) % {"name": giver, "day": day}
    else:
        said = gettext(N_("Giao từ máy chủ"))
    return f"{said}: {grant.reason}" if grant.reason else said
