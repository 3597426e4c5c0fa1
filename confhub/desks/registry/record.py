"""Whoever takes a file of the record away is on record themselves."""

from __future__ import annotations

import datetime as dt

from confhub.desks import rights
from confhub.people.actor import Actor
from confhub.store import Store


async def take(
    store: Store, actor: Actor, unit_id: str, file: str, days: tuple[dt.date, dt.date]
) -> None:
    """What was done in a unit and below it on these days, both counted, goes out as such a `file`;
    NotFound for who does not administer its accounts."""
    said = {"file": file, "first_day": days[0].isoformat(), "last_day": days[1].isoformat()}
    async with store.work(actor) as work:
        await rights.require_reach(work, "manage_accounts", unit_id)
        await work.audit(
            "unit.record_taken",
            subject=unit_id,
            changes={name: (None, value) for name, value in said.items()},
        )
