"""Series of meetings, their parts and which meeting is their occurrence, in the store."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_, Conflict, NotFound
from confhub.planning.recurrence import Rule
from confhub.planning.series import Content, Occurrence, Part, Series
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.tables import planning as t

_NOT_FOUND = N_("Không tìm thấy chuỗi họp.")
_IN_USE = N_("Buổi này của chuỗi vừa được lập ở nơi khác. Xin thử lại.")


class SeriesStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, series: Series) -> None:
        async with self._database.write(_IN_USE) as connection:
            await connection.execute(insert(t.series).values(_series_row(series)))
            rows = [_part_row(series.id, part) for part in series.parts]
            await connection.execute(insert(t.series_part), rows)

    async def get(self, series_id: str) -> Series:
        """With all its parts; NotFound."""
        async with self._database.read() as connection:
            return await _get(connection, series_id)

    async def many(self, series_ids: Collection[str]) -> list[Series]:
        """Those that are on record, with all their parts."""
        c, part = t.series.c, t.series_part.c
        query = select(t.series).where(self._database.among(c.id, series_ids))
        of_them = select(t.series_part).where(self._database.among(part.series_id, series_ids))
        parts: dict[str, list[Part]] = {}
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(c.id))).all()
            for one in await connection.execute(of_them.order_by(part.number)):
                parts.setdefault(one.series_id, []).append(_part(one))
        return [Series(**row._mapping, parts=tuple(parts.get(row.id, ()))) for row in rows]

    async def hold(self, series_id: str) -> Series:
        """In a work: the series, which nobody else changes or settles until it is through."""
        own = t.series.c.id == series_id
        async with self._database.write() as connection:
            await connection.execute(select(t.series.c.id).where(own).with_for_update())
            return await _get(connection, series_id)

    async def update(self, series: Series) -> Series:
        """Returns it with its new version; parts are only added and superseded. Conflict if it is
        not of that version any more."""
        c, part = t.series.c, t.series_part.c
        changed = dataclasses.replace(series, version=series.version + 1)
        same = (c.id == series.id, c.version == series.version)
        superseded = [one.number for one in series.parts if one.superseded]
        async with self._database.write(_IN_USE) as connection:
            done = await connection.execute(
                update(t.series).where(*same).values(_series_row(changed))
            )
            if done.rowcount == 0:
                raise Conflict
            own = part.series_id == series.id
            known = set(await connection.scalars(select(part.number).where(own)))
            new = [_part_row(series.id, one) for one in series.parts if one.number not in known]
            if new:
                await connection.execute(insert(t.series_part), new)
            await connection.execute(
                update(t.series_part)
                .where(own, part.number.in_(superseded))
                .values(superseded=True)
            )
        return changed

    async def open_ids(self) -> list[str]:
        """Those that the job looks after."""
        query = select(t.series.c.id).where(t.series.c.is_open).order_by(t.series.c.id)
        async with self._database.read() as connection:
            return list(await connection.scalars(query))

    async def of_meeting(self, meeting_id: str) -> Occurrence | None:
        """As what a meeting stands in a series, if it does."""
        found = await self._occurrences(t.occurrence.c.meeting_id == meeting_id)
        return found[0] if found else None

    async def of_meetings(self, meeting_ids: Collection[str]) -> list[Occurrence]:
        """Those of the meetings that stand in a series, by their original date."""
        return await self._occurrences(self._database.among(t.occurrence.c.meeting_id, meeting_ids))

    async def occurrences(self, series_id: str, since: dt.date | None = None) -> list[Occurrence]:
        """Those of a series, by original date; `since`: from that one on."""
        c = t.occurrence.c
        where = [c.series_id == series_id]
        if since is not None:
            where.append(c.original >= since)
        return await self._occurrences(*where)

    async def first_meetings(
        self, series_ids: Collection[str], since: dt.date, states: Collection[str]
    ) -> dict[str, str]:
        """Of each series the meeting of its first occurrence in one of the states from the original
        date `since` on."""
        c = t.occurrence.c
        of_them = self._database.among(c.series_id, series_ids)
        found: dict[str, str] = {}
        for one in await self._occurrences(of_them, c.original >= since, c.state.in_(states)):
            found.setdefault(one.series_id, one.meeting_id)
        return found

    async def _occurrences(self, *where: ColumnElement[bool]) -> list[Occurrence]:
        c = t.occurrence.c
        query = select(t.occurrence).where(*where).order_by(c.original, c.meeting_id)
        async with self._database.read() as connection:
            return [Occurrence(**row._mapping) for row in await connection.execute(query)]

    async def add_occurrence(self, one: Occurrence) -> None:
        """Conflict if the series has one of that original date."""
        async with self._database.write(_IN_USE) as connection:
            await connection.execute(insert(t.occurrence).values(_row(one)))

    async def put_occurrence(self, one: Occurrence) -> None:
        """In place of what stands there for its meeting; Conflict as `add_occurrence`."""
        own = t.occurrence.c.meeting_id == one.meeting_id
        async with self._database.write(_IN_USE) as connection:
            await connection.execute(update(t.occurrence).where(own).values(_row(one)))


async def _get(connection: AsyncConnection, series_id: str) -> Series:
    row = (await connection.execute(select(t.series).where(t.series.c.id == series_id))).first()
    if row is None:
        raise NotFound(_NOT_FOUND)
    c = t.series_part.c
    query = select(t.series_part).where(c.series_id == series_id).order_by(c.number)
    parts = tuple(_part(one) for one in await connection.execute(query))
    return Series(**row._mapping, parts=parts)


def _part(row: Any) -> Part:
    return Part(
        row.number,
        row.since,
        msgspec.convert(row.rule, Rule),
        msgspec.convert(row.content, Content),
        row.reason,
        row.superseded,
    )


def _series_row(series: Series) -> dict[str, Any]:
    names = (column.name for column in t.series.columns)
    return fitting(t.series, {name: getattr(series, name) for name in names})


def _part_row(series_id: str, part: Part) -> dict[str, Any]:
    row = {
        "series_id": series_id,
        "number": part.number,
        "since": part.since,
        "rule": msgspec.to_builtins(part.rule),
        "content": msgspec.to_builtins(part.content),
        "reason": part.reason,
        "superseded": part.superseded,
    }
    return fitting(t.series_part, row)


def _row(one: Occurrence) -> dict[str, Any]:
    return fitting(t.occurrence, dataclasses.asdict(one))
