"""Accounts made from a CSV file, each with a password that is told once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from confhub.desks import accounts, grants, rights
from confhub.desks.registry.plans import reach, report_of, work_aside
from confhub.errors import N_, Conflict, Forbidden
from confhub.identity import new_id
from confhub.imports.accounts import (
    COLUMNS,
    AccountPlan,
    NewAccount,
    account_shifts,
    check_count,
    check_lines,
    plan_accounts,
    renewal_shifts,
)
from confhub.imports.csv_table import CsvTable, Problem, read_table
from confhub.imports.report import Issued, Report, seal_of
from confhub.long_work import in_turn
from confhub.people.account import Account, fold_login
from confhub.people.actor import Actor
from confhub.people.grant import Grant, post_of
from confhub.people.passwords import hash_password, new_password
from confhub.people.policy import may_grant, may_grant_until
from confhub.people.powers import Powers
from confhub.store import Store, Work
from confhub.trail.values import changed
from confhub.units.records import UnitIndex

# An account's own values name its role and its unit.
_POST_VALUES = {name: grants.VALUES[name] for name in ("starts_at", "ends_at")}
# As many as a file may make new.
_PART = 200
_MAY_NOT = N_("Bạn không thể giao vai trò này.")
_OUTLASTS = N_("Vai trò quản trị của bạn hết hạn trước ngày này. Xin chọn ngày sớm hơn.")


async def import_accounts(
    store: Store,
    actor: Actor,
    data: bytes,
    *,
    dry_run: bool = False,
    name: str = "",
    seal: str = "",
    renew: bool = False,
) -> Report:
    """Make the accounts of a file, as `import_units`; the report has their passwords, which stand
    nowhere else and are to be changed at the first sign-in.

    `renew`: those of the file that are there, and that nobody entered yet, get new passwords too;
    an answer that got lost took the first ones along. Conflict if a login name is taken, or
    somebody signs in, at the same moment; BadInput for a file that is no table, or too long.
    """
    powers, within = await reach(store, actor, "manage_accounts")
    table = await in_turn(read_table, data, COLUMNS)
    check_lines(table)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    logins = {fold_login(row.get("login")) for row in table.rows}
    known = {one.login: one for one in await store.accounts.by_logins(logins)}
    held = await _held(store, [one.id for one in known.values()])
    zone = actor.now.tzinfo or dt.UTC
    planning = (table, index, known, held, actor.now, zone, within)
    plan, problems = await in_turn(plan_accounts, *planning)
    if powers is not None:
        problems += await _check_gifts(store, actor, powers, table, plan)
    waiting = await _waiting(store, actor, powers, plan, held) if not problems else ()
    renewed = waiting if renew else ()
    if renewed:
        problems += check_count(table, len(plan.new) + len(renewed))
    shifts = account_shifts(plan, index, actor.today) if not problems else ()
    renewals = renewal_shifts(waiting)
    now_seal = await in_turn(seal_of, (*shifts, *renewals))
    done = not problems and not dry_run and seal in ("", now_seal)
    counts = (len(plan.new), 0, len(plan.known))
    report = report_of(counts, problems, shifts, now_seal, renewals=renewals, done=done)
    if not done:
        return report
    issued = [
        Issued(one.login, one.name, new_password(), index.by_id[one.unit_id].name_on(actor.today))
        for one in (*(one.account for one in plan.new), *renewed)
    ]
    hashes = [await hash_password(one.password) for one in issued]

    async def carry_out(work: Work) -> None:
        for one, password_hash in zip(plan.new, hashes, strict=False):
            await _make(work, one, password_hash)
        await _renew(work, renewed, hashes[len(plan.new) :])
        said = f"{name[:80]} {len(plan.new)}{f' renewed={len(renewed)}' if renewed else ''}"
        await work.audit("account.imported", detail=said.strip())

    await work_aside(store, actor, "manage_accounts", powers, carry_out)
    return replace(report, issued=tuple(issued))


async def _held(store: Store, account_ids: Sequence[str]) -> dict[str, list[Grant]]:
    """What these accounts hold, in parts between which others have their turn."""
    found: dict[str, list[Grant]] = {}
    for start in range(0, len(account_ids), _PART):
        found |= await store.grants.of_many(account_ids[start : start + _PART])
    return found


async def _waiting(
    store: Store,
    actor: Actor,
    powers: Powers | None,
    plan: AccountPlan,
    held: Mapping[str, Sequence[Grant]],
) -> Sequence[Account]:
    """The plan's known accounts that nobody entered yet, and whose passwords the actor may set."""
    found = await store.accounts.unentered({one.login for one in plan.known})
    if powers is None or not found:
        return found
    theirs = {one.id: held[one.id] for one in found}
    able = await rights.commanded(store, powers, theirs, actor.now)
    return [one for one in found if one.id in able and one.id != actor.account_id]


async def _renew(work: Work, waiting: Sequence[Account], hashes: Sequence[str]) -> None:
    still = await work.accounts.unentered({one.login for one in waiting})
    if {one.id for one in waiting} - {one.id for one in still}:
        raise Conflict
    for one, password_hash in zip(waiting, hashes, strict=True):
        await accounts.reset_within(work, one.id, password_hash, issued=True)


async def _check_gifts(
    store: Store, actor: Actor, powers: Powers, table: CsvTable, plan: AccountPlan
) -> list[Problem]:
    """Roles that the actor may not give there, or not for so long."""
    rows = {row.line: row for row in table.rows}
    paths = await store.units.paths({one.account.unit_id for one in plan.new}, actor.today)
    problems = []
    for one in plan.new:
        path = [unit.id for unit in paths.get(one.account.unit_id, ())]
        mine, row = powers.grants, rows[one.line]
        if not all(may_grant(mine, role, unit_path=path) for role in one.roles):
            problems.append(table.problem(row, "roles", _MAY_NOT))
        elif one.ends_at is not None and not all(
            may_grant_until(mine, role, one.ends_at, unit_path=path) for role in one.roles
        ):
            problems.append(table.problem(row, "last", _OUTLASTS))
    return problems


async def _make(work: Work, one: NewAccount, password_hash: str) -> None:
    """The account with its roles; whoever administers for a time makes them for that time."""
    account, actor = one.account, work.actor
    await work.accounts.add(account, password_hash, one.person)
    for role in one.roles:
        if not await rights.may_give(work, role, account.unit_id):
            raise Forbidden
        ends_at = one.ends_at or await rights.gift_ends_at(work, role, account.unit_id)
        if not await rights.may_give_until(work, role, account.unit_id, ends_at):
            raise Forbidden
        if role == account.role:
            post = post_of(account, one.starts_at, ends_at)
            await work.grants.set_period(post)
            said = f"{account.login} {account.role} {account.unit_id} active=True"
            values = changed(None, (account, one.person), accounts.VALUES)
            values = {**values, **changed(None, post, _POST_VALUES)}
            await work.audit("account.added", subject=account.id, detail=said, changes=values)
        else:
            span = (one.starts_at, ends_at, actor.account_id, actor.now)
            grant = Grant(new_id(), account.id, role, account.unit_id, *span)
            await work.grants.add(grant)
            said = f"{grant.id} {role} {account.unit_id} until {ends_at or 'never'}"
            values = changed(None, grant, grants.VALUES)
            await work.audit("grant.given", subject=account.id, detail=said, changes=values)
