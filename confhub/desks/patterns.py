"""Patterns of meetings and lists of sites: added, changed, ended and taken back.

Whoever may schedule for a unit keeps its patterns; they serve the units below it too. FieldErrors;
NotFound for a pattern out of reach; Conflict if it is not of the stored version.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from confhub.desks import rights
from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.people.actor import Actor
from confhub.planning.pattern import Pattern, check_pattern, cleaned
from confhub.store import Store, Work

# More than anybody chooses among; each form of a meeting reads those of its host and above.
MOST_OF_UNIT = 100


async def add(store: Store, actor: Actor, pattern: Pattern) -> None:
    """A new one; the same added again under its id stays as it is. Forbidden out of reach, Conflict
    where the id is that of something else."""
    pattern = dataclasses.replace(cleaned(pattern), ended_at=None, version=1)
    async with store.work(actor, pattern.id, sent=pattern) as work:
        if work.done:
            return
        await rights.require(work, "schedule", pattern.unit_id)
        await _check(work, pattern, ())
        await _check_room(work, pattern.unit_id)
        await work.patterns.add(pattern)
        await work.audit("pattern.added", subject=pattern.id, detail=pattern.name)


async def change(store: Store, actor: Actor, pattern: Pattern) -> Pattern:
    """With what is given; its kind, and whether it has ended, stay."""
    async with store.work(actor) as work:
        known = await _in_reach(work, pattern.id)
        if pattern.unit_id != known.unit_id:
            await rights.require(work, "schedule", pattern.unit_id)
            await _check_room(work, pattern.unit_id)
        pattern = cleaned(dataclasses.replace(pattern, kind=known.kind, ended_at=known.ended_at))
        await _check(work, pattern, known.sites)
        changed = await work.patterns.update(pattern)
        await work.audit("pattern.changed", subject=pattern.id, detail=pattern.name)
    return changed


async def end(store: Store, actor: Actor, pattern_id: str, version: int) -> Pattern:
    """Nobody is offered it any more. Ended already: nothing changes."""
    return await _set_end(store, actor, (pattern_id, version), actor.now)


async def take_back(store: Store, actor: Actor, pattern_id: str, version: int) -> Pattern:
    """It is offered again. As `end`."""
    return await _set_end(store, actor, (pattern_id, version), None)


async def _set_end(
    store: Store, actor: Actor, which: tuple[str, int], ended_at: dt.datetime | None
) -> Pattern:
    async with store.work(actor) as work:
        known = await _in_reach(work, which[0])
        if (known.ended_at is None) == (ended_at is None):
            return known
        made = dataclasses.replace(known, ended_at=ended_at, version=which[1])
        changed = await work.patterns.update(made)
        action = "pattern.taken_back" if ended_at is None else "pattern.ended"
        await work.audit(action, subject=known.id, detail=known.name)
    return changed


async def _in_reach(work: Work, pattern_id: str) -> Pattern:
    pattern = await work.patterns.get(pattern_id)
    await rights.require_reach(work, "schedule", pattern.unit_id)
    return pattern


async def _check(work: Work, pattern: Pattern, before: tuple[str, ...]) -> None:
    levels = {level.id for level in await work.units.levels()}
    problems: dict[str, ConfhubError] = dict(check_pattern(pattern, levels))
    if "site_ids" not in problems:
        foreign = await rights.uninvitable(
            work, pattern.unit_id, set(pattern.sites).difference(before)
        )
        if foreign is not None:
            problems["site_ids"] = foreign
    if problems:
        raise FieldErrors(problems)


async def _check_room(work: Work, unit_id: str) -> None:
    if await work.patterns.count(unit_id) >= MOST_OF_UNIT:
        message = N_("Đơn vị này đã có %(count)s mẫu và danh sách. Xin sửa lại cái cũ.")
        raise FieldErrors({"name": BadInput(message, values={"count": MOST_OF_UNIT})})
