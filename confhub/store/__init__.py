"""The record, in SQL: one repository per aggregate over one database.

Every method is one transaction, or joins that of a `Work`. Besides what its docstring names, each
may raise Unavailable (the database does not answer, or is locked by others for too long) and
BadInput (a text is too long for its column, or a reference leads nowhere).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from confhub.config import Settings, hub_figure
from confhub.errors import N_, Unavailable
from confhub.people.actor import Actor
from confhub.planning.shared.capacity import UNMEASURED, Capacity
from confhub.store.accounts import AccountStore
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from confhub.store.database.migration import migrate
from confhub.store.grants import GrantStore
from confhub.store.links import LinkStore
from confhub.store.meetings import MeetingStore
from confhub.store.outbox import OutboxStore, Told
from confhub.store.ownership import OwnershipStore
from confhub.store.queue.backlog import DeadLetter
from confhub.store.queue.jobs import Claim, JobStore
from confhub.store.registry.imports import ImportStore
from confhub.store.registry.sites import SiteStore
from confhub.store.registry.units import UnitStore
from confhub.store.repositories import Repositories
from confhub.store.rooms import RoomStore
from confhub.store.trail.audit import AuditStore
from confhub.store.work import Work, working, working_aside
from confhub.trail.entry import AuditEntry

__all__ = [
    "AccountStore",
    "AuditEntry",
    "AuditStore",
    "Claim",
    "DeadLetter",
    "GrantStore",
    "ImportStore",
    "JobStore",
    "LinkStore",
    "MeetingStore",
    "OutboxStore",
    "OwnershipStore",
    "RoomStore",
    "SiteStore",
    "Store",
    "Told",
    "UnitStore",
    "Work",
    "open_store",
]

T = TypeVar("T")

_SILENT = N_("Cơ sở dữ liệu không trả lời. Xin kiểm tra cấu hình (CONFHUB_DATABASE).")


class Store(Repositories):
    """All repositories of one database, and works that hold several of them together."""

    def __init__(self, database: Database, capacity: Capacity = UNMEASURED) -> None:
        """`capacity`: of the hubs on it."""
        super().__init__(database, capacity)
        self.audit = AuditStore(database)
        self.outbox = OutboxStore(database)
        self._database = database
        self._on_told: list[Callable[[], None]] = []

    def work(
        self, actor: Actor, key: str | None = None, *, sent: object = None
    ) -> AbstractAsyncContextManager[Work]:
        """`async with store.work(actor) as work`: one transaction, committed at the end.

        Every repository of `work` takes part in it, with `work.audit` and `work.tell`. Keep it
        short: SQLite has one writer, so read at length before. Who may try again gives a `key`
        that stays the same: `work.done` tells that it was committed before, though the answer was
        lost. Without, a commit whose answer is lost is looked up, and Unavailable leaves it open
        only where the database does not come back within seconds.

        A key that comes from outside is no proof of the act: somebody goes back to a form and
        changes it, or takes another's key. With `sent`, all that was asked for (dataclasses of
        plain values, without the moment), `work.done` tells of just this, by this account; what is
        different is new, and its id is then in use (FORM_USED).
        """
        return working(self._database, actor, key, sent, self._wake, self.takings.capacity)

    async def work_aside(self, actor: Actor, body: Callable[[Work], Awaitable[T]]) -> T:
        """What `body` returns of a work in another thread: for thousands of rows, which live rooms
        must not wait. `body` touches nothing that the caller's thread may be changing."""
        capacity = self.takings.capacity
        return await working_aside(self._database, actor, self._wake, body, capacity)

    def on_told(self, call: Callable[[], None]) -> None:
        """Have `call` called after each commit that has something to deliver."""
        self._on_told.append(call)

    def _wake(self) -> None:
        for call in self._on_told:
            call()

    async def ping(self) -> None:
        """Raise Unavailable if the database does not answer in time."""
        await self._database.ping()

    async def end_silent(self) -> int:
        """Cut off hubs that sleep in the middle of a statement, with what they lock; how many
        sessions."""
        return await self._database.end_silent()

    async def close(self) -> None:
        await self._database.close()


async def open_store(settings: Settings) -> Store:
    """The store at `settings.database`, brought up to date (after a backup, if SQLite).

    Unavailable if the database cannot be reached.
    """
    try:
        await migrate(settings)
    except Unavailable as error:
        if error.message != Unavailable.message:
            raise
        raise Unavailable(_SILENT, code=error.code) from error
    capacity = Capacity(tuple(map(hub_figure, settings.hub_sites)))
    return Store(Database(database_url(settings)), capacity)
