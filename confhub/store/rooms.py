"""What a live room leaves behind: its snapshot, for a restart, who attended, what was done.

A room writes under its fence: RoomTaken, and nothing is written, once another hub runs it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.meetings.admission import LIVE_AFTER_END
from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence
from confhub.meetings.room_event import RoomEvent
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.ownership import pass_fence

Stays: TypeAlias = list[Attendance]
Events: TypeAlias = list[RoomEvent]


class RoomStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def save_snapshot(self, fence: Fence, state: bytes, now: dt.datetime) -> None:
        """Keep the room's state, in place of the one before."""
        new = self._database.insert(t.room_snapshot).values(
            meeting_id=fence.meeting_id, state=state, saved_at=now
        )
        kept = {"state": new.excluded.state, "saved_at": new.excluded.saved_at}
        upsert = new.on_conflict_do_update(index_elements=["meeting_id"], set_=kept)
        async with self._fenced(fence) as connection:
            await connection.execute(upsert)

    async def snapshot(self, meeting_id: str) -> bytes | None:
        """The last state kept."""
        query = select(t.room_snapshot.c.state).where(t.room_snapshot.c.meeting_id == meeting_id)
        async with self._database.read() as connection:
            state: bytes | None = await connection.scalar(query)
        return state

    async def log(self, event: RoomEvent) -> None:
        """Add an act to the room's log. Again with the same numbers changes nothing, so a write
        whose answer was lost may be repeated."""
        row = {
            "meeting_id": event.meeting_id,
            "epoch": event.epoch,
            "seq": event.seq,
            "at": event.at,
            "kind": event.kind,
            "payload": dict(event.payload),
        }
        new = self._database.insert(t.room_event).values(fitting(t.room_event, row))
        once = new.on_conflict_do_nothing(index_elements=["meeting_id", "epoch", "seq"])
        async with self._fenced(Fence(event.meeting_id, event.epoch)) as connection:
            await connection.execute(once)

    async def last_seq(self, meeting_id: str) -> int:
        """The number of the room's last act; 0 before the first."""
        c = t.room_event.c
        query = select(func.max(c.seq)).where(c.meeting_id == meeting_id)
        async with self._database.read() as connection:
            return await connection.scalar(query) or 0

    async def joined(self, fence: Fence, stay: Attendance) -> None:
        """Begin a stay; nothing happens if it was begun before: whoever got no answer tries again.

        Another that was never ended (the hub died) ends now as "lost".
        """
        row = {
            "id": stay.id,
            "meeting_id": stay.meeting_id,
            "member_id": stay.member_id,
            "joined_at": stay.joined_at,
            "left_at": stay.left_at,
            "reason": stay.reason,
        }
        c = t.attendance.c
        begin = self._database.insert(t.attendance).values(fitting(t.attendance, row))
        others = (*_open(stay.meeting_id, stay.member_id), c.id != stay.id)
        async with self._fenced(fence) as connection:
            # Waits for whoever is just writing the same one.
            done = await connection.execute(begin.on_conflict_do_nothing(index_elements=["id"]))
            if done.rowcount:
                lost = {"left_at": stay.joined_at, "reason": "lost"}
                await connection.execute(update(t.attendance).where(*others).values(lost))

    async def left(self, fence: Fence, member_id: str, at: dt.datetime, reason: str) -> None:
        """End a member's stay; nothing happens if none is open."""
        values = fitting(t.attendance, {"left_at": at, "reason": reason})
        async with self._fenced(fence) as connection:
            await connection.execute(
                update(t.attendance).where(*_open(fence.meeting_id, member_id)).values(values)
            )

    async def staying(self, meeting_id: str) -> frozenset[str]:
        """Members whose stay has not ended on record."""
        c = t.attendance.c
        query = select(c.member_id).where(c.meeting_id == meeting_id, c.left_at.is_(None))
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(query))

    async def end_left_open(self, silent: dt.timedelta) -> list[str]:
        """End as "lost" the stays of rooms that no living hub has run for so long, at the last
        sign of life of whoever did; the ids of their meetings."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            found = (await connection.execute(_left_open(now, now - silent))).all()
            return [
                row.meeting_id
                for row in found
                if row.epoch is None or await _fence_off(connection, row.meeting_id, row.epoch)
                if await _end_stays(connection, row.meeting_id, row.seen_at)
            ]

    async def attendance(self, meeting_id: str) -> Stays:
        """Every stay of a meeting, in the order of joining."""
        c = t.attendance.c
        query = (
            select(c.meeting_id, c.member_id, c.joined_at, c.left_at, c.reason, c.id)
            .where(c.meeting_id == meeting_id)
            .order_by(c.joined_at, c.member_id)
        )

        async def stays(connection: AsyncConnection) -> Stays:
            return [Attendance(*row) for row in await connection.execute(query)]

        return await self._database.read_aside(stays)

    @contextlib.asynccontextmanager
    async def _fenced(self, fence: Fence) -> AsyncIterator[AsyncConnection]:
        async with self._database.write() as connection:
            await pass_fence(connection, fence)
            yield connection


def _open(meeting_id: str, member_id: str) -> tuple[ColumnElement[bool], ...]:
    c = t.attendance.c
    return (c.meeting_id == meeting_id, c.member_id == member_id, c.left_at.is_(None))


def _left_open(now: dt.datetime, silent_since: dt.datetime) -> Select[tuple[str, int, dt.datetime]]:
    """Meetings with open stays, whose room nobody has run since.

    A room without a line of its own may be run by a hub of an older version until nobody could be
    in it any more.
    """
    a, m, r = t.attendance.c, t.meeting.c, t.room.c
    seen_at = func.coalesce(t.hub.c.seen_at, r.seen_at, t.room_snapshot.c.saved_at, m.ends_at)
    return (
        select(a.meeting_id, r.epoch, seen_at.label("seen_at"))
        .join(t.meeting, m.id == a.meeting_id)
        .outerjoin(t.room, r.meeting_id == a.meeting_id)
        .outerjoin(t.hub, t.hub.c.id == r.hub_id)
        .outerjoin(t.room_snapshot, t.room_snapshot.c.meeting_id == a.meeting_id)
        .where(
            a.left_at.is_(None),
            seen_at <= silent_since,
            or_(t.hub.c.id.is_(None), t.hub.c.alive_until <= now),
            or_(r.epoch.is_not(None), m.ends_at <= now - LIVE_AFTER_END),
        )
        .distinct()
    )


async def _fence_off(connection: AsyncConnection, meeting_id: str, epoch: int) -> bool:
    """Shut out whoever ran the room; False if a hub has taken it meanwhile."""
    c = t.room.c
    ours = update(t.room).where(c.meeting_id == meeting_id, c.epoch == epoch)
    return (await connection.execute(ours.values(epoch=epoch + 1))).rowcount > 0


async def _end_stays(connection: AsyncConnection, meeting_id: str, at: dt.datetime) -> bool:
    c = t.attendance.c
    ended = case((c.joined_at > at, c.joined_at), else_=at)
    ending = update(t.attendance).where(c.meeting_id == meeting_id, c.left_at.is_(None))
    done = await connection.execute(ending.values(left_at=ended, reason="lost"))
    return done.rowcount > 0
