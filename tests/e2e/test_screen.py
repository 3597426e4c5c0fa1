"""A site shares its screen with the others, in real browsers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, async_playwright, expect

from tests.chromium import WAIT_MS
from tests.e2e.hub_process import HubProcess, starting
from tests.e2e.seat import Desk, Seat, browser
from tests.e2e.secretary import join_links, schedule
from tests.waiting import until

TITLE = "Họp phổ biến tài liệu"
# Three browsers that draw, encode and decode a large picture on one machine take their time.
SETTLED_S = 60.0

# What arrives of a member's shared screen: its m-lines as the page's statistics tell them.
_SCREEN = """
async (member) => {
  const {receive, state} = window.confhubRoom;
  if (!receive) return {};
  const streams = [...(await receive.getStats()).values()].filter(s => s.type === "inbound-rtp");
  const found = {};
  for (const slot of state.slots) {
    if (slot.member !== member || !slot.source.startsWith("screen")) continue;
    const stream = streams.find(s => s.mid === slot.mid) ?? {};
    found[slot.source] = {
      frames: stream.framesDecoded ?? 0,
      height_px: stream.frameHeight ?? 0,
      fps: stream.framesPerSecond ?? 0,
      energy: stream.totalAudioEnergy ?? 0,
    };
  }
  return found;
}
"""
_SENT = """
async () => {
  const senders = window.confhubRoom.send.getTransceivers().map(line => line.sender);
  const screen = senders.find(sender => sender.track?.contentHint === "text");
  const {degradationPreference, encodings} = screen.getParameters();
  return {degradationPreference, fps: encodings.map(one => one.maxFramerate)};
}
"""
# As the browser's own "stop sharing" does: nothing can press that here.
_END = """
() => {
  const senders = window.confhubRoom.send.getTransceivers().map(line => line.sender);
  const {track} = senders.find(sender => sender.track?.contentHint === "text");
  track.stop();
  track.dispatchEvent(new Event("ended"));
}
"""
_PHONE = "delete MediaDevices.prototype.getDisplayMedia"


@dataclass
class Room:
    province: Seat
    district: Seat
    secretary: Seat

    async def screen(self, viewer: Seat, source: str = "screen") -> dict[str, Any]:
        """What the viewer gets of the province's screen or its sound."""
        found = await viewer.page.evaluate(_SCREEN, self.province.member_id)
        item: dict[str, Any] = found.get(source, {})
        return item

    async def decoded(self, viewer: Seat, height_px: int) -> bool:
        item = await self.screen(viewer)
        return item.get("height_px") == height_px and item["frames"] > 5


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """A meeting of the province with one district, and its secretary at a console."""
    async with AsyncExitStack() as stack:
        hub = HubProcess(tmp_path / "data", tls=True)
        passwords = hub.load_demo()
        ready = await stack.enter_async_context(starting(hub))
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await stack.enter_async_context(browser(playwright))
        console, *seats = [await Seat.open(chromium, hub.origin) for _ in range(3)]
        await ready
        await console.sign_in("thuky.dienbien", passwords["thuky.dienbien"])
        meeting = await schedule(
            console, TITLE, host="Điện Biên", units=("nam po",), start="12:30", end="14:00"
        )
        links = await join_links(console, meeting)
        units = ("Tỉnh Điện Biên", "Huyện Nậm Pồ")
        await asyncio.gather(
            *(seat.enter_by_link(links[unit]) for seat, unit in zip(seats, units, strict=True))
        )
        await console.visit(f"{meeting}/room")
        await console.page.click("#join")  # an officer comes without camera and microphone
        await console.is_live()
        province, district = seats
        yield Room(province, district, console)


def tool(desk: Desk) -> Locator:
    return desk.page.locator("#tool-screen")


def tile(desk: Desk) -> Locator:
    return desk.page.locator('.tile[data-source="screen"]')


async def test_a_screen_is_shared_large_and_sharp_and_ends_on_every_side(room: Room) -> None:
    province, district, secretary = room.province, room.district, room.secretary

    await tool(province).click()
    await expect(tool(province)).to_have_attribute("data-on", "true", timeout=WAIT_MS)
    await expect(tile(district)).to_have_attribute("data-part", "main", timeout=WAIT_MS)
    await until(lambda: room.decoded(district, 1080), within_s=SETTLED_S)
    await expect(tile(district)).to_have_attribute("data-video", "playing", timeout=WAIT_MS)
    assert (await room.screen(district))["fps"] <= 16
    await until(lambda: _is_heard(room, district), within_s=SETTLED_S)
    assert await province.page.evaluate(_SENT) == {
        "degradationPreference": "maintain-resolution",
        "fps": [5, 15],
    }

    # One at a time: the others' buttons wait and say for whom.
    await expect(tool(district)).to_be_disabled()
    assert "Điện Biên" in (await tool(district).get_attribute("title") or "")

    await secretary.page.click("#tool-people")
    stop = secretary.page.get_by_role("button", name="Dừng chia sẻ màn hình của")
    await stop.click()
    await expect(tool(province)).to_have_attribute("data-on", "false", timeout=WAIT_MS)
    await expect(province.page.locator("#notice")).to_contain_text("Thư ký đã dừng")
    await expect(tile(district)).to_have_count(0, timeout=WAIT_MS)

    # Again, in the lines that are there already, which count on; the browser ends it.
    frames = (await room.screen(district)).get("frames", 0)
    await tool(province).click()
    await expect(tool(province)).to_have_attribute("data-on", "true", timeout=WAIT_MS)
    await expect(tile(district)).to_have_attribute("data-video", "playing", timeout=WAIT_MS)
    await until(lambda: _has_more(room, district, frames), within_s=SETTLED_S)
    await province.page.evaluate(_END)
    await expect(tool(province)).to_have_attribute("data-on", "false", timeout=WAIT_MS)
    await expect(tile(district)).to_have_count(0, timeout=WAIT_MS)
    await expect(tool(district)).to_be_enabled(timeout=WAIT_MS)
    for seat in (province, district, secretary):
        assert seat.complaints == []


async def test_a_screen_goes_on_over_a_new_socket(room: Room) -> None:
    await tool(room.province).click()
    await until(lambda: room.decoded(room.district, 1080), within_s=SETTLED_S)
    context = room.province.page.context
    await context.set_offline(True)
    await room.province.has_state("reconnecting")
    await context.set_offline(False)
    await room.province.is_live()
    frames = (await room.screen(room.district))["frames"]
    await until(lambda: _has_more(room, room.district, frames), within_s=SETTLED_S)
    await expect(tool(room.province)).to_have_attribute("data-on", "true")


async def test_a_phone_has_no_button_for_what_it_cannot_do(room: Room) -> None:
    page = room.district.page
    await page.add_init_script(_PHONE)
    await page.reload()
    await room.district.is_live()
    await expect(tool(room.district)).to_be_hidden()
    await tool(room.province).click()
    await until(lambda: room.decoded(room.district, 1080), within_s=SETTLED_S)


async def _is_heard(room: Room, viewer: Seat) -> bool:
    return bool((await room.screen(viewer, "screen_audio")).get("energy", 0) > 0.01)


async def _has_more(room: Room, viewer: Seat, frames: int) -> bool:
    return bool((await room.screen(viewer)).get("frames", 0) > frames + 5)
