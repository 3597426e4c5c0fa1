"""How units' letters begin, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import delete, select

from confhub.letters.forms import LetterForm
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions


class LetterFormStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def of_units(self, unit_ids: Collection[str]) -> Mapping[str, LetterForm]:
        """Those of these units that have their own."""
        c = t.letter_form.c
        query = select(c.unit_id, c.content).where(self._database.among(c.unit_id, unit_ids))
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return {row.unit_id: msgspec.convert(row.content, LetterForm) for row in rows}

    async def put(self, unit_id: str, form: LetterForm | None) -> None:
        """In place of what it had; None: nothing."""
        c = t.letter_form.c
        async with self._database.write() as connection:
            if form is None:
                await connection.execute(delete(t.letter_form).where(c.unit_id == unit_id))
                return
            row = fitting(t.letter_form, {"unit_id": unit_id})
            row["content"] = msgspec.to_builtins(form)
            new = self._database.insert(t.letter_form).values(row)
            kept = new.on_conflict_do_update(
                index_elements=["unit_id"], set_={"content": row["content"]}
            )
            await connection.execute(kept)
