"""A site's places for players: no more than there are, whoever comes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from confhub.bus.interface import Bus
from confhub.errors import TooMany
from confhub.store import Store
from rooms.devices.devices import MAX_PLAYERS_PER_SITE
from rooms.devices.offer import MalformedOffer
from rooms.devices.session import DeviceLimits
from rooms.state.picture import Wish
from tests.rooms.devices.test_devices import ENCODER, PLAYER, Hall, open_hall
from tests.rooms.house import until
from tests.rooms.media.peer import play_offer


@pytest_asyncio.fixture
async def hall(store: Store, bus: Bus) -> AsyncIterator[Hall]:
    async with open_hall(store, bus, DeviceLimits()) as opened:
        yield opened


async def test_a_site_has_room_for_some_players(hall: Hall) -> None:
    for _ in range(MAX_PLAYERS_PER_SITE):
        await hall.play(Wish("s-huyen"))
    with pytest.raises(TooMany):
        await hall.play(Wish("s-huyen"))
    await hall.play(Wish("s-xa"), ENCODER)


async def test_players_that_come_at_once_have_no_more_room(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    entering = asyncio.Event()
    check = hall.check

    async def slow_check() -> None:
        await entering.wait()
        await check()

    monkeypatch.setattr(hall, "check", slow_check)
    coming = [
        asyncio.create_task(
            hall.devices.play(PLAYER, hall.check, play_offer(hall.peer()), Wish("s-huyen"))
        )
        for _ in range(MAX_PLAYERS_PER_SITE + 2)
    ]
    await until(lambda: sum(task.done() for task in coming) == 2)
    entering.set()
    came = await asyncio.gather(*coming, return_exceptions=True)
    assert sum(isinstance(one, TooMany) for one in came) == 2
    assert len(hall.devices) == MAX_PLAYERS_PER_SITE


async def test_a_place_is_free_again_when_an_offer_was_bad(hall: Hall) -> None:
    for _ in range(MAX_PLAYERS_PER_SITE + 1):
        with pytest.raises(MalformedOffer):
            await hall.devices.play(PLAYER, hall.check, "hello", Wish("s-huyen"))
    await hall.play(Wish("s-huyen"))
