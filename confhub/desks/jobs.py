"""What people do about jobs and news that were given up."""

from __future__ import annotations

from typing import Literal

from confhub.desks import rights
from confhub.people.actor import Actor
from confhub.store import Store

# Jobs, or what a use case told.
What = Literal["job", "news"]


async def again(store: Store, actor: Actor, what: What, letter_id: str) -> None:
    """Try what was given up again, as if it were new; NotFound if somebody has done so.

    Jobs are the whole house's: Forbidden for who administers a part of it.
    """
    async with store.work(actor) as work:
        await rights.require_the_house(work)
        letters = work.jobs if what == "job" else work.outbox
        await letters.revive(letter_id, actor.now)
        await work.audit(f"{what}.again", subject=letter_id)
