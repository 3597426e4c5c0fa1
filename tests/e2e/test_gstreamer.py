"""A client that is not ours: GStreamer sends into a meeting by WHIP and plays it by WHEP, with a
real Chromium at the other end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from confhub.demo.logins import PASSWORD
from tests.e2e.gstreamer import Device, device
from tests.e2e.hub_process import HubProcess, starting
from tests.e2e.reception import MEDIA_WITHIN_S
from tests.e2e.seat import Desk, Received, Seat, browser
from tests.e2e.secretary import join_links, schedule
from tests.waiting import until

TITLE = "Họp có thiết bị chuyên dụng"
# Buffers of 20 ms, for longer than consent lives (30 s): GStreamer checks its path only once.
SOUNDS = 50 * 35
ENCODER, HALL = "Xã Chà Nưa", "Huyện Nậm Pồ"


@dataclass
class House:
    hub: HubProcess
    chromium: Browser
    secretary: Desk
    meeting: str
    links: dict[str, str]
    log: Path

    async def access(self, unit: str, use: str) -> tuple[str, str]:
        """Address and token, as a technician copies them from the page of links."""
        page = self.secretary.page
        await page.goto(f"{self.meeting}/links")
        card = page.locator(".link-card").filter(has_text=unit).first
        buttons = card.locator(f"[data-use={use}] [data-text]")
        address = await buttons.nth(0).get_attribute("data-text")
        token = await buttons.nth(1).get_attribute("data-text")
        assert address
        assert token
        return address, token

    async def enter(self, unit: str) -> Seat:
        seat = await Seat.open(self.chromium, self.hub.origin)
        await seat.enter_by_link(self.links[unit])
        return seat


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        hub = HubProcess(tmp_path / "data")
        hub.load_demo()
        ready = await stack.enter_async_context(starting(hub))
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await stack.enter_async_context(browser(playwright))
        secretary = await Desk.open(chromium, hub.origin)
        await ready
        await secretary.sign_in("thuky.nampo", PASSWORD)
        meeting = await schedule(
            secretary, TITLE, host=HALL, units=["cha nua"], start="12:30", end="14:00"
        )
        links = await join_links(secretary, meeting)
        yield House(hub, chromium, secretary, meeting, links, tmp_path / "device.log")


async def test_a_page_sees_and_hears_a_device_that_sends_by_whip(house: House) -> None:
    hall = await house.enter(HALL)
    address, token = await house.access(ENCODER, "whip")
    async with device("publish", address, token, house.log) as encoder:
        sender = await seen_by(hall, encoder)
        before = (await hall.received())[sender]

        async def goes_on() -> bool:
            now = (await hall.received())[sender]
            return now.frames > before.frames + 30 and now.energy > before.energy

        await until(goes_on, MEDIA_WITHIN_S)
        assert before.height_px == 360
        tile = hall.page.locator(f"[data-member='{sender}'][data-source=camera]")
        await expect(tile.locator(".tile-name")).to_have_attribute(
            "title", re.compile("thiết bị WHIP$")
        )
        assert await encoder.end() == 0
        await expect(tile).to_have_count(0)
    assert hall.complaints == []


async def seen_by(seat: Seat, encoder: Device) -> str:
    """The member whose picture and sound reach the page, once they do."""

    async def heard() -> dict[str, Received]:
        assert "failed" not in encoder.told, encoder.told
        everybody = await seat.received()
        return {m: r for m, r in everybody.items() if r.frames > 0 and r.energy > 0}

    async def is_heard() -> bool:
        return bool(await heard())

    await until(is_heard, MEDIA_WITHIN_S)
    [member] = await heard()
    return member


async def test_a_device_plays_by_whep_what_a_page_sends(house: House) -> None:
    await house.enter(HALL)
    address, token = await house.access(ENCODER, "whep")
    async with device("play", address, token, house.log) as projector:

        async def plays() -> bool:
            told = projector.told
            assert "failed" not in told, told
            # The page's fake microphone beeps; silence is under -60 dB.
            return bool(
                told.get("frames", 0) > 30
                and told.get("sounds", 0) > SOUNDS
                and told.get("loudest_db", -99.0) > -60.0
            )

        await until(plays, MEDIA_WITHIN_S)
        assert projector.told["state"] == "connected"
        assert projector.told["height_px"] > 0
        assert await projector.end() == 0
