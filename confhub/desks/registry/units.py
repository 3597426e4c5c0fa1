"""Use cases of one unit: added, renamed, moved, ended, by the rules of a file of units."""

from __future__ import annotations

from collections.abc import Mapping

from confhub.desks import agreements
from confhub.desks.registry.plans import Planned, act_of, plan_units, reach, say_uses, work_aside
from confhub.errors import NotFound
from confhub.imports.report import Report
from confhub.imports.unit_edits import Act, Edit, table_of
from confhub.long_work import in_turn
from confhub.people.actor import Actor
from confhub.store import Store, Work
from confhub.units.records import UnitChange, UnitIndex
from confhub.units.use import Notice, say_moved, say_renamed

_ACTIONS: Mapping[Act, str] = {
    "add": "unit.added",
    "rename": "unit.renamed",
    "move": "unit.moved",
    "end": "unit.ended",
}


async def edit_unit(store: Store, actor: Actor, edit: Edit, seal: str | None = None) -> Report:
    """What the edit would do; with the seal of just that, it is done.

    NotFound for a unit that is none, Forbidden for who may edit no units, FieldErrors for what
    was left out; what else is wrong stands in the report, by the columns of a file. Conflict if
    the unit changes at the same moment.
    """
    powers, within = await reach(store, actor, "edit_units")
    index = await in_turn(UnitIndex, await store.imports.unit_records())
    if edit.unit_id and edit.unit_id not in index.by_id:
        raise NotFound
    table, aims = table_of(edit, index, actor.today)
    planned = await plan_units(store, index, table, actor.today, within, aims)
    done = not planned.problems and bool(planned.shifts) and seal == planned.seal
    if not done:
        return planned.report(await _say(store, actor, planned), done=False)

    async def carry_out(work: Work) -> None:
        await work.imports.carry_out_units(planned.plan, planned.made_of(planned.plan))
        await agreements.follow_moves(work, planned.plan)
        (shift,) = planned.shifts
        await work.audit_all([act_of(_ACTIONS[edit.act], _subject(planned), shift)])

    await work_aside(store, actor, "edit_units", powers, carry_out)
    return planned.report((), done=True)


async def _say(store: Store, actor: Actor, planned: Planned) -> list[Notice]:
    """What hangs on the unit, and what becomes of it."""
    said = list(await say_uses(store, planned, actor.now))
    for change in () if planned.problems else planned.plan.changes:
        if change.close_on is None:
            said += await _say_change(store, actor, planned.index, change)
    return said


async def _say_change(
    store: Store, actor: Actor, index: UnitIndex, change: UnitChange
) -> list[Notice]:
    known, on = index.by_id[change.unit_id], change.since or change.corrects
    name = known.name_on(on)
    if change.parent_id is None:
        held = await store.imports.holdings(known.id, actor.today, actor.now, 0)
        return say_renamed(name, held)
    held = await store.imports.holdings(known.id, actor.today, actor.now)
    old_id = known.parent_on(on)
    old = index.by_id[old_id].name_on(on) if old_id else ""
    return say_moved(name, held, old, index.by_id[change.parent_id].name_on(on))


def _subject(planned: Planned) -> str:
    """The id of the one unit that a plan is about."""
    changed = [one.unit_id for one in planned.plan.changes]
    return (changed or [one.id for one in planned.plan.new])[0]
