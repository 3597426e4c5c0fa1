"""Steps that files of units and sites, and the page of one unit, share: plan, tell, carry out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from confhub.desks import rights
from confhub.errors import Forbidden
from confhub.imports import units as unit_import
from confhub.imports.csv_table import MAX_PROBLEMS, CsvTable, Problem
from confhub.imports.report import Issued, Report, Shift, seal_of
from confhub.imports.shifts import PARENT, SUCCESSORS, unit_shifts
from confhub.imports.unit_lines import Aim
from confhub.long_work import in_turn
from confhub.people.actor import Actor
from confhub.people.policy import Action
from confhub.people.powers import Powers
from confhub.store import Store, Work
from confhub.trail.entry import Act
from confhub.units.records import UnitIndex, UnitPlan, UnitRecord
from confhub.units.use import Notice, say_use


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan of units with what it was made of, and how it is told."""

    index: UnitIndex
    plan: UnitPlan
    problems: Sequence[Problem]
    shifts: Sequence[Shift]
    seal: str

    def made_of(self, plan: UnitPlan) -> list[UnitRecord]:
        """The records that this plan, or a piece of it, rests on."""
        by_id = self.index.by_id
        return [by_id[unit_id] for unit_id in plan.rests_on if unit_id in by_id]

    def report(self, warnings: Sequence[Notice], *, done: bool) -> Report:
        plan = self.plan
        counts = (len(plan.new), len(plan.changes), plan.unchanged)
        return report_of(counts, self.problems, self.shifts, self.seal, warnings, done=done)


def acts_of(planned: Planned) -> list[Act]:
    """What a plan does, for the record: a line for each of its units."""
    plan = planned.plan
    ids = [*(one.id for one in plan.new), *(one.unit_id for one in plan.changes)]
    return [
        act_of(_action(shift), unit_id, shift)
        for unit_id, shift in zip(ids, planned.shifts, strict=True)
    ]


def act_of(action: str, unit_id: str, shift: Shift) -> Act:
    """The line on record of what a plan does to one unit."""
    detail = " ".join(filter(None, (shift.code, shift.name, shift.since)))
    changes = {change.label: (change.old, change.new) for change in shift.changes}
    return Act(action, unit_id, detail, changes)


def _action(shift: Shift) -> str:
    labels = {change.label for change in shift.changes}
    if shift.kind == "new":
        return "unit.added"
    if shift.kind == "ended" or SUCCESSORS in labels:
        return "unit.ended"
    return "unit.moved" if PARENT in labels else "unit.renamed"


async def reach(
    store: Store, actor: Actor, action: Action
) -> tuple[Powers | None, Collection[str] | None]:
    """What the actor may, and the ids of the units on which they may `action`; None: everything.

    Forbidden where that is nowhere.
    """
    if actor.is_house:
        return None, None
    powers = await rights.powers_of(store, actor.account_id, actor.now)
    tops = powers.tops(action)
    if any(top.parent_id is None for top in tops):
        return powers, None
    trees = [await store.units.tree(top.id, actor.today, ended=True) for top in tops]
    return powers, {unit.id for tree in trees for unit in tree}


async def plan_units(
    store: Store,
    index: UnitIndex,
    table: CsvTable,
    today: dt.date,
    within: Collection[str] | None,
    aims: Mapping[int, Aim] | None = None,
) -> Planned:
    levels = await store.units.levels()
    planning = (table, index, levels, today, within, aims)
    plan, problems = await in_turn(unit_import.plan_units, *planning)
    shifts = () if problems else await in_turn(unit_shifts, plan, index, levels, today)
    return Planned(index, plan, problems, shifts, await in_turn(seal_of, shifts))


async def say_uses(store: Store, planned: Planned, now: dt.datetime) -> tuple[Notice, ...]:
    """What the units that the plan ends have, in the order of the plan."""
    if planned.problems:
        return ()
    ending = [one.unit_id for one in planned.plan.changes if one.close_on is not None]
    uses = {use.unit_id: use for use in await store.imports.uses(ending, now)}

    def said() -> tuple[Notice, ...]:
        names = {unit_id: planned.index.by_id[unit_id].name_on(now.date()) for unit_id in uses}
        return tuple(
            notice
            for unit_id in ending
            if unit_id in uses
            for notice in say_use(uses[unit_id], names[unit_id], now.tzinfo)
        )

    return await in_turn(said)


async def work_aside(
    store: Store,
    actor: Actor,
    action: Action,
    powers: Powers | None,
    carry_out: Callable[[Work], Awaitable[None]],
) -> None:
    """Forbidden where the actor's reach is another than when the plan was made."""

    async def asked(work: Work) -> None:
        if powers is not None and (await rights.mine(work)).tops(action) != powers.tops(action):
            raise Forbidden
        await carry_out(work)

    await store.work_aside(actor, asked)


def report_of(
    counts: tuple[int, int, int],
    problems: Sequence[Problem],
    shifts: Sequence[Shift],
    seal: str,
    warnings: Sequence[Notice] = (),
    *,
    done: bool,
    issued: Sequence[Issued] = (),
    renewals: Sequence[Shift] = (),
) -> Report:
    shown = tuple(problems[:MAX_PROBLEMS])
    more = len(problems) - len(shown)
    said, made = tuple(warnings), tuple(issued)
    return Report(*counts, shown, more, done, said, shifts, seal, made, renewals)
