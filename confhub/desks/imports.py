"""Imports of units and sites from CSV files: read, check, report, and only then carry out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from confhub.desks import rights
from confhub.errors import Forbidden
from confhub.imports import sites as site_import
from confhub.imports import unit_lines
from confhub.imports import units as unit_import
from confhub.imports.csv_table import MAX_PROBLEMS, Problem, read_table
from confhub.long_work import in_turn
from confhub.people.actor import Actor
from confhub.people.policy import Action
from confhub.people.powers import Powers
from confhub.store import Store, Work
from confhub.units.records import UnitIndex, UnitPlan
from confhub.units.use import Notice, say_use


@dataclass(frozen=True, slots=True)
class Report:
    """What a file does or would do. With problems, nothing was done."""

    new: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]  # by line, at most MAX_PROBLEMS
    more_problems: int = 0
    done: bool = False
    warnings: tuple[Notice, ...] = ()  # what units that end leave behind, by name

    @property
    def good(self) -> bool:
        return not self.problems

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.unchanged


async def import_units(
    store: Store, actor: Actor, data: bytes, *, dry_run: bool = False, name: str = ""
) -> Report:
    """Import a unit file; BadInput or TooLarge if it is no such table at all.

    On record as from the file of that `name`. Forbidden for who may edit no units; a line of one
    out of their reach is a fault of the file.
    """
    powers, within = await _reach(store, actor, "edit_units")
    table = await in_turn(read_table, data, unit_lines.COLUMNS)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    levels, today = await store.units.levels(), actor.today
    plan, problems = await in_turn(unit_import.plan_units, table, index, levels, today, within)
    warnings = () if problems else await _say_uses(store, index, plan, actor.now)
    done = not problems and not dry_run
    report = _report(len(plan.new), len(plan.changes), plan.unchanged, problems, done)
    if done:

        async def carry_out(work: Work) -> None:
            await work.imports.carry_out_units(plan)
            await work.audit("unit.imported", detail=_said(name, report))

        await _aside(store, actor, "edit_units", powers, carry_out)
    return replace(report, warnings=warnings)


async def _say_uses(
    store: Store, index: UnitIndex, plan: UnitPlan, now: dt.datetime
) -> tuple[Notice, ...]:
    """What the units that the plan ends have, in the order of the plan."""
    ending = [change.unit_id for change in plan.changes if change.close_on is not None]
    uses = {use.unit_id: use for use in await store.imports.uses(ending, now)}
    return tuple(
        notice
        for unit_id in ending
        if unit_id in uses
        for notice in say_use(uses[unit_id], index.by_id[unit_id].name_on(now.date()), now.tzinfo)
    )


async def import_sites(
    store: Store, actor: Actor, data: bytes, *, dry_run: bool = False, name: str = ""
) -> Report:
    """Import a site file, as `import_units`."""
    powers, within = await _reach(store, actor, "edit_sites")
    table = await in_turn(read_table, data, site_import.COLUMNS)
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    known = {site.code: site for site in await store.sites.list()}
    plan, problems = await in_turn(site_import.plan_sites, table, index, known, actor.today, within)
    done = not problems and not dry_run
    report = _report(len(plan.new), len(plan.changed), plan.unchanged, problems, done)
    if done:

        async def carry_out(work: Work) -> None:
            await work.imports.carry_out_sites(plan)
            await work.audit("site.imported", detail=_said(name, report))

        await _aside(store, actor, "edit_sites", powers, carry_out)
    return report


async def _reach(
    store: Store, actor: Actor, action: Action
) -> tuple[Powers | None, Collection[str] | None]:
    """What the actor may, and the ids of the units on which they may `action`; None: everything."""
    if actor.is_house:
        return None, None
    powers = await rights.powers_of(store, actor.account_id, actor.now)
    tops = powers.tops(action)
    if any(top.parent_id is None for top in tops):
        return powers, None
    trees = [await store.units.tree(top.id, actor.today, ended=True) for top in tops]
    return powers, {unit.id for tree in trees for unit in tree}


async def _aside(
    store: Store,
    actor: Actor,
    action: Action,
    powers: Powers | None,
    carry_out: Callable[[Work], Awaitable[None]],
) -> None:
    """Forbidden where the actor's reach is another than when the file was read."""

    async def asked(work: Work) -> None:
        if powers is not None and (await rights.mine(work)).tops(action) != powers.tops(action):
            raise Forbidden
        await carry_out(work)

    await store.work_aside(actor, asked)


def _said(name: str, report: Report) -> str:
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
    return f"{name[:80]} {counts}".strip()


def _report(new: int, changed: int, unchanged: int, problems: list[Problem], done: bool) -> Report:
    shown = tuple(problems[:MAX_PROBLEMS])
    return Report(new, changed, unchanged, shown, len(problems) - len(shown), done)
