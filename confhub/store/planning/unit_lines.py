"""How many streams the lines of units carry, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from confhub.store import tables as t
from confhub.store.database.transactions import Transactions


class UnitLineStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def streams(self, unit_ids: Collection[str]) -> Mapping[str, int]:
        """Of those of the units of which it is known."""
        c = t.unit_line.c
        query = select(c.unit_id, c.streams).where(self._database.among(c.unit_id, unit_ids))
        async with self._database.read() as connection:
            return {row.unit_id: row.streams for row in await connection.execute(query)}

    async def put(self, unit_id: str, streams: int | None) -> None:
        """None: it is not known."""
        c = t.unit_line.c
        new = self._database.insert(t.unit_line).values(unit_id=unit_id, streams=streams)
        kept = new.on_conflict_do_update(index_elements=["unit_id"], set_={"streams": streams})
        gone = t.unit_line.delete().where(c.unit_id == unit_id)
        async with self._database.write() as connection:
            await connection.execute(gone if streams is None else kept)
