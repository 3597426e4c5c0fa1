"""The audit trail: who did what, when, from where."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, insert, or_, select

from confhub.identity import new_id
from confhub.store import tables as t
from confhub.store.database.transactions import Transactions
from confhub.trail.entry import AuditEntry, Changes
from confhub.trail.story import ACTS_ON, Thing

_LATE = dt.timedelta(hours=1)
_NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # before any record, and with an hour before it
# At the door, in rooms, and what goes out and comes back: a country's hub does them all the time.
_IN_NO_CALENDAR = ("signin.", "attendance.", "whip.", "whep.", "link.", "mail.", "answer.")


class AuditStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def write(
        self,
        action: str,
        *,
        account_id: str = "",
        subject: str = "",
        detail: str = "",
        address: str = "",
        at: dt.datetime,
    ) -> None:
        """`add` under an id of its own: for an act that nothing else is written with."""
        entry = AuditEntry(at, account_id, action, subject, detail, address)
        await self.add(new_id(), entry)

    async def add(self, entry_id: str, entry: AuditEntry) -> None:
        """Record one act; Conflict if its id is taken: it is on record already.

        Texts that are too long are cut: an act must not fail by its record.
        """
        async with self._database.write() as connection:
            await connection.execute(insert(t.audit).values(_row(entry_id, entry)))

    async def add_all(self, entries: Mapping[str, AuditEntry]) -> None:
        """`add` each, by its id; all or none."""
        rows = [_row(entry_id, entry) for entry_id, entry in entries.items()]
        if rows:
            async with self._database.write() as connection:
                await connection.execute(insert(t.audit), rows)

    async def keep(self, entry_id: str, entry: AuditEntry) -> None:
        """Record many acts in one line, whose detail is how many: the most that anybody counted.

        Once it is sealed it says what it says.
        """
        row = _row(entry_id, entry)
        async with self._database.write() as connection:
            new = self._database.insert(t.audit).values(row)
            await connection.execute(
                new.on_conflict_do_update(
                    index_elements=["id"],
                    set_={"detail": row["detail"]},
                    where=(cast(t.audit.c.detail, Integer) < int(row["detail"]))
                    & t.audit.c.seq.is_(None),
                )
            )

    async def recent(
        self, limit: int, subject: str | None = None, *, thing: Thing | None = None
    ) -> list[AuditEntry]:
        """The latest acts, the last first; of one subject if given, and on such a thing only."""
        c = t.audit.c
        query = select(*_ENTRY)
        if subject is not None:
            query = query.where(c.subject == subject)
        if thing is not None:
            query = query.where(acts_on(thing))
        query = query.order_by(c.at.desc(), c.id).limit(limit)
        async with self._database.read() as connection:
            return [_entry(row) for row in await connection.execute(query)]

    async def newest(self, now: dt.datetime) -> tuple[dt.datetime, int]:
        """Another answer after each act that may change a calendar, so that what was read before
        may be kept.

        Hubs' clocks differ, and a slow act is on record after a later one: so those of the hour
        before the newest up to now are counted, with all that say they are still to come.
        """
        c = t.audit.c
        told = and_(*(~c.action.startswith(one) for one in _IN_NO_CALENDAR))
        latest = select(c.at).where(told, c.at <= now).order_by(c.at.desc()).limit(1)
        async with self._database.read() as connection:
            at = await connection.scalar(latest) or _NEVER
            lately = and_(c.at > at - _LATE, told)
            return at, await connection.scalar(select(func.count()).where(lately)) or 0

    async def story(
        self, thing: Thing, subject: str, start: int, size: int
    ) -> tuple[list[AuditEntry], int]:
        """Of the acts on one thing, the first first, `size` from number `start`; and how many
        there are."""
        c = t.audit.c
        own = and_(c.subject == subject, acts_on(thing))
        query = select(*_ENTRY).where(own).order_by(c.at, c.id).offset(start).limit(size)
        async with self._database.read() as connection:
            count = await connection.scalar(select(func.count()).where(own))
            return [_entry(row) for row in await connection.execute(query)], count or 0


_ENTRY = [
    t.audit.c[name]
    for name in ("at", "account_id", "action", "subject", "detail", "address", "changes")
]


def acts_on(thing: Thing) -> ColumnElement[bool]:
    """Whether a line is of an act on such a thing."""
    action = t.audit.c.action
    return or_(
        *(
            action.startswith(one, autoescape=True) if one.endswith(".") else action == one
            for one in ACTS_ON[thing]
        )
    )


def _entry(row: Sequence[Any]) -> AuditEntry:
    read = json.loads(row[-1]) if row[-1] else {}
    entry = AuditEntry(*row[:-1])
    changes = {name: (old, new) for name, (old, new) in read.items()}
    return dataclasses.replace(entry, changes=changes)


def _row(entry_id: str, entry: AuditEntry) -> dict[str, Any]:
    texts = ("account_id", "action", "subject", "detail", "address")
    row = {name: _cut(name, getattr(entry, name)) for name in texts}
    return {"id": entry_id, "at": entry.at, "changes": _text(entry.changes), **row}


def _text(changes: Changes) -> str:
    if not changes:
        return ""
    # ASCII: whatever a text holds, both databases keep it.
    return json.dumps(changes, sort_keys=True, separators=(",", ":"))


def _cut(name: str, value: str) -> str:
    readable = value.replace("\0", "").encode("utf-8", "replace").decode()
    return readable[: getattr(t.audit.c[name].type, "length", None)]
