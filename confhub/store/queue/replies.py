"""What came back by mail, in the store: each message once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, NotFound
from confhub.mail.replies import MailReply
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

_TAKEN = N_("Thư trả lời này vừa được nhận ở nơi khác. Xin tải lại trang.")
# A meeting's page shows what waits for somebody; who writes more is a program.
MOST_OPEN = 50


class ReplyStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def is_known(self, digest: str) -> bool:
        """Whether a message of this digest was taken in."""
        query = select(exists().where(t.mail_reply.c.digest == digest))
        async with self._database.read() as connection:
            return bool(await connection.scalar(query))

    async def add(self, reply: MailReply) -> None:
        """Conflict where somebody else took the same message in meanwhile."""
        row = fitting(t.mail_reply, {name: getattr(reply, name) for name in reply.__slots__})
        async with self._database.write(_TAKEN) as connection:
            await connection.execute(t.mail_reply.insert().values(row))

    async def of_site(self, meeting_id: str, site_id: str) -> list[MailReply]:
        """What came from a site about a meeting, the last first."""
        c = t.mail_reply.c
        query = select(t.mail_reply).where(c.meeting_id == meeting_id, c.site_id == site_id)
        async with self._database.read() as connection:
            return _replies(await connection.execute(query.order_by(c.received_at.desc(), c.id)))

    async def latest(self, meeting_id: str) -> dict[str, MailReply]:
        """By site its answer that counts, or its proposal that nobody decided on."""
        c, later = t.mail_reply.c, t.mail_reply.alias()
        newer = and_(
            later.c.meeting_id == c.meeting_id,
            later.c.site_id == c.site_id,
            later.c.received_at > c.received_at,
            _answers(later.c),
        )
        query = select(t.mail_reply).where(
            c.meeting_id == meeting_id, _answers(c), ~select(later.c.id).where(newer).exists()
        )

        async def replies(connection: AsyncConnection) -> dict[str, MailReply]:
            return {one.site_id: one for one in _replies(await connection.execute(query))}

        return await self._database.read_aside(replies)

    async def open(self, meeting_id: str) -> list[MailReply]:
        """What people have to read or to decide on, the first first, as many as are shown."""
        c = t.mail_reply.c
        query = select(t.mail_reply).where(
            c.meeting_id == meeting_id, c.standing.in_(("open", "past"))
        )
        ordered = query.order_by(c.received_at, c.id).limit(MOST_OPEN)
        async with self._database.read() as connection:
            return _replies(await connection.execute(ordered))

    async def get(self, reply_id: str) -> MailReply:
        """NotFound."""
        query = select(t.mail_reply).where(t.mail_reply.c.id == reply_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound
        return MailReply(**row._mapping)

    async def settle(self, reply_id: str, now: dt.datetime) -> bool:
        """Somebody saw to it; False: somebody had."""
        c = t.mail_reply.c
        waits = (c.id == reply_id, c.standing.in_(("open", "past")))
        values = {"standing": "done", "settled_at": now}
        async with self._database.write() as connection:
            done = await connection.execute(update(t.mail_reply).where(*waits).values(values))
        return bool(done.rowcount)


def _answers(c: Any) -> Any:
    return or_(c.standing == "counts", and_(c.standing == "open", c.kind == "counter"))


def _replies(rows: Any) -> list[MailReply]:
    return [MailReply(**row._mapping) for row in rows]
