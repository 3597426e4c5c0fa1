"""What waits in a table of work, be it jobs or what was told, and what was given up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, Table, func, select

from confhub.store.database.transactions import Transactions

Payload: TypeAlias = Mapping[str, object]  # as JSON has it

# Whole for a message of ours; enough to know any other.
MOST_ERROR = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job, or news, that was given up; `topic` names its kind, or where the news should go."""

    id: str
    topic: str
    payload: Payload
    tries: int
    made_at: dt.datetime
    dead_at: dt.datetime
    error: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait, since when the first that is due, and how many were given up."""

    waiting: int
    due_since: dt.datetime | None
    dead: int

    def __add__(self, other: Backlog) -> Backlog:
        """Of both."""
        since = [one for one in (self.due_since, other.due_since) if one is not None]
        return Backlog(
            self.waiting + other.waiting, min(since, default=None), self.dead + other.dead
        )

    def late_s(self, now: dt.datetime) -> float:
        """For how long the first that is due waits; 0: nothing is due."""
        return 0.0 if self.due_since is None else max((now - self.due_since).total_seconds(), 0.0)


def after_failure(error: str, now: dt.datetime, again_at: dt.datetime | None) -> Mapping[str, Any]:
    """What a row says after a try that failed: when the next is, or None, that it is given up."""
    said = {"error": error.replace("\0", "")[:MOST_ERROR]}
    return said | ({"dead_at": now} if again_at is None else {"next_at": again_at})


async def read_dead(
    database: Transactions, table: Table, topic: Column[Any], limit: int
) -> list[DeadLetter]:
    """What was given up, the latest first; `topic` is the table's column for that."""
    c = table.c
    query = (
        select(c.id, topic, c.payload, c.tries, c.made_at, c.dead_at, c.error)
        .where(c.dead_at.is_not(None))
        .order_by(c.dead_at.desc(), c.id)
        .limit(limit)
    )
    async with database.read() as connection:
        return [DeadLetter(*row) for row in await connection.execute(query)]


async def read_backlog(
    database: Transactions, table: Table, waiting: tuple[ColumnElement[bool], ...], now: dt.datetime
) -> Backlog:
    """`waiting` is what makes a row of the table one that waits."""
    c = table.c
    count = select(func.count()).select_from(table)
    since = select(func.min(c.next_at)).where(*waiting, c.next_at <= now)
    async with database.read() as connection:
        return Backlog(
            await connection.scalar(count.where(*waiting)) or 0,
            await connection.scalar(since),
            await connection.scalar(count.where(c.dead_at.is_not(None))) or 0,
        )
