"""Blockings: entered and ended.

Of a unit and of its sites by whoever may schedule for it, of a site also by who looks after it, of
the hub by who runs the house. FieldErrors; NotFound for what is out of reach.
"""

from __future__ import annotations

import dataclasses

from confhub.desks import rights
from confhub.errors import N_, BadInput, FieldErrors, NotFound
from confhub.people.actor import Actor
from confhub.planning.blocking import Blocking, check_blocking
from confhub.store import Store, Work
from confhub.trail.entry import Changes
from confhub.trail.values import Table, changed
from confhub.words.texts import one_line

# A week of busy hours and a year of power cuts; each look at a calendar reads them.
MOST_OF_PLACE = 100
# On record under its unit or site, which is the subject; of the hub under the blocking's own id.
_VALUES: Table[Blocking] = {
    "reach": lambda one: one.reach,
    "kind": lambda one: one.kind,
    "reason": lambda one: one.reason,
    "starts_at": lambda one: one.starts_at,
    "ends_at": lambda one: one.ends_at,
    "weekly": lambda one: one.weekly,
    "until": lambda one: one.until.isoformat() if one.until else "",
}


async def add(store: Store, actor: Actor, blocking: Blocking) -> None:
    """A new one; the same entered again under its id stays as it is. Conflict where the id is that
    of something else.

    Meetings that stand within it are not moved: `store.blockings.hits` lists them.
    """
    blocking = dataclasses.replace(blocking, reason=one_line(blocking.reason), ended_at=None)
    async with store.work(actor, blocking.id, sent=blocking) as work:
        if work.done:
            return
        await _require(work, blocking)
        problems = check_blocking(blocking, actor.now)
        if problems:
            raise FieldErrors(problems)
        await _check_room(work, blocking)
        await work.takings.hold()  # who books now finds it, or is found by who enters it
        await work.blockings.add(blocking)
        await _note(work, "blocking.added", blocking, changed(None, blocking, _VALUES))


async def end(store: Store, actor: Actor, blocking_id: str) -> Blocking:
    """In nobody's way any more. Ended already: nothing changes."""
    async with store.work(actor) as work:
        known = await work.blockings.get(blocking_id)
        await _require(work, known)
        if known.ended_at is None:
            await work.blockings.end(blocking_id, actor.now)
            said = changed(None, known, _VALUES)  # which one it was
            same = {name: (value, value) for name, (_, value) in said.items()}
            await _note(work, "blocking.ended", known, same)
    return known


async def _note(work: Work, action: str, blocking: Blocking, changes: Changes) -> None:
    subject = blocking.site_id or blocking.unit_id or blocking.id
    await work.audit(action, subject=subject, detail=blocking.id, changes=changes)


async def _require(work: Work, blocking: Blocking) -> None:
    if blocking.reach == "hub":
        await rights.require_the_house(work)
        return
    unit_id = blocking.unit_id
    if blocking.reach == "site":
        unit_id = (await work.sites.get(blocking.site_id, with_lines=False)).unit_id
        if await rights.allows(work, "edit_sites", unit_id):
            return
    if not unit_id:
        raise NotFound
    await rights.require_reach(work, "schedule", unit_id)


async def _check_room(work: Work, blocking: Blocking) -> None:
    if await work.blockings.count(blocking, work.actor.now) >= MOST_OF_PLACE:
        message = N_("Nơi này đã có %(count)s lịch chặn. Xin kết thúc những lịch cũ.")
        raise FieldErrors({"": BadInput(message, values={"count": MOST_OF_PLACE})})
