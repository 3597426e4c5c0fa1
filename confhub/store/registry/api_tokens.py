"""Access tokens of programs, in the store."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from sqlalchemy import ColumnElement, func, insert, select, update

from confhub.errors import N_, NotFound
from confhub.people.api_token import ApiToken, known_scopes
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.failures import FORM_USED
from confhub.store.database.transactions import Transactions

_NOT_FOUND = N_("Không tìm thấy mã truy cập này.")


class ApiTokenStore:
    """Revoked ones stay, so that the record can name them."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, token: ApiToken) -> None:
        """Conflict where its id is taken."""
        row = fitting(t.api_token, asdict(token) | {"scopes": " ".join(token.scopes)})
        async with self._database.write(FORM_USED) as connection:
            await connection.execute(insert(t.api_token).values(row))

    async def of_unit(self, unit_id: str) -> list[ApiToken]:
        """Those of the unit itself that were not revoked, past ones too, the last made first."""
        c = t.api_token.c
        found = await self._select(c.unit_id == unit_id, c.ended_at.is_(None))
        return sorted(found, key=lambda one: (one.made_at, one.id), reverse=True)

    async def living(self, account_id: str, now: dt.datetime) -> list[ApiToken]:
        """Those that the account made and that hold."""
        c = t.api_token.c
        return await self._select(c.account_id == account_id, c.ended_at.is_(None), c.ends_at > now)

    async def count(self, unit_id: str, now: dt.datetime) -> int:
        """How many of the unit hold."""
        c = t.api_token.c
        query = select(func.count()).where(
            c.unit_id == unit_id, c.ended_at.is_(None), c.ends_at > now
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def get(self, token_id: str) -> ApiToken:
        """Revoked or not; NotFound."""
        found = await self.find(token_id)
        if found is None:
            raise NotFound(_NOT_FOUND)
        return found

    async def find(self, token_id: str) -> ApiToken | None:
        return next(iter(await self._select(t.api_token.c.id == token_id)), None)

    async def by_hash(self, secret_hash: str) -> ApiToken | None:
        """The one whose secret has this hash, revoked or not."""
        return next(iter(await self._select(t.api_token.c.secret_hash == secret_hash)), None)

    async def end(self, token_id: str, now: dt.datetime) -> None:
        """Let it open nothing any more."""
        c = t.api_token.c
        lives = (c.id == token_id, c.ended_at.is_(None))
        async with self._database.write() as connection:
            await connection.execute(update(t.api_token).where(*lives).values(ended_at=now))

    async def touch(self, token_id: str, now: dt.datetime) -> None:
        """Note that it was used."""
        query = update(t.api_token).where(t.api_token.c.id == token_id).values(used_at=now)
        async with self._database.write() as connection:
            await connection.execute(query)

    async def _select(self, *where: ColumnElement[bool]) -> list[ApiToken]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(t.api_token).where(*where))
            return [
                ApiToken(**{**row._mapping, "scopes": known_scopes(row.scopes.split())})
                for row in rows
            ]
