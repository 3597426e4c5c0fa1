"""Notices to people about times that have to be confirmed, in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select, update

from confhub.mail.notice import Notice
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.store.queue.outgoing import Outgoing

# Of one mail. A series is made three months ahead; the rest comes in the next mail.
MOST_JOINED = 100


class NoticeStore(Outgoing[Notice]):
    """One for each account, version of a question and thing that is told, for good."""

    def __init__(self, database: Transactions) -> None:
        super().__init__(database, t.notice, Notice)

    async def add_many(self, notices: Sequence[Notice]) -> None:
        """Those that are known stay as they are."""
        rows = [{name: getattr(one, name) for name in one.__slots__} for one in notices]
        if rows:
            new = self._database.insert(t.notice).on_conflict_do_nothing()
            async with self._database.write() as connection:
                await connection.execute(new, rows)

    async def join(self, notice: Notice, now: dt.datetime, until: dt.datetime) -> Sequence[Notice]:
        """Claim what else waits to be told of the same thing to the same account, as `claim`. Those
        that may have arrived go with one that may have, when nobody has them any more: so many went
        in one mail, and do again. With another, those that did not."""
        c = t.notice.c
        same = (c.account_id == notice.account_id, c.what == notice.what, c.id != notice.id)
        alike = select(t.notice).where(*same, c.state == "waiting", c.in_hand == notice.in_hand)
        if notice.in_hand:
            alike = alike.where(c.next_at <= now)
        alike = alike.order_by(c.made_at, c.id).limit(MOST_JOINED).with_for_update(skip_locked=True)
        values = {"tries": c.tries + 1, "next_at": until, "in_hand": True}
        async with self._database.write() as connection:
            found = [Notice(**row._mapping) for row in await connection.execute(alike)]
            if found:
                mine = self._database.among(c.id, [one.id for one in found])
                await connection.execute(update(t.notice).where(mine).values(values))
        return [replace(one, tries=one.tries + 1, next_at=until) for one in found]

    async def of_meeting(self, meeting_id: str) -> list[Notice]:
        """All of a meeting, in the order in which they were made."""
        c = t.notice.c
        query = select(t.notice).where(c.meeting_id == meeting_id).order_by(c.made_at, c.id)
        async with self._database.read() as connection:
            return [Notice(**row._mapping) for row in await connection.execute(query)]
