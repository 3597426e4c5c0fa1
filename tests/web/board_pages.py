"""A board beside the pages, and sites whose links tests make good or bad."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientResponse
from msgspec.structs import replace

from confhub.bus.news import QUALITY_TOPIC, QualityReport, encode
from confhub.meetings.meeting import Meeting
from confhub.quality import HubSide, Path, SitePresence
from monitoring.board import Board
from tests.monitoring.evidence import HEALTHY_DIGEST, HEALTHY_HUB_SIDE
from tests.parts import there
from tests.waiting import until
from tests.web.browser import NOON
from web.services import Services

TITLE = "Giao ban huyện"


@contextlib.asynccontextmanager
async def with_board(services: Services) -> AsyncIterator[Services]:
    """The services with a board that hears their bus and has their clock."""
    board = Board(services.bus, clock=lambda: services.clock().timestamp())
    await board.start()
    try:
        yield dataclasses.replace(services, board=board)
    finally:
        await board.close()


async def add_meeting(services: Services, *unit_ids: str, **changed: Any) -> Meeting:
    """A meeting that began half an hour ago; each unit's room is invited."""
    values: dict[str, Any] = {
        "id": "briefing",
        "title": TITLE,
        "level_id": "district",
        "host_unit_id": "nam-po",
        "chair_site_id": f"{unit_ids[0]}-room",
        "starts_at": NOON - dt.timedelta(minutes=30),
        "ends_at": NOON + dt.timedelta(hours=1),
        "sites": tuple(f"{unit_id}-room" for unit_id in unit_ids),
    }
    meeting = Meeting(**(values | changed))
    await services.store.meetings.add(meeting)
    return meeting


async def report(
    services: Services,
    unit_id: str,
    *,
    loss_up: float = 0.0,
    connected: bool = True,
    left: bool = False,
    device: bool = False,
    path: Path = HEALTHY_DIGEST.path,
) -> None:
    """One report of the unit's room, on the bus, heard by the board when this returns.

    A `device` has no digest and receives nothing. `path` is the way that the page's media take.
    """
    site_id, now = f"{unit_id}-room", services.clock().timestamp()
    heard = there(services.board).reports
    told = QualityReport(
        site_id,
        "briefing",
        now,
        presence=SitePresence(site_id, "briefing", f"s-{site_id}", connected, now, left),
        digest=replace(
            HEALTHY_DIGEST,
            audio_out=replace(HEALTHY_DIGEST.audio_out, loss_fraction=loss_up),
            path=path,
        )
        if connected and not device
        else None,
        hub_side=_hub_side(device) if connected else None,
    )
    await services.bus.publish(QUALITY_TOPIC, encode(told))

    async def is_heard() -> bool:
        return bool(there(services.board).reports > heard)

    await until(is_heard)


def _hub_side(device: bool) -> HubSide:
    return (
        replace(HEALTHY_HUB_SIDE, receive_state="new", device=True) if device else HEALTHY_HUB_SIDE
    )


class Stream:
    """Server-sent events of an answer, one after the other."""

    def __init__(self, answer: ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's name and data; EOFError at the end."""
        block = await self._answer.content.readuntil(b"\n\n")
        if not block.endswith(b"\n\n"):
            raise EOFError
        lines = block.decode().splitlines()
        return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))

    async def expect(self, name: str) -> dict[str, Any]:
        """The next event of a name; beats and rows in between are passed over."""
        while True:
            found, data = await self.next()
            if found == name:
                return data

    async def row(self, unit_id: str, standing: str) -> dict[str, Any]:
        """The next row of the unit's room with a standing."""
        while True:
            name, data = await self.next()
            for row in data.get("rows", ()):
                if (row["id"], row["standing"]) == (f"{unit_id}-room", standing):
                    assert name in ("snapshot", "rows")
                    return dict(row)
