"""A hub that falls asleep while it writes holds nobody up for long."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal

import pytest

from confhub.config import Settings
from confhub.errors import Unavailable
from confhub.meetings.ownership import Fence, Hub
from confhub.store import Store
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from tests.confhub.store.country import found_country, meeting, site
from tests.confhub.store.sleeper import sleep_while_writing
from tests.waiting import until

MEETING = "meeting-1"
ONE, TWO = Hub("hub-1", "aaaa"), Hub("hub-1", "bbbb")
LONG_S = 600.0
OVER_S = 0.0  # a sign of life that has ended as it is given
SILENT_S = 1.0


@pytest.mark.parametrize("where", ["before", "within", "after"])
async def test_a_hub_that_falls_asleep_while_it_writes_does_not_keep_its_room(
    postgresql_settings: Settings, where: str
) -> None:
    address = database_url(postgresql_settings)
    store = Store(Database(address, silent_s=SILENT_S, lock_timeout_s=SILENT_S))
    country = await found_country(store)
    await store.sites.add(site(country.district, "a"))
    await store.meetings.add(meeting(country.district, ("site-a",)))
    old = await store.ownership.take(MEETING, ONE, OVER_S)
    assert isinstance(old, Fence)
    sleeper = multiprocessing.get_context("spawn").Process(
        target=sleep_while_writing, args=(postgresql_settings, old, where, SILENT_S)
    )
    sleeper.start()
    try:
        await asyncio.to_thread(os.waitid, os.P_PID, sleeper.pid or 0, os.WSTOPPED | os.WNOWAIT)

        async def is_taken() -> bool:
            await store.end_silent()  # as the other hub does at each of its signs of life
            try:
                return await store.ownership.take(MEETING, TWO, LONG_S) == Fence(MEETING, 2)
            except Unavailable:  # it has waited for the lock
                return False

        await until(is_taken, within_s=30.0)
        os.kill(sleeper.pid or 0, signal.SIGCONT)
        await asyncio.to_thread(sleeper.join)
        assert sleeper.exitcode == 0
        assert await store.rooms.snapshot(MEETING) is None
    finally:
        sleeper.kill()
        sleeper.join()
        await store.close()
