"""Grants in the store: who holds which role where, from when to when.

An account's post follows the account's own columns: a hub of before the grants writes only these.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, NotFound
from confhub.people.account import Account
from confhub.people.grant import Grant
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.failures import FORM_USED
from confhub.store.database.transactions import Transactions

_NOT_FOUND = N_("Không tìm thấy vai trò này.")

_SOURCE = t.account_grant.alias("source")
_HOLDER = t.account.alias("holder")
_GIVER = t.account.alias("giver")
_OWN = ("starts_at", "ends_at", "given_by", "given_at", "reason")


class GrantStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def of(self, account_id: str) -> list[Grant]:
        """Every grant of an account, past and future too, its post first; none if there is no such
        account."""
        found = await self.of_many([account_id])
        return found.get(account_id, [])

    async def of_many(self, account_ids: Collection[str]) -> dict[str, list[Grant]]:
        """As `of`, by account."""
        query = select(*_columns()).select_from(_joined(outer=True))
        query = query.where(self._database.among(_HOLDER.c.id, account_ids))
        grants: dict[str, dict[str, Grant]] = {}
        async with self._database.read() as connection:
            for row in (await connection.execute(query)).mappings():
                held = grants.setdefault(row["holder_id"], {})
                held.setdefault(row["holder_id"], _post(row))
                if row["id"] is not None:
                    held[row["id"]] = _grant(row)
        return {key: sorted(held.values(), key=_order) for key, held in grants.items()}

    async def get(self, grant_id: str) -> Grant:
        """One grant; NotFound."""
        found = await self._select(t.account_grant.c.id == grant_id)
        if not found:
            raise NotFound(_NOT_FOUND)
        return found[0]

    async def handed_over_by(self, account_id: str) -> list[Grant]:
        """What an account handed over to others, past and future too, the latest first."""
        c = t.account_grant.c
        found = await self._select(c.given_by == account_id, c.source_id.is_not(None))
        return sorted(found, key=lambda grant: (grant.given_at or _LONG_AGO, grant.id))[::-1]

    async def in_units(self, unit_ids: Collection[str]) -> list[Grant]:
        """Grants in these units of accounts whose post is in none of them."""
        among = self._database.among
        here = among(t.account_grant.c.unit_id, unit_ids)
        return await self._select(here, ~among(_HOLDER.c.unit_id, unit_ids))

    async def further_or_timed(self, unit_ids: Collection[str]) -> list[Grant]:
        """Grants in these units that an account's own role does not tell of: further ones, and
        posts that hold for a time only."""
        c = t.account_grant.c
        further = or_(c.id != c.account_id, c.starts_at.is_not(None), c.ends_at.is_not(None))
        return await self._select(self._database.among(c.unit_id, unit_ids), further)

    async def add(self, grant: Grant) -> None:
        """A new one, under an id of the caller's; Conflict where that is taken."""
        async with self._database.write(FORM_USED) as connection:
            if grant.source is not None and grant.source.is_post:
                # An account of a hub of before the grants has no row for its post.
                await self._insert(connection, _row(grant.source))
            await connection.execute(self._database.insert(t.account_grant).values(_row(grant)))

    async def set_end(self, grant: Grant, ends_at: dt.datetime | None) -> None:
        """Let a grant end at another time; None: never."""
        c = t.account_grant.c
        query = update(t.account_grant).where(c.id == grant.id).values(ends_at=ends_at)
        async with self._database.write() as connection:
            if grant.is_post:
                await self._insert(connection, _row(grant))
            await connection.execute(query)

    async def set_period(self, grant: Grant) -> None:
        """Let a grant that is there hold from when to when this one does."""
        c = t.account_grant.c
        span = {"starts_at": grant.starts_at, "ends_at": grant.ends_at}
        async with self._database.write() as connection:
            await connection.execute(update(t.account_grant).where(c.id == grant.id).values(span))

    async def forget(self, grant: Grant) -> None:
        """Remove a grant on which no other rests."""
        query = delete(t.account_grant).where(t.account_grant.c.id == grant.id)
        async with self._database.write() as connection:
            await connection.execute(query)

    async def _insert(self, connection: AsyncConnection, row: Mapping[str, Any]) -> None:
        await connection.execute(
            self._database.insert(t.account_grant).values(row).on_conflict_do_nothing()
        )

    async def _select(self, *where: ColumnElement[bool]) -> list[Grant]:
        query = select(*_columns()).select_from(_joined(outer=False)).where(*where)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings()
            return sorted((_grant(row) for row in rows), key=_order)


def post_row(account: Account) -> dict[str, Any]:
    """The row of an account's post, without its time."""
    return {
        "id": account.id,
        "account_id": account.id,
        "role": account.role,
        "unit_id": account.unit_id,
    }


_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


def _order(grant: Grant) -> tuple[bool, dt.datetime, str]:
    return not grant.is_post, grant.given_at or _LONG_AGO, grant.id


def _joined(*, outer: bool) -> Any:
    """A holder's account, its grants, and what each of them rests on."""
    grant = t.account_grant
    return (
        _HOLDER.join(grant, grant.c.account_id == _HOLDER.c.id, isouter=outer)
        .outerjoin(_SOURCE, _SOURCE.c.id == grant.c.source_id)
        .outerjoin(_GIVER, _GIVER.c.id == _SOURCE.c.account_id)
    )


def _columns() -> Sequence[ColumnElement[Any]]:
    accounts = [
        table.c[name].label(f"{prefix}_{name}")
        for table, prefix in ((_HOLDER, "holder"), (_GIVER, "giver"))
        for name in ("id", "role", "unit_id", "active")
    ]
    source = [column.label(f"source_{column.name}") for column in _SOURCE.columns]
    taken = {"source_id": "rests_on"}
    own = [c.label(taken.get(c.name, c.name)) for c in t.account_grant.columns]
    return [*own, *accounts, *source]


def _post(row: RowMapping) -> Grant:
    """Of an account that a hub of before the grants made."""
    holder = row["holder_id"]
    return Grant(
        holder,
        holder,
        row["holder_role"],
        row["holder_unit_id"],
        active=row["holder_active"],
    )


def _grant(row: RowMapping) -> Grant:
    values = {name: row[name] for name in _OWN}
    grant = Grant(
        row["id"],
        row["account_id"],
        row["role"],
        row["unit_id"],
        active=row["holder_active"],
        source=_source(row) if row["rests_on"] else None,
        **values,
    )
    if not grant.is_post:
        return grant
    return dataclasses.replace(grant, role=row["holder_role"], unit_id=row["holder_unit_id"])


def _source(row: RowMapping) -> Grant:
    values = {name: row[f"source_{name}"] for name in _OWN}
    source = Grant(
        row["source_id"],
        row["source_account_id"],
        row["source_role"],
        row["source_unit_id"],
        active=row["giver_active"],
        **values,
    )
    if not source.is_post:
        return source
    return dataclasses.replace(source, role=row["giver_role"], unit_id=row["giver_unit_id"])


def _row(grant: Grant) -> dict[str, Any]:
    row = {name: getattr(grant, name) for name in ("id", "account_id", "role", "unit_id", *_OWN)}
    row["source_id"] = None if grant.source is None else grant.source.id
    return fitting(t.account_grant, row)
