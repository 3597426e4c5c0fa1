"""Which hub runs which room: the fence that every write of a room passes, and signs of life.

The lease on the bus says the same sooner, but may be lost at any time; this is the record.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, BadInput, NotFound
from confhub.meetings.ownership import Fence, Hub, RoomTaken
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

NOBODY = ""

_NOT_FOUND = N_("Không tìm thấy cuộc họp.")


class OwnershipStore:
    """All times are the database's own: hubs' clocks may differ."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def renew(self, hub: Hub, lease_s: float) -> dict[str, int]:
        """Say that the hub lives, for the next `lease_s`; its rooms, each with its epoch."""
        mine = select(t.room.c.meeting_id, t.room.c.epoch).where(t.room.c.hub_id == hub.id)
        async with self._database.write() as connection:
            await self._appear(connection, hub, lease_s)
            return {row.meeting_id: row.epoch for row in await connection.execute(mine)}

    async def namesakes(self, hub: Hub) -> set[str]:
        """Ids of other living hubs of the same name."""
        c = t.hub.c
        async with self._database.read() as connection:
            now = await self._database.now(connection)
            query = select(c.id).where(c.name == hub.name, c.id != hub.id, c.alive_until > now)
            return set(await connection.scalars(query))

    async def take(self, meeting_id: str, hub: Hub, lease_s: float) -> Fence | str:
        """A new fence if no other living hub runs the room, else that hub's id. NotFound.

        `lease_s`: as `renew`, which this does too.
        """
        c = t.room.c
        none = {"meeting_id": meeting_id, "epoch": 0, "hub_id": NOBODY}
        first = self._database.insert(t.room).values(fitting(t.room, none))
        try:
            async with self._database.write() as connection:
                await connection.execute(first.on_conflict_do_nothing())
                query = select(c.epoch, c.hub_id).where(c.meeting_id == meeting_id)
                row = (await connection.execute(query.with_for_update())).one()
                now = await self._database.now(connection)
                if row.hub_id != hub.id and await _lives(connection, row.hub_id, now):
                    return str(row.hub_id)
                await self._appear(connection, hub, lease_s)
                fence = Fence(meeting_id, row.epoch + 1)
                taken = {"epoch": fence.epoch, "hub_id": hub.id, "taken_at": now}
                await connection.execute(
                    update(t.room).where(c.meeting_id == meeting_id).values(taken)
                )
                return fence
        except BadInput as error:
            if error.code == "missing_reference":
                raise NotFound(_NOT_FOUND) from error
            raise

    async def release(self, fence: Fence) -> None:
        """Let the next hub take the room at once; nothing happens if one already has."""
        c = t.room.c
        ours = and_(c.meeting_id == fence.meeting_id, c.epoch == fence.epoch)
        async with self._database.write() as connection:
            free = {"hub_id": NOBODY, "seen_at": await self._database.now(connection)}
            await connection.execute(update(t.room).where(ours).values(free))

    async def leave(self, hub_id: str) -> None:
        """The hub has ended: whatever it held is free."""
        seen = select(t.hub.c.seen_at).where(t.hub.c.id == hub_id).scalar_subquery()
        free = {"hub_id": NOBODY, "seen_at": seen}
        async with self._database.write() as connection:
            await connection.execute(update(t.room).where(t.room.c.hub_id == hub_id).values(free))
            await connection.execute(delete(t.hub).where(t.hub.c.id == hub_id))

    async def held(self) -> dict[str, str]:
        """The id of the hub that runs it, for each meeting whose room a living hub runs."""
        async with self._database.read() as connection:
            now = await self._database.now(connection)
            query = (
                select(t.room.c.meeting_id, t.room.c.hub_id)
                .join(t.hub, t.hub.c.id == t.room.c.hub_id)
                .where(t.hub.c.alive_until > now)
            )
            return {row.meeting_id: row.hub_id for row in await connection.execute(query)}

    async def holder(self, meeting_id: str) -> Hub | None:
        """The living hub that runs a meeting's room."""
        c = t.hub.c
        async with self._database.read() as connection:
            now = await self._database.now(connection)
            query = (
                select(c.id, c.address, c.relay)
                .join(t.room, t.room.c.hub_id == c.id)
                .where(t.room.c.meeting_id == meeting_id, c.alive_until > now)
            )
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        name, _, boot = row.id.partition("/")
        return Hub(name, boot, row.address or "", row.relay or "")

    async def check(self, fence: Fence) -> None:
        """RoomTaken once another hub has taken the room."""
        async with self._database.write() as connection:
            await pass_fence(connection, fence)

    async def _appear(self, connection: AsyncConnection, hub: Hub, lease_s: float) -> None:
        now = await self._database.now(connection)
        row = {
            "id": hub.id,
            "name": hub.name,
            "address": hub.address,
            "relay": hub.relay,
            "seen_at": now,
            "alive_until": now + dt.timedelta(seconds=lease_s),
        }
        new = self._database.insert(t.hub).values(fitting(t.hub, row))
        seen = {name: new.excluded[name] for name in ("seen_at", "alive_until")}
        await connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=seen))


async def pass_fence(connection: AsyncConnection, fence: Fence) -> None:
    """RoomTaken if the room was taken since; else nobody takes it before this transaction ends."""
    c = t.room.c
    query = select(c.epoch).where(c.meeting_id == fence.meeting_id).with_for_update(read=True)
    if await connection.scalar(query) != fence.epoch:
        raise RoomTaken


async def _lives(connection: AsyncConnection, hub_id: str, now: dt.datetime) -> bool:
    until = await connection.scalar(select(t.hub.c.alive_until).where(t.hub.c.id == hub_id))
    return until is not None and until > now
