"""What a router tells of its connections, and what it keeps to itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from rooms.media.events import Measured, TransportChanged
from tests.rooms.media.hall import Hall, open_hall


@pytest_asyncio.fixture
async def hall() -> AsyncIterator[Hall]:
    async with open_hall() as opened:
        yield opened


async def test_a_connection_that_another_has_replaced_says_nothing_more(hall: Hall) -> None:
    await hall.sender("a")
    hall.conference.remove("a")
    publisher = hall.conference.publisher("a")
    closing = list(hall.router._closing)
    assert closing
    await asyncio.gather(*closing)
    states = [event.state for event in hall.events if isinstance(event, TransportChanged)]
    assert states == ["connecting", "connected"]
    assert publisher.transport.state == "new"


async def test_what_cannot_be_measured_hides_nobody_else(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hall.sender("a")
    await hall.receiver("b")
    broken = hall.conference.publisher("c")
    monkeypatch.setattr(broken, "measure", lambda now: 1 / 0)
    hall.router.measure("room")
    hall.router.measure("nobody is here")
    told = [event for event in hall.events if isinstance(event, Measured)]
    assert [(list(one.publishers), list(one.subscribers)) for one in told] == [(["a"], ["b"])]
    assert (told[0].publishers["a"].state, told[0].subscribers["b"].state) == ("connected",) * 2
