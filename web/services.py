"""What the pages stand on: one object made by the wiring and handed to `build_app`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from confhub.bus.interface import Bus
from confhub.config import Settings
from confhub.jobs.desk import JobDesk
from confhub.meetings.tokens import JoinTokens
from confhub.store import Store


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """`rooms` and what follows may be absent where only pages are served (tests)."""

    settings: Settings
    store: Store
    bus: Bus
    tokens: JoinTokens
    rooms: Any = None  # rooms.hub.hub.RoomHub
    board: Any = None  # monitoring.board.Board
    media: Any = None  # rooms.media.router.MediaRouter
    connections: Any = None  # web.requests.connections.Connections
    clock: Callable[[], dt.datetime] = utc_now
    jobs: JobDesk | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Where the users are."""
        return ZoneInfo(self.settings.timezone)


SERVICES = web.AppKey("services", Services)
