"""How far a mailbox was read, and who reads it now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update

from confhub.store import tables as t
from confhub.store.database.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`validity`, `read_to`: UIDVALIDITY and the last UID that was seen to (RFC 3501, 2.3.1.1).
    `tries`: the epoch of whoever reads it, until `next_at`."""

    id: str
    next_at: dt.datetime
    validity: int = 0
    read_to: int = 0
    tries: int = 0
    read_at: dt.datetime | None = None


class MailboxStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def claim(self, box_id: str, now: dt.datetime, until: dt.datetime) -> Mailbox | None:
        """The mailbox, for oneself until `until`; None: another hub reads it."""
        c = t.mailbox.c
        first = {"id": box_id, "next_at": now}
        new = self._database.insert(t.mailbox).values(first).on_conflict_do_nothing()
        due = select(t.mailbox).where(c.id == box_id, c.next_at <= now)
        async with self._database.write() as connection:
            await connection.execute(new)
            row = (await connection.execute(due.with_for_update(skip_locked=True))).first()
            if row is None:
                return None
            found = Mailbox(**row._mapping)
            mine = replace(found, next_at=until, tries=found.tries + 1)
            values = {"next_at": until, "tries": mine.tries}
            await connection.execute(update(t.mailbox).where(c.id == box_id).values(values))
        return mine

    async def read_at(self, box_id: str) -> dt.datetime | None:
        """When it was last read to its end."""
        query = select(t.mailbox.c.read_at).where(t.mailbox.c.id == box_id)
        async with self._database.read() as connection:
            found: dt.datetime | None = await connection.scalar(query)
        return found

    async def note(self, box: Mailbox) -> bool:
        """So far it was read; False: another hub has it by now."""
        return await self._update(box, {"validity": box.validity, "read_to": box.read_to})

    async def release(
        self, box: Mailbox, now: dt.datetime, *, read_at: dt.datetime | None = None
    ) -> bool:
        """Whoever is free may read it; `read_at`: when it was read to its end."""
        read = {} if read_at is None else {"read_at": read_at}
        return await self._update(box, {"next_at": now, **read})

    async def _update(self, box: Mailbox, values: dict[str, Any]) -> bool:
        c = t.mailbox.c
        mine = (c.id == box.id, c.tries == box.tries)
        async with self._database.write() as connection:
            done = await connection.execute(update(t.mailbox).where(*mine).values(values))
        return bool(done.rowcount)
