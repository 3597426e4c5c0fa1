"""People without an account: who chairs, who runs a room's equipment, and how they are reached.

Whoever may edit people of a unit may do so for the units below. That is asked within the
transaction; the house itself (the command line) may all.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from confhub.desks import rights
from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors
from confhub.people.actor import Actor
from confhub.people.person import Person, check_person
from confhub.store import Store, Work

# A ministry has some dozens who may chair or be called; over the years, those who left stay too.
MOST_OF_UNIT = 500
# Four to each commune of the country before its reform. The book is read as a whole to be searched
# without accents, which takes a second then, in a thread.
MOST = 50_000


async def add(store: Store, actor: Actor, person: Person) -> None:
    """Somebody new; the same added again under their id stay as they are. FieldErrors, also where
    their unit has as many as it may.

    Forbidden for who edits no people at all; Conflict where the id is somebody else's, or the book
    is full.
    """
    person = dataclasses.replace(person, ended_at=None, version=1)
    async with store.work(actor, person.id, sent=person) as work:
        if work.done:
            return
        if not actor.is_house:
            (await rights.mine(work)).require("edit_people")
        await _check(work, person)
        await _check_room(work, person.unit_id, is_new=True)
        await work.address_book.add(person)
        await work.audit("person.added", subject=person.id, detail=_said(person))


async def change(store: Store, actor: Actor, person: Person) -> Person:
    """What is known of somebody; with their new version. Whether they left stays.

    FieldErrors, also where they move to a unit that has as many as it may; NotFound outside the
    actor's reach; Conflict if it is not of the stored version.
    """
    async with store.work(actor) as work:
        known = await _in_reach(work, person.id)
        await _check(work, person)
        if person.unit_id != known.unit_id:
            await _check_room(work, person.unit_id, is_new=False)
        changed = await work.address_book.update(
            dataclasses.replace(person, ended_at=known.ended_at)
        )
        await work.audit("person.changed", subject=person.id, detail=_said(person))
    return changed


async def end(store: Store, actor: Actor, person_id: str, version: int) -> Person:
    """They left: nobody is to call them any more. Ended already: nothing changes.

    NotFound outside the actor's reach; Conflict if it is not of the stored version.
    """
    return await _set_end(store, actor, (person_id, version), actor.now)


async def take_back(store: Store, actor: Actor, person_id: str, version: int) -> Person:
    """They are here again. As `end`."""
    return await _set_end(store, actor, (person_id, version), None)


async def _set_end(
    store: Store,
    actor: Actor,
    which: tuple[str, int],
    ended_at: dt.datetime | None,
) -> Person:
    async with store.work(actor) as work:
        known = await _in_reach(work, which[0])
        if (known.ended_at is None) == (ended_at is None):
            return known
        made = dataclasses.replace(known, ended_at=ended_at, version=which[1])
        changed = await work.address_book.update(made)
        action = "person.taken_back" if ended_at is None else "person.ended"
        await work.audit(action, subject=known.id, detail=_said(known))
    return changed


async def _in_reach(work: Work, person_id: str) -> Person:
    person = await work.address_book.get(person_id)
    await rights.require_reach(work, "edit_people", person.unit_id)
    return person


async def _check(work: Work, person: Person) -> None:
    problems: dict[str, ConfhubError] = {**check_person(person)}
    if not await _may_be_in(work, person.unit_id):
        problems["unit_id"] = BadInput(N_("Xin chọn đơn vị của bạn hoặc đơn vị trực thuộc."))
    if problems:
        raise FieldErrors(problems)


async def _check_room(work: Work, unit_id: str, *, is_new: bool) -> None:
    """Whether there is room for one more of the unit, and, of who is new, in the book."""
    in_all, in_unit = await work.address_book.count(unit_id)
    if in_unit >= MOST_OF_UNIT:
        problem = BadInput(
            N_(
                "Danh bạ của đơn vị này đã có %(count)s người, không thêm được nữa. Xin ghi người"
                " mới vào dòng của người không còn làm việc."
            ),
            values={"count": in_unit},
        )
        raise FieldErrors({"unit_id": problem})
    if is_new and in_all >= MOST:
        raise Conflict(
            N_("Danh bạ đã đầy (%(count)s người). Xin báo cán bộ kỹ thuật."),
            values={"count": in_all},
        )


async def _may_be_in(work: Work, unit_id: str) -> bool:
    """Whether there is such a unit, in the actor's reach."""
    path = await rights.path_to(work, unit_id, work.actor.today)
    return bool(path) and await rights.allows(work, "edit_people", unit_id)


def _said(person: Person) -> str:
    return f"{person.name}, {person.title or '-'} {person.unit_id}"
