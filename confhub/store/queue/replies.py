"""What came back by mail, in the store: each message once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, exists, func, select, update

from confhub.errors import N_, NotFound
from confhub.mail.intake.found import is_of_our_time
from confhub.mail.replies import MailReply, ReplyKind
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

    async def count(
        self, meeting_id: str, site_id: str, kinds: Collection[ReplyKind], since: dt.datetime
    ) -> int:
        """So many came from a site about a meeting since then."""
        c = t.mail_reply.c
        its_own = (c.meeting_id == meeting_id, c.site_id == site_id, c.received_at > since)
        query = select(func.count()).where(*its_own, c.kind.in_(kinds))
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def newest(self, meeting_id: str, site_id: str) -> MailReply | None:
        """Of a site's answers and proposals, by the version answered and when that was done."""
        c = t.mail_reply.c
        query = select(t.mail_reply).where(
            c.meeting_id == meeting_id,
            c.site_id == site_id,
            c.kind.in_(("reply", "counter")),
            c.sequence.is_not(None),
        )
        ordered = query.order_by(c.sequence.desc(), c.stamped_at.desc().nulls_last()).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(ordered)).first()
        return _reply(row) if row is not None else None

    async def open(self, meeting_id: str) -> list[MailReply]:
        """What people have to decide on or to read, the first first, as many as are shown."""
        c = t.mail_reply.c
        query = select(t.mail_reply).where(
            c.meeting_id == meeting_id, c.standing.in_(("open", "past"))
        )
        ordered = query.order_by((c.kind == "counter").desc(), c.received_at, c.id)
        async with self._database.read() as connection:
            return [_reply(row) for row in await connection.execute(ordered.limit(MOST_OPEN))]

    async def get(self, reply_id: str) -> MailReply:
        """NotFound."""
        query = select(t.mail_reply).where(t.mail_reply.c.id == reply_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound
        return _reply(row)

    async def settle(self, reply_id: str, now: dt.datetime) -> bool:
        """Somebody saw to it; False: somebody had."""
        c = t.mail_reply.c
        waits = (c.id == reply_id, c.standing.in_(("open", "past")))
        values = {"standing": "done", "settled_at": now}
        async with self._database.write() as connection:
            done = await connection.execute(update(t.mail_reply).where(*waits).values(values))
        return bool(done.rowcount)


def _reply(row: Row[Any]) -> MailReply:
    """A time that no page can show, as some were taken in once, is none."""
    reply = MailReply(**row._mapping)
    times = [one for one in (reply.starts_at, reply.ends_at) if one is not None]
    if all(map(is_of_our_time, times)):
        return reply
    return replace(reply, starts_at=None, ends_at=None)
