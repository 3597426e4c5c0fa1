"""One use case's transaction: the change, its audit lines and what it tells, all or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
from sqlalchemy import Table, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from confhub.identity import new_id, part_id
from confhub.people.actor import Actor
from confhub.people.powers import Powers
from confhub.planning.shared.capacity import Capacity
from confhub.store import tables as t
from confhub.store.database.database import Database
from confhub.store.database.transactions import Joined
from confhub.store.outbox import OutboxStore, Told
from confhub.store.repositories import Repositories
from confhub.store.trail.audit import AuditStore
from confhub.trail.entry import ACCESS_TOKEN, Act, AuditEntry, Changes

T = TypeVar("T")


class Work(Repositories):
    """Every repository, over one transaction. See `Store.work`.

    Its parts run one after another, never by `gather`. An error of a repository ends it: whoever
    goes on after one gets a RuntimeError, and nothing is stored.
    """

    def __init__(
        self, transaction: Joined, actor: Actor, key: str, capacity: Capacity, *, done: bool
    ) -> None:
        super().__init__(transaction, capacity)
        self.trail = AuditStore(transaction)
        self.actor = actor
        self.powers: Powers | None = None  # the actor's, once a use case has asked for them
        self.asks: bool | None = None  # whether any time has to be agreed, once it was looked up
        self.done = done
        self.outbox = OutboxStore(transaction)
        self._key = key
        self._written: list[tuple[Table, str]] = []
        self._told = 0

    async def audit(
        self, action: str, *, subject: str = "", detail: str = "", changes: Changes | None = None
    ) -> None:
        """One line in the audit trail, in the actor's name."""
        act = Act(action, subject, detail, changes or {})
        await self.trail.add(self._next_id(t.audit), _entry(act, self.actor))

    async def audit_all(self, acts: Iterable[Act]) -> None:
        """A line for each, as `audit`, in one go: a file has thousands."""
        await self.trail.add_all({self._next_id(t.audit): _entry(act, self.actor) for act in acts})

    async def tell(self, topic: str, payload: msgspec.Struct | Mapping[str, object]) -> None:
        """Have others told once this is committed: at least once, in this order."""
        plain = msgspec.to_builtins(payload)
        told = Told(self._next_id(t.outbox), topic, plain, self.actor.now, self._told)
        self._told += 1
        await self.outbox.add(told)

    @property
    def tells(self) -> bool:
        return self._told > 0

    def _next_id(self, table: Table) -> str:
        made = _mark(self._key, len(self._written))
        self._written.append((table, made))
        return made

    async def is_there(self, connection: AsyncConnection) -> bool:
        """Whether this work was committed: waits for a commit that is still under way.

        False also where it left neither an audit line nor anything told to know it by.
        """
        if not self._written:
            return False
        table, made = self._written[0]
        return await _is_taken(connection, table, made, self.actor)


@asynccontextmanager
async def working(
    database: Database,
    actor: Actor,
    key: str | None,
    sent: object,
    woken: Callable[[], None],
    capacity: Capacity,
) -> AsyncIterator[Work]:
    """See `Store.work`; `woken` is called after a commit that tells something."""
    made: list[Work] = []
    if key is not None and sent is not None:
        key = _key_of(key, actor, sent)

    async def is_there(connection: AsyncConnection) -> bool:
        return await made[0].is_there(connection)

    async with database.work(is_there) as connection:
        joined = Joined(connection, is_sqlite=database.is_sqlite)
        done = key is not None and await _was_done(joined, key)
        work = Work(joined, actor, key or new_id(), capacity, done=done)
        made.append(work)
        if actor.once is not None:
            await work.kept_answers.begin(actor.once, actor.now)
        yield work
        _check(joined)
    if work.tells:
        woken()


async def working_aside(
    database: Database,
    actor: Actor,
    woken: Callable[[], None],
    body: Callable[[Work], Awaitable[T]],
    capacity: Capacity,
) -> T:
    """See `Store.work_aside`."""
    made: list[Work] = []

    async def is_there(connection: AsyncConnection) -> bool:
        return await made[0].is_there(connection)

    async def run(connection: AsyncConnection) -> T:
        joined = Joined(connection, is_sqlite=database.is_sqlite)
        made.append(Work(joined, actor, new_id(), capacity, done=False))
        result = await body(made[0])
        _check(joined)
        return result

    result = await database.work_aside(is_there, run)
    if made[0].tells:
        woken()
    return result


def _entry(act: Act, actor: Actor) -> AuditEntry:
    changes = act.changes
    if actor.token_id:
        changes = {**changes, ACCESS_TOKEN: (None, f"{actor.token_name} ({actor.token_id})")}
    told = (act.action, act.subject, act.detail, actor.address, changes)
    return AuditEntry(actor.now, actor.account_id, *told)


def _check(joined: Joined) -> None:
    if joined.failed:
        raise RuntimeError("a use case went on after its transaction had failed")


def _key_of(key: str, actor: Actor, sent: object) -> str:
    """A key of one's own for each that used the key, and for each thing that was sent under it."""
    return part_id(key, f"{actor.account_id} {sent!r}")


def _mark(key: str, number: int) -> str:
    """The id of what a work writes as its `number`th line."""
    return part_id(key, str(number))


async def _was_done(joined: Joined, key: str) -> bool:
    """Whether a work of this key was committed; one that is being committed is waited for."""
    first = _mark(key, 0)
    there = [exists().where(table.c.id == first) for table in (t.audit, t.outbox)]
    async with joined.write() as connection:
        if not joined.is_sqlite:  # which has one writer anyway
            number = func.hashtextextended(literal(key), 0)
            await connection.execute(select(func.pg_advisory_xact_lock(number)))
        return any([await connection.scalar(select(one)) for one in there])


async def _is_taken(connection: AsyncConnection, table: Table, made: str, actor: Actor) -> bool:
    """Whether a row with this id is there. On PostgreSQL an insert waits for who inserts it."""
    # The other columns are what the table asks for; the transaction is rolled back.
    values = {"id": made, "at": actor.now, "action": ""}
    if table is t.outbox:
        values = {"id": made, "topic": "", "payload": {}, "position": 0}
        values |= {"made_at": actor.now, "next_at": actor.now}
    joined = Joined(connection, is_sqlite=False)
    done = await connection.execute(joined.insert(table).values(values).on_conflict_do_nothing())
    return done.rowcount == 0
