"""What the pages stand on: one object made by the wiring and handed to `build_app`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.bus.interface import Bus
from confhub.config import Settings
from confhub.jobs.desk import JobDesk
from confhub.meetings.tokens import JoinTokens
from confhub.store import Store
from monitoring.board import Board
from rooms.hub.hub import RoomHub
from rooms.plane.interface import MediaPlane


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class OpenConnections(Protocol):
    """What web/requests/connections.py counts, which stands on this module."""

    limit: int
    made_room: int

    @property
    def count(self) -> int: ...
    @property
    def refused(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Services:
    """`rooms` and what follows may be absent where only pages are served (tests)."""

    settings: Settings
    store: Store
    bus: Bus
    tokens: JoinTokens
    rooms: RoomHub | None = None
    board: Board | None = None
    media: MediaPlane | None = None
    connections: OpenConnections | None = None
    clock: Callable[[], dt.datetime] = utc_now
    jobs: JobDesk | None = None
    # Of the pages' certificate, where the hub has one; it changes while the hub runs.
    certificate_ends_at: Callable[[], dt.datetime] | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Where the users are."""
        return ZoneInfo(self.settings.timezone)


SERVICES = web.AppKey("services", Services)
# The OpenAPI document of /api/v1, made when it is first asked for (web/api/openapi.py).
ENCODED_V1 = web.AppKey[Callable[[], bytes]]("openapi of v1")
