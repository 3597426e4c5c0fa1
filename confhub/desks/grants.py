"""Rights: given by an administrator, handed over by who holds them, ended before their time.

NotFound for accounts and rights that the actor has no say in.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from confhub.bus.news import ACCOUNTS_TOPIC, AccountNews
from confhub.desks import rights
from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors, Forbidden, NotFound
from confhub.people.account import Account
from confhub.people.actor import Actor
from confhub.people.grant import (
    MAX_REASON_LENGTH,
    Grant,
    by_use,
    check_handover,
    check_may_hand_over,
    check_period,
    is_over,
)
from confhub.store import Store, Work
from confhub.trail.entry import Changes
from confhub.trail.values import Table, changed

VALUES: Table[Grant] = {
    "role": lambda one: one.role,
    "unit_id": lambda one: one.unit_id,
    "starts_at": lambda one: one.starts_at,
    "ends_at": lambda one: one.ends_at,
    "reason": lambda one: one.reason,
    "given_by": lambda one: one.given_by,
}
_NOT_ONES_OWN = N_("Bạn không thể tự kết thúc vai trò của mình. Xin nhờ một quản trị khác.")
_TAKEN = N_("Người này không nhận ủy quyền được. Xin chọn người khác cùng đơn vị.")
_OUTLASTS = N_("Vai trò quản trị của bạn hết hạn trước ngày này. Xin chọn ngày sớm hơn.")
_HANDED_ALREADY = N_("Bạn đã ủy quyền vai trò này cho người này trong thời gian đó.")
_LENT_OFTEN = N_(
    "Bạn đã ủy quyền vai trò này cho người này %(count)s lần chưa hết hạn."
    " Xin kết thúc bớt một lần."
)
_LENT_ENOUGH = N_("Người này đang nhận quá nhiều ủy quyền. Xin chọn người khác.")
# Somebody who has served in every office of a province has had fewer, and all are read at each
# request.
MOST_GRANTS = 50
# What others lend is counted apart, so that nobody's colleagues keep an administrator from giving
# a role: for a few absences at once, and for those that each colleague knows of beforehand.
MOST_LENT = 20
MOST_LENT_OF_ONE = 3


async def give(store: Store, actor: Actor, grant: Grant) -> None:
    """Give `grant`, new, to its account; the same given again under its id stays as it is.

    FieldErrors for its fields; Conflict where the id is that of another.
    """
    async with store.work(actor, grant.id, sent=_asked(grant)) as work:
        if work.done:
            return
        account = await work.accounts.get(grant.account_id)
        await rights.require_reach(work, "manage_accounts", account.unit_id)
        problems = check_period(grant.starts_at, grant.ends_at, actor.now)
        if not await _stands(work, grant.unit_id):
            problems["unit_id"] = BadInput(N_("Xin chọn đơn vị của bạn hoặc đơn vị trực thuộc."))
        elif not await rights.may_give_until(work, grant.role, grant.unit_id, grant.ends_at):
            if await rights.may_give(work, grant.role, grant.unit_id):
                problems.setdefault("last", BadInput(_OUTLASTS))
            else:
                problems["role"] = BadInput(N_("Bạn không thể giao vai trò này."))
        _check_reason(grant.reason, problems)
        held = await work.grants.of(account.id)
        if not problems and any(_is_same(grant, other, actor.now) for other in held):
            problems["role"] = BadInput(N_("Người này đã có vai trò này ở đơn vị này."))
        if problems:
            raise FieldErrors(problems)
        await _add(work, dataclasses.replace(grant, source=None), held, "grant.given")


async def end(store: Store, actor: Actor, grant_id: str, ends_at: dt.datetime | None) -> Grant:
    """Let a right end at another time, `actor.now` being at once; None: never.

    An administrator may for every right they could give as it stands, so that who administers for a
    day ends nobody's post; who handed it over, and who holds what was handed over, may shorten it.
    NotFound for everybody else. Returns the right as it was; the end that it has changes nothing.
    """
    async with store.work(actor) as work:
        grant = await work.grants.get(grant_id)
        manages = await rights.may_give_until(work, grant.role, grant.unit_id, grant.ends_at)
        partner = grant.is_handed_over and actor.account_id in (grant.given_by, grant.account_id)
        if not manages and not partner:
            raise NotFound
        if manages and actor.account_id == grant.account_id and not grant.is_handed_over:
            raise Forbidden(_NOT_ONES_OWN, code="ones_own")
        if grant.ends_at is not None and grant.ends_at <= actor.now:
            raise Conflict(N_("Vai trò này đã kết thúc."))
        if ends_at is not None and ends_at < actor.now:
            raise FieldErrors(check_period(None, ends_at, actor.now))
        longer = ends_at is None or (grant.ends_at is not None and ends_at > grant.ends_at)
        if grant.is_handed_over and longer:
            problem = BadInput(N_("Ủy quyền chỉ rút ngắn được. Cần dài hơn thì ủy quyền lại."))
            raise FieldErrors({"last": problem})
        if longer and not await rights.may_give_until(work, grant.role, grant.unit_id, ends_at):
            raise FieldErrors({"last": BadInput(_OUTLASTS)})
        if ends_at == grant.ends_at:
            return grant
        await work.grants.set_end(grant, ends_at)
        ended = dataclasses.replace(grant, ends_at=ends_at)
        said = changed(grant, ended, VALUES)
        await _note(work, grant, "grant.ended", f"until {ends_at or 'never'}", said)
    return grant


async def hand_over(store: Store, actor: Actor, grant: Grant) -> None:
    """Hand `grant.source`, the actor's own, over to `grant.account_id` for a time; the same again
    under its id stays as it is.

    NotFound for a right of somebody else; FieldErrors (`taker`, `last`, `reason`); Conflict as
    `give`.
    """
    if grant.source is None:
        raise NotFound
    async with store.work(actor, grant.id, sent=(_asked(grant), grant.source.id)) as work:
        if work.done:
            return
        source = await _own(work, grant.source.id)
        check_may_hand_over(source, actor.now)
        problems = check_handover(source, grant.starts_at, grant.ends_at, actor.now)
        takers = {account.id for account in await colleagues(work, source)}
        if grant.account_id not in takers:
            problems["taker"] = BadInput(_TAKEN)
        _check_reason(grant.reason, problems)
        held = await work.grants.of(grant.account_id)
        lent = [one for one in held if one.is_handed_over and not is_over(one, actor.now)]
        if any(_overlaps(grant, other, actor.now) for other in lent):
            problems.setdefault("taker", BadInput(_HANDED_ALREADY))
        of_this = sum(one.source is not None and one.source.id == source.id for one in lent)
        if of_this >= MOST_LENT_OF_ONE:
            enough = BadInput(_LENT_OFTEN, values={"count": of_this})
            problems.setdefault("taker", enough)
        elif len(lent) >= MOST_LENT:
            problems.setdefault("taker", BadInput(_LENT_ENOUGH))
        if problems:
            raise FieldErrors(problems)
        made = dataclasses.replace(
            grant,
            role=source.role,
            unit_id=source.unit_id,
            source=source,
            given_by=actor.account_id,
        )
        await _add(work, made, held, "grant.handed_over")


async def colleagues(repositories: Store | Work, grant: Grant) -> list[Account]:
    """Who may take a right over: people of its unit, by name; not the holder, not a room."""
    found = await repositories.accounts.list([grant.unit_id])
    able = [a for a in found if a.active and a.role != "site" and a.id != grant.account_id]
    return sorted(able, key=lambda account: account.name)


def _asked(grant: Grant) -> Grant:
    """What was asked for, whenever, and however what it rests on has changed since."""
    return dataclasses.replace(grant, given_at=None, source=None)


async def _own(work: Work, grant_id: str) -> Grant:
    held = await work.grants.of(work.actor.account_id)
    for grant in held:
        if grant.id == grant_id:
            return grant
    raise NotFound


async def _add(work: Work, grant: Grant, held: Sequence[Grant], action: str) -> None:
    now = work.actor.now
    if not grant.is_handed_over and sum(not one.is_handed_over for one in held) >= MOST_GRANTS:
        raise Conflict(N_("Tài khoản này đã có quá nhiều vai trò."))
    # What was lent and is over makes room, the oldest first; its lines in the audit stay.
    over = [one for one in by_use(held, now) if one.is_handed_over and is_over(one, now)]
    for one in over[MOST_LENT - 1 :]:
        await work.grants.forget(one)
    await work.grants.add(grant)
    said = changed(None, grant, VALUES)
    await _note(work, grant, action, f"until {grant.ends_at or 'never'}", said)


async def _note(work: Work, grant: Grant, action: str, detail: str, changes: Changes) -> None:
    """The role and the unit stand in each line, changed or not: an account has several."""
    told = f"{grant.role} {grant.unit_id} {detail} {grant.reason}".strip()
    which = {name: (getattr(grant, name), getattr(grant, name)) for name in ("role", "unit_id")}
    await work.audit(
        action,
        subject=grant.account_id,
        detail=f"{grant.id} {told}",
        changes={**which, **changes},
    )
    resting = await work.grants.handed_over_by(grant.account_id)
    for account_id in sorted({grant.account_id, *(other.account_id for other in resting)}):
        await work.tell(ACCOUNTS_TOPIC, AccountNews(account_id))


async def _stands(work: Work, unit_id: str) -> bool:
    try:
        await work.units.path(unit_id, work.actor.today)
    except NotFound:
        return False
    return True


def _is_same(grant: Grant, other: Grant, now: dt.datetime) -> bool:
    """Whether `other` gives at least what `grant` would."""
    return (
        not other.is_handed_over
        and (other.role, other.unit_id) == (grant.role, grant.unit_id)
        and (
            other.ends_at is None or (grant.ends_at is not None and grant.ends_at <= other.ends_at)
        )
        and (other.starts_at is None or other.starts_at <= max(grant.starts_at or now, now))
    )


def _overlaps(grant: Grant, other: Grant, now: dt.datetime) -> bool:
    """Whether `other` lends the same for some of the same time."""
    if other.source is None or grant.source is None or other.source.id != grant.source.id:
        return False
    return (other.ends_at is None or other.ends_at > (grant.starts_at or now)) and (
        grant.ends_at is None or (other.starts_at or now) < grant.ends_at
    )


def _check_reason(reason: str, problems: dict[str, ConfhubError]) -> None:
    if len(reason) > MAX_REASON_LENGTH:
        problems["reason"] = BadInput(
            N_("Lý do nhiều nhất %(max)s ký tự."), values={"max": MAX_REASON_LENGTH}
        )
