"""What a room puts on record beside its snapshot and its log: who came and went, who did what.

A room stands on its fence, which it got when it was taken: RoomTaken, and nothing is written, once
another hub runs it. Whoever is in it was asked at its door.
"""

from __future__ import annotations

import datetime as dt

from confhub.desks import rights
from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence
from confhub.people.actor import Actor
from confhub.store import Store


async def come(store: Store, actor: Actor, room: Fence, stay: Attendance) -> None:
    """Begin a stay; again under its id nothing happens. Another of the same member that was never
    ended (the hub died) ends as "lost"."""
    async with store.work(actor) as work:
        await work.rooms.joined(room, stay)


async def go(store: Store, actor: Actor, room: Fence, member_id: str, reason: str) -> None:
    """End a member's stay; nothing happens if none is open."""
    async with store.work(actor) as work:
        await work.rooms.left(room, member_id, actor.now, reason)


async def note(
    store: Store, actor: Actor, room: Fence, key: str, action: str, detail: str = ""
) -> None:
    """An act in the room goes on record, once under its `key`."""
    async with store.work(actor, key) as work:
        await work.ownership.check(room)
        if not work.done:
            await work.audit(action, subject=room.meeting_id, detail=detail)


async def end_left_open(store: Store, actor: Actor, silent: dt.timedelta) -> list[str]:
    """End the stays in rooms that no living hub has run for so long; the ids of their meetings."""
    async with store.work(actor) as work:
        await rights.require_the_house(work)
        ended = await work.rooms.end_left_open(silent)
        for meeting_id in ended:
            await work.audit("attendance.left_open", subject=meeting_id)
    return ended
