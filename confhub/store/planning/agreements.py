"""Who has to confirm meetings' times, and what was asked and answered, in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.errors import N_
from confhub.meetings.meeting import PLANNED, Meeting
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import (
    UNCONFIRMED,
    WAITING,
    Agreement,
    AnsweredMeanwhile,
    State,
)
from confhub.store import tables as t
from confhub.store.database.database import fitting
from confhub.store.database.transactions import Transactions
from confhub.store.planning.takings import is_ahead

Found: TypeAlias = list["Asked"]

_IN_USE = N_("Cuộc họp này vừa được hỏi xác nhận ở nơi khác. Xin thử lại.")
_JOINED = t.agreement.join(t.meeting, t.meeting.c.id == t.agreement.c.meeting_id)
# Looked through by a job in one go; what is left comes the next time, minutes later.
MOST_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """An agreement with its meeting, which comes without its agenda and its sites."""

    agreement: Agreement
    meeting: Meeting


class AgreementStore:
    """One agreement for each meeting that was asked for."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    # Rules -------------------------------------------------------------------------------

    async def rules(self, unit_ids: Collection[str]) -> Mapping[str, Rule]:
        """Those of these units that have their own."""
        c = t.agreement_rule.c
        query = select(t.agreement_rule).where(self._database.among(c.unit_id, unit_ids))
        async with self._database.read() as connection:
            found = [Rule(**row._mapping) for row in await connection.execute(query)]
        return {rule.unit_id: rule for rule in found}

    async def is_anybody_asked(self) -> bool:
        """Whether any unit has a rule, or had one when a meeting was planned: where none has,
        nothing else needs to be looked up."""
        query = select(
            or_(
                exists(select(t.agreement_rule.c.unit_id)),
                exists(select(t.agreement.c.meeting_id)),
            )
        )
        async with self._database.read() as connection:
            return bool(await connection.scalar(query))

    async def put_rule(self, rule: Rule) -> None:
        row = asdict(rule)
        new = self._database.insert(t.agreement_rule).values(row)
        changed = {name: row[name] for name in ("centre_id", "days")}
        async with self._database.write() as connection:
            await connection.execute(
                new.on_conflict_do_update(index_elements=["unit_id"], set_=changed)
            )

    async def drop_rule(self, unit_id: str) -> None:
        """The unit has what the units above it have; nothing if it had no own."""
        c = t.agreement_rule.c
        async with self._database.write() as connection:
            await connection.execute(t.agreement_rule.delete().where(c.unit_id == unit_id))

    # Agreements --------------------------------------------------------------------------

    async def find(self, meeting_id: str) -> Agreement | None:
        """None: nobody was asked for the meeting."""
        query = select(t.agreement).where(t.agreement.c.meeting_id == meeting_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Agreement(**row._mapping) if row is not None else None

    async def add(self, agreement: Agreement) -> None:
        async with self._database.write(_IN_USE) as connection:
            row = fitting(t.agreement, asdict(agreement))
            await connection.execute(insert(t.agreement).values(row))

    async def update(self, agreement: Agreement) -> None:
        """AnsweredMeanwhile unless the stored version is the one before."""
        c = t.agreement.c
        mine = (c.meeting_id == agreement.meeting_id, c.version == agreement.version - 1)
        row = fitting(t.agreement, asdict(agreement))
        async with self._database.write() as connection:
            done = await connection.execute(update(t.agreement).where(*mine).values(row))
            if done.rowcount == 0:
                raise AnsweredMeanwhile

    async def note_reminder(self, meeting_id: str, now: dt.datetime) -> None:
        """It is no answer: whoever is answering is not disturbed."""
        c = t.agreement.c
        async with self._database.write() as connection:
            await connection.execute(
                update(t.agreement).where(c.meeting_id == meeting_id).values(reminded_at=now)
            )

    async def states(self, meeting_ids: Collection[str]) -> Mapping[str, State]:
        """How it stands with those of the meetings for which somebody was asked."""
        c = t.agreement.c
        query = select(c.meeting_id, c.state).where(self._database.among(c.meeting_id, meeting_ids))
        async with self._database.read() as connection:
            return {row.meeting_id: row.state for row in await connection.execute(query)}

    async def of_centres(
        self, centre_ids: Collection[str], now: dt.datetime, start: int, size: int
    ) -> tuple[Found, int]:
        """What waits for an answer of these units, of meetings ahead, the nearest deadline first:
        `size` from number `start`; and how many there are."""
        centre = self._database.among(t.agreement.c.centre_id, centre_ids)
        waiting = (centre, t.agreement.c.state.in_(WAITING), *_ahead(now))
        query = select(func.count()).select_from(_JOINED).where(*waiting)
        async with self._database.read() as connection:
            count = await connection.scalar(query)
        return await self._select(*waiting, start=start, limit=size), count or 0

    async def reminded(self, centre_ids: Collection[str], now: dt.datetime) -> int:
        """How many questions these units were reminded of and have still time to answer."""
        c = t.agreement.c
        centre = self._database.among(c.centre_id, centre_ids)
        open_yet = (c.state == "asked", c.reminded_at.is_not(None), c.due_at > now)
        query = select(func.count()).select_from(_JOINED).where(centre, *open_yet, *_ahead(now))
        async with self._database.read() as connection:
            return await connection.scalar(query) or 0

    async def answered_by_centres(
        self, centre_ids: Collection[str], now: dt.datetime, limit: int
    ) -> Found:
        """What these units answered of meetings ahead, the last answer first."""
        c = t.agreement.c
        centre = self._database.among(c.centre_id, centre_ids)
        answers = c.state.in_(("confirmed", "declined", "proposed"))
        where = (centre, answers, c.answered_at.is_not(None), *_ahead(now))
        return await self._select(*where, order=c.answered_at.desc(), limit=limit)

    async def to_be_seen_to(self, unit_ids: Collection[str], now: dt.datetime, limit: int) -> Found:
        """Of meetings ahead that one of the units hosts, those that are not confirmed and for which
        it is whoever plans them that has to act: by time."""
        c = t.agreement.c
        hosted = self._database.among(t.meeting.c.host_unit_id, unit_ids)
        states = c.state.in_(UNCONFIRMED - {"asked"})
        where = (hosted, states, *_ahead(now))
        return await self._select(*where, order=t.meeting.c.starts_at, limit=limit)

    async def to_look_at(self, now: dt.datetime) -> list[str]:
        """Ids of meetings whose centre has to be reminded, or has not answered in time; the first
        MOST_LOOKED_AT."""
        c = t.agreement.c
        to_remind = and_(c.remind_at <= now, c.reminded_at.is_(None))
        query = (
            select(c.meeting_id)
            .where(c.state == "asked", or_(to_remind, c.due_at <= now))
            .order_by(c.due_at, c.meeting_id)
            .limit(MOST_LOOKED_AT)
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(query))

    async def open_ahead(self, now: dt.datetime, after: str) -> list[str]:
        """Ids of meetings ahead that are not confirmed, in their order, after that one; the first
        MOST_LOOKED_AT."""
        c = t.agreement.c
        query = (
            select(c.meeting_id)
            .select_from(_JOINED)
            .where(c.state.in_(UNCONFIRMED), c.meeting_id > after, *_ahead(now))
            .order_by(c.meeting_id)
            .limit(MOST_LOOKED_AT)
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(query))

    async def _select(
        self,
        *where: ColumnElement[bool],
        limit: int,
        start: int = 0,
        order: ColumnElement[Any] = t.agreement.c.due_at,
    ) -> Found:
        count = len(t.agreement.columns)
        query = select(t.agreement, t.meeting).select_from(_JOINED).where(*where)
        query = query.order_by(order, t.meeting.c.id).offset(start).limit(limit)
        own, whose = t.agreement.columns.keys(), t.meeting.columns.keys()

        async def read(connection: AsyncConnection) -> Found:
            return [
                Asked(
                    Agreement(**dict(zip(own, row[:count], strict=True))),
                    Meeting(**dict(zip(whose, row[count:], strict=True))),
                )
                for row in await connection.execute(query)
            ]

        return await self._database.read_aside(read)


def _ahead(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    """Of several sittings the last may still be ahead."""
    return is_ahead(now), t.meeting.c.status.in_(PLANNED)
