"""Accounts made from a CSV file, each with a password that is told once."""

from __future__ import annotations

import datetime as dt

from confhub.desks import rights
from confhub.desks.registry.plans import reach, report_of, work_aside
from confhub.errors import N_, Forbidden
from confhub.identity import new_id
from confhub.imports.accounts import (
    COLUMNS,
    AccountPlan,
    NewAccount,
    account_shifts,
    plan_accounts,
)
from confhub.imports.csv_table import CsvTable, Problem, read_table
from confhub.imports.report import Issued, Report, seal_of
from confhub.long_work import in_turn
from confhub.people.account import fold_login
from confhub.people.actor import Actor
from confhub.people.grant import Grant, post_of
from confhub.people.passwords import hash_password, new_password
from confhub.people.policy import may_grant, may_grant_until
from confhub.people.powers import Powers
from confhub.store import Store, Work
from confhub.units.records import UnitIndex

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
) -> Report:
    """Make the accounts of a file, as `import_units`; the report has their passwords, which stand
    nowhere else and are to be changed at the first sign-in.

    Conflict if a login name is taken at the same moment.
    """
    powers, within = await reach(store, actor, "manage_accounts")
    table = await in_turn(read_table, data, COLUMNS)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    logins = {fold_login(row.get("login")) for row in table.rows}
    known = {one.login: one for one in await store.accounts.by_logins(logins)}
    zone = actor.now.tzinfo or dt.UTC
    planning = (table, index, known, actor.now, zone, within)
    plan, problems = await in_turn(plan_accounts, *planning)
    if powers is not None:
        problems += await _check_gifts(store, actor, powers, table, plan)
    shifts = account_shifts(plan, index, actor.today) if not problems else ()
    now_seal = await in_turn(seal_of, shifts)
    done = not problems and not dry_run and seal in ("", now_seal)
    counts = (len(plan.new), 0, plan.unchanged)
    if not done:
        return report_of(counts, problems, shifts, now_seal, done=False)
    issued = [
        Issued(one.account.login, one.account.name, new_password(), _unit(index, one, actor))
        for one in plan.new
    ]
    hashes = [await hash_password(one.password) for one in issued]

    async def carry_out(work: Work) -> None:
        for one, password_hash in zip(plan.new, hashes, strict=True):
            await _make(work, one, password_hash)
        await work.audit("account.imported", detail=f"{name[:80]} {len(plan.new)}".strip())

    await work_aside(store, actor, "manage_accounts", powers, carry_out)
    return report_of(counts, problems, shifts, now_seal, issued=issued, done=True)


def _unit(index: UnitIndex, one: NewAccount, actor: Actor) -> str:
    return index.by_id[one.account.unit_id].name_on(actor.today)


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
            await work.grants.set_period(post_of(account, one.starts_at, ends_at))
        else:
            span = (one.starts_at, ends_at, actor.account_id, actor.now)
            grant = Grant(new_id(), account.id, role, account.unit_id, *span)
            await work.grants.add(grant)
            said = f"{grant.id} {role} {account.unit_id} until {ends_at or 'never'}"
            await work.audit("grant.given", subject=account.id, detail=said)
    said = f"{account.login} {account.role} {account.unit_id} active=True"
    await work.audit("account.added", subject=account.id, detail=said)
