"""What stands in the store and no program asks for: tests look it up."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from confhub.meetings.room_event import RoomEvent
from confhub.store import Store
from confhub.store import tables as t
from confhub.store.outbox import Told


async def waiting(store: Store, now: dt.datetime) -> list[Told]:
    """What is to be delivered by now, in the order in which it was told."""
    c = t.outbox.c
    query = (
        select(c.id, c.topic, c.payload, c.made_at, c.position)
        .where(c.delivered_at.is_(None), c.dead_at.is_(None), c.next_at <= now)
        .order_by(c.made_at, c.position, c.id)
    )
    async with store.outbox._database.read() as connection:
        return [Told(*row) for row in await connection.execute(query)]


async def room_events(store: Store, meeting_id: str) -> list[RoomEvent]:
    """What was done in a room, in order."""
    c = t.room_event.c
    query = (
        select(c.meeting_id, c.epoch, c.seq, c.at, c.kind, c.payload)
        .where(c.meeting_id == meeting_id)
        .order_by(c.epoch, c.seq)
    )
    async with store.rooms._database.read() as connection:
        return [RoomEvent(*row) for row in await connection.execute(query)]
