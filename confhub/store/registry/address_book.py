"""People without an account in the store: who chairs, who runs the equipment, how to reach them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict, NotFound
from confhub.people.person import Person
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.failures import FORM_USED
from confhub.store.database.transactions import Transactions

People: TypeAlias = list[Person]

_NOT_FOUND = N_("Không tìm thấy người này trong danh bạ.")
_COLUMNS = [column for column in t.person.columns if column.name != "account_id"]


class AddressBook:
    """Lists are by name. Of people with an account, `AccountStore` tells."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def list(self, unit_ids: Collection[str]) -> People:
        """People of just these units, those who left too."""
        return await self._those(self._database.among(t.person.c.unit_id, unit_ids))

    async def get_many(self, person_ids: Collection[str]) -> People:
        """Those of the people who stand in the book, those who left too."""
        return await self._those(self._database.among(t.person.c.id, person_ids))

    async def count(self, unit_id: str) -> tuple[int, int]:
        """How many stand in the book, and how many of them in one unit; who left too."""
        c = t.person.c
        of_all = select(func.count()).select_from(t.person).where(c.account_id.is_(None))
        async with self._database.read() as connection:
            in_all = await connection.scalar(of_all)
            in_unit = await connection.scalar(of_all.where(c.unit_id == unit_id))
        return in_all or 0, in_unit or 0

    async def get(self, person_id: str) -> Person:
        """NotFound."""
        async with self._database.read() as connection:
            found = await _people(connection, _select(t.person.c.id == person_id))
        if not found:
            raise NotFound(_NOT_FOUND)
        return found[0]

    async def add(self, person: Person) -> None:
        """Somebody new, under an id of the caller's; Conflict where that is somebody's."""
        async with self._database.write(FORM_USED) as connection:
            await connection.execute(self._database.insert(t.person).values(_values(person)))

    async def update(self, person: Person) -> Person:
        """Replace all that is known of them; returns it with its new version. Conflict if it
        changed meanwhile, NotFound."""
        c = t.person.c
        known = (c.id == person.id, c.account_id.is_(None))
        values = _values(person) | {"version": person.version + 1}
        async with self._database.write() as connection:
            done = await connection.execute(
                update(t.person).where(*known, c.version == person.version).values(values)
            )
            if done.rowcount == 0:
                there = await connection.scalar(select(c.id).where(*known))
                raise Conflict() if there else NotFound(_NOT_FOUND)
        return dataclasses.replace(person, version=person.version + 1)

    async def _those(self, where: ColumnElement[bool]) -> People:
        query = _select(where)

        async def people(connection: AsyncConnection) -> People:
            return await _people(connection, query)

        return await self._database.read_aside(people)


def _select(where: ColumnElement[bool]) -> Select[Any]:
    c = t.person.c
    return select(*_COLUMNS).where(c.account_id.is_(None), where).order_by(c.name, c.id)


async def _people(connection: AsyncConnection, query: Select[Any]) -> People:
    return [_person(row) for row in await connection.execute(query)]


def _values(person: Person) -> dict[str, Any]:
    return fitting(t.person, {column.name: getattr(person, column.name) for column in _COLUMNS})


def _person(row: Row[Any]) -> Person:
    values = {column.name: value for column, value in zip(_COLUMNS, row, strict=True)}
    return Person(**values | {"unit_id": values["unit_id"] or ""})
