"""The record, in SQL: one repository per aggregate over one database.

Every method is one transaction. Besides what its docstring names, each may raise Unavailable
(the database does not answer, or is locked by others for too long) and BadInput (a text is too
long for its column, or a reference leads nowhere).
"""

from __future__ import annotations

from confhub.config import Settings
from confhub.errors import N_, Unavailable
from confhub.store.accounts import AccountStore
from confhub.store.audit import AuditEntry, AuditStore
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from confhub.store.database.migration import migrate
from confhub.store.imports import ImportStore
from confhub.store.links import LinkStore
from confhub.store.meetings import MeetingStore
from confhub.store.rooms import RoomStore
from confhub.store.sites import SiteStore
from confhub.store.units import UnitStore

__all__ = [
    "AccountStore",
    "AuditEntry",
    "AuditStore",
    "ImportStore",
    "LinkStore",
    "MeetingStore",
    "RoomStore",
    "SiteStore",
    "Store",
    "UnitStore",
    "open_store",
]

_SILENT = N_("Cơ sở dữ liệu không trả lời. Xin kiểm tra cấu hình (CONFHUB_DATABASE).")


class Store:
    """All repositories of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.units = UnitStore(database)
        self.sites = SiteStore(database)
        self.accounts = AccountStore(database)
        self.meetings = MeetingStore(database)
        self.links = LinkStore(database)
        self.rooms = RoomStore(database)
        self.imports = ImportStore(database)
        self.audit = AuditStore(database)

    async def ping(self) -> None:
        """Raise Unavailable if the database does not answer in time."""
        await self._database.ping()

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
    return Store(Database(database_url(settings)))
