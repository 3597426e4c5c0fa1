"""Days that a year's notice of the government moves, in the store."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select

from confhub.errors import N_, NotFound
from confhub.meetings.working_days import SpecialDay, WorkCalendar
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions

_NOT_FOUND = N_("Ngày này không có trong bảng, hoặc vừa được bỏ.")


class SpecialDayStore:
    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def all(self) -> list[SpecialDay]:
        """By day. Some ten a year; `desks.work_calendar` bounds them."""
        c = t.special_day.c
        query = select(c.day, c.is_off, c.name).order_by(c.day)
        async with self._database.read() as connection:
            return [SpecialDay(*row) for row in await connection.execute(query)]

    async def calendar(self) -> WorkCalendar:
        """Which days offices are open."""
        return WorkCalendar(await self.all())

    async def put(self, special: SpecialDay) -> None:
        """In place of what stands there for that day."""
        row = {"day": special.day, "is_off": special.is_off, "name": special.name}
        new = self._database.insert(t.special_day).values(fitting(t.special_day, row))
        kept = {name: new.excluded[name] for name in ("is_off", "name")}
        async with self._database.write() as connection:
            await connection.execute(new.on_conflict_do_update(index_elements=["day"], set_=kept))

    async def drop(self, day: dt.date) -> None:
        """The calendar's own word holds again; NotFound."""
        async with self._database.write() as connection:
            done = await connection.execute(delete(t.special_day).where(t.special_day.c.day == day))
            if done.rowcount == 0:
                raise NotFound(_NOT_FOUND)
