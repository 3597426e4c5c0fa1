"""Who stands behind an account: what people tell of themselves."""

from __future__ import annotations

import dataclasses

from confhub.errors import FieldErrors, NotFound
from confhub.people.actor import Actor
from confhub.people.person import Person, check_person
from confhub.store import Store
from confhub.trail.values import Table, changed

_VALUES: Table[Person] = {
    "title": lambda one: one.title,
    "phone": lambda one: one.phone,
    "email": lambda one: one.email,
}


async def change_person(store: Store, actor: Actor, person: Person) -> None:
    """Keep e-mail and telephone of the actor, whose title an administrator says; of anybody, with
    the title, where the house itself does so. Where nothing is new, nothing happens. FieldErrors,
    NotFound for others."""
    problems = check_person(person)
    if problems:
        raise FieldErrors(problems)
    async with store.work(actor) as work:
        if not actor.is_house:
            if person.id != actor.account_id:
                raise NotFound
            known = await work.accounts.person(person.id)
            person = dataclasses.replace(known, email=person.email, phone=person.phone)
        said = changed(await work.accounts.person(person.id), person, _VALUES)
        if not said:
            return
        await work.accounts.set_person(person)
        await work.audit("person.changed", subject=person.id, changes=said)
