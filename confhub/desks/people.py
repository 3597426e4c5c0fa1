"""Who stands behind an account: what people tell of themselves."""

from __future__ import annotations

from confhub.errors import FieldErrors
from confhub.people.actor import Actor
from confhub.people.person import Person, check_person
from confhub.store import Store


async def change_person(store: Store, actor: Actor, person: Person) -> None:
    """Keep title, e-mail and telephone of an account's holder; FieldErrors, NotFound."""
    problems = check_person(person)
    if problems:
        raise FieldErrors(problems)
    async with store.work(actor) as work:
        await work.accounts.set_person(person)
        await work.audit("person.changed", subject=person.id)
