"""Issued letters, and the registers of their numbers, in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select

from confhub.errors import N_, NotFound
from confhub.letters.issued import KIND, Issued, Kept, Register, Template
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

_ISSUED = N_(
    "Giấy mời từ trang này đã được phát hành, hoặc đã có giấy mời thay thế. Xin tải lại trang cuộc"
    " họp để xem."
)
# Of their content, which is a megabyte for a meeting of the country, no more than this.
_STARTS = t.letter.c.content["starts_at"].as_string().label("starts_at")
_LINE = [*(one for one in t.letter.c if one.name != "content"), _STARTS]


class LetterStore:
    """Letters never change: there is nothing here to change one."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def register(self, unit_id: str, year: int) -> Register | None:
        """None: no number was taken of it, and none was set to be the first."""
        c = t.letter_register.c
        query = select(c.unit_id, c.year, c.first, c.last).where(
            c.unit_id == unit_id, c.kind == KIND, c.year == year
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else Register(*row)

    async def begin(self, unit_id: str, year: int, first: int) -> bool:
        """The register begins with this number; False where it began already."""
        row = {"unit_id": unit_id, "kind": KIND, "year": year, "first": first, "last": first - 1}
        new = self._database.insert(t.letter_register).values(fitting(t.letter_register, row))
        async with self._database.write() as connection:
            done = await connection.execute(new.on_conflict_do_nothing())
        return bool(done.rowcount)

    async def take_number(self, unit_id: str, year: int) -> int:
        """In a work: the next one, which is free again where the work fails. Nobody else takes any
        before the work is through."""
        row = {"unit_id": unit_id, "kind": KIND, "year": year, "first": 1, "last": 1}
        new = self._database.insert(t.letter_register).values(fitting(t.letter_register, row))
        c = t.letter_register.c
        taken = new.on_conflict_do_update(
            index_elements=["unit_id", "kind", "year"], set_={"last": c.last + 1}
        ).returning(c.last)
        async with self._database.write() as connection:
            return int((await connection.execute(taken)).scalar_one())

    async def add(self, letter: Issued, kept: Kept) -> None:
        """Conflict where its id is taken, or another takes the same one's place."""
        row = fitting(t.letter, _row(letter))
        row["content"] = msgspec.to_builtins(kept)
        async with self._database.write(_ISSUED) as connection:
            await connection.execute(insert(t.letter).values(row))

    async def get(self, meeting_id: str, letter_id: str) -> Issued:
        """NotFound also for one of another meeting."""
        c = t.letter.c
        query = select(*_LINE).where(c.id == letter_id, c.meeting_id == meeting_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound
        return _issued(row)

    async def kept(self, letter_id: str) -> Kept:
        query = select(t.letter.c.content).where(t.letter.c.id == letter_id)
        async with self._database.read() as connection:
            content = await connection.scalar(query)
        if content is None:
            raise NotFound
        return msgspec.convert(content, Kept)

    async def of_meeting(self, meeting_id: str) -> Sequence[Issued]:
        """The last first."""
        c = t.letter.c
        query = select(*_LINE).where(c.meeting_id == meeting_id)
        query = query.order_by(c.issued_at.desc(), c.number.desc())
        async with self._database.read() as connection:
            return [_issued(row) for row in await connection.execute(query)]


def _issued(row: Row[Any]) -> Issued:
    day: dt.date = row.day
    return Issued(
        row.id,
        row.meeting_id,
        row.unit_id,
        row.year,
        row.number,
        row.symbol,
        day,
        row.issued_at,
        row.issued_by,
        Template(row.template, row.template_digest),
        row.corrects or "",
        dt.datetime.fromisoformat(row.starts_at) if row.starts_at else None,
    )


def _row(letter: Issued) -> dict[str, Any]:
    return {
        "id": letter.id,
        "meeting_id": letter.meeting_id,
        "unit_id": letter.unit_id,
        "kind": KIND,
        "year": letter.year,
        "number": letter.number,
        "symbol": letter.symbol,
        "day": letter.day,
        "issued_at": letter.issued_at,
        "issued_by": letter.issued_by,
        "template": letter.template.name,
        "template_digest": letter.template.digest,
        "corrects": letter.corrects or None,
    }
