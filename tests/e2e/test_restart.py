"""kill -9 of a hub in the middle of a meeting: nothing is lost, and everybody comes back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from playwright.async_api import async_playwright, expect

from confhub.demo.logins import PASSWORD
from tests.e2e.hub_process import HubProcess, starting
from tests.e2e.reception import everybody_receives_everybody, receptions
from tests.e2e.seat import Desk, Seat, browser
from tests.waiting import until

BRIEFING = "Giao ban huyện Nậm Pồ"  # of the demo: open now
LOGINS = ("diemcau.nampo", "diemcau.chanua")


@dataclass
class House:
    hub: HubProcess
    secretary: Desk
    seats: tuple[Seat, ...]


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The demo's briefing with two sites in it."""
    async with AsyncExitStack() as stack:
        hub = HubProcess(tmp_path / "data")
        hub.load_demo()
        ready = await stack.enter_async_context(starting(hub))
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await stack.enter_async_context(browser(playwright))
        secretary = await Desk.open(chromium, hub.origin)
        seats = tuple([await Seat.open(chromium, hub.origin) for _ in LOGINS])
        await ready
        await asyncio.gather(
            secretary.sign_in("thuky.nampo", PASSWORD),
            *(
                seat.come_in(login, PASSWORD, BRIEFING)
                for seat, login in zip(seats, LOGINS, strict=True)
            ),
        )
        yield House(hub, secretary, seats)


async def is_written(hub: HubProcess, text: str) -> bool:
    """Whether the room's snapshot in the record holds `text`."""
    with closing(sqlite3.connect(hub.data_dir / "confhub.db")) as database:
        rows = database.execute("SELECT state FROM room_snapshot").fetchall()
    return any(text.encode() in snapshot for (snapshot,) in rows)


async def test_after_a_kill_the_meeting_the_sign_ins_and_the_seats_are_there(house: House) -> None:
    chair, commune = house.seats
    await everybody_receives_everybody(house.seats, {})
    await commune.page.click("#tool-hand")
    tile = chair.page.locator(f"[data-member='{commune.member_id}'][data-source=camera]")
    await expect(tile).to_have_attribute("data-hand", "true")
    # A crash may lose the last second: what is older must be there.
    await until(lambda: is_written(house.hub, '"hand_at"'))

    house.hub.kill()
    for seat in house.seats:
        await seat.has_state("reconnecting")
    house.hub.start()
    for seat in house.seats:
        await seat.is_live()
        assert await seat.page.evaluate("window.confhubRoom.state.self") == seat.member_id
    await expect(tile).to_have_attribute("data-presence", "present")
    await expect(tile).to_have_attribute("data-hand", "true")
    await everybody_receives_everybody(house.seats, await receptions(house.seats))

    await house.secretary.visit(f"{house.hub.origin}/meetings")
    await expect(house.secretary.page.get_by_role("link", name=BRIEFING).first).to_be_visible()
    for seat in house.seats:
        assert seat.complaints == []
