"""Which secret key a database belongs to: its fingerprint, never the key."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions


class KeyStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def known(self, name: str, fingerprint: str, now: dt.datetime) -> str:
        """The fingerprint that the database knows under a name; the first that comes stays."""
        first = self._database.insert(t.known_key).values(_row(name, fingerprint, now))
        query = select(t.known_key.c.fingerprint).where(t.known_key.c.name == name)
        async with self._database.write() as connection:
            await connection.execute(first.on_conflict_do_nothing())
            return str((await connection.execute(query)).scalar_one())

    async def replace(self, name: str, fingerprint: str, now: dt.datetime) -> None:
        """From now on the database belongs to this key."""
        new = self._database.insert(t.known_key).values(_row(name, fingerprint, now))
        kept = {name: new.excluded[name] for name in ("fingerprint", "since")}
        upsert = new.on_conflict_do_update(index_elements=["name"], set_=kept)
        async with self._database.write() as connection:
            await connection.execute(upsert)


def _row(name: str, fingerprint: str, now: dt.datetime) -> dict[str, object]:
    return fitting(t.known_key, {"name": name, "fingerprint": fingerprint, "since": now})
