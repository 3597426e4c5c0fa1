"""The use case of a unit's line: how many streams it carries at once."""

from __future__ import annotations

from confhub.desks import rights
from confhub.people.actor import Actor
from confhub.store import Store


async def set_streams(store: Store, actor: Actor, unit_id: str, streams: int | None) -> None:
    """As `read_streams` reads it; None: not known. By who may edit the unit's sites: it is their
    work to measure it. NotFound for who may not. What is planned already stays, and is told as full
    where it is looked at."""
    async with store.work(actor) as work:
        await rights.require_reach(work, "edit_sites", unit_id)
        before = (await work.unit_lines.streams([unit_id])).get(unit_id)
        if before != streams:
            await work.unit_lines.put(unit_id, streams)
            changes = {"streams": (before, streams)}
            await work.audit("unit.line", subject=unit_id, changes=changes)
