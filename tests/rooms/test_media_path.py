"""Signalling and the real media router together: voices from one page's peer to another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from confhub.bus.interface import Bus
from confhub.store import Store
from rooms.media.events import MediaEvent
from rooms.media.router import MediaRouter
from rooms.plane.local import LocalPlane
from tests.rooms.house import House, secretary, site_seat
from tests.rooms.voices import SILENCE_S, Site, enter


@pytest_asyncio.fixture
async def hall(store: Store, bus: Bus) -> AsyncIterator[House]:
    """A hub over a real router on a port of its own."""
    houses: list[House] = []

    def pass_on(event: MediaEvent) -> None:
        for house in houses:
            house.hub.on_media(event)

    router = await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=pass_on)
    house = House(store, bus, LocalPlane(router))
    houses.append(house)
    await house.open()
    yield house
    await house.close()
    await router.close()


async def test_a_voice_passes_when_the_hub_lets_it_and_over_a_lost_socket(hall: House) -> None:
    commune, welcome = await enter(hall, "xa")
    district, _ = await enter(hall, "huyen")
    driver, _ = await hall.join(secretary())
    await commune.publish()
    assert not await commune.is_heard_by(district, SILENCE_S)  # off until switched on

    await commune.page.send("microphone", on=True)
    assert await commune.is_heard_by(district)
    while not any(
        slot["member"] == "s-xa" for slot in (await district.page.expect("slots"))["slots"]
    ):
        pass
    talk = asyncio.create_task(commune.talk())
    await district.page.expect("speaking", dominant="s-xa")
    talk.cancel()

    await driver.send("mute", member="s-xa")
    await commune.page.expect("muted", source="microphone")
    await commune.page.member("s-xa", microphone=False)
    assert not await commune.is_heard_by(district, SILENCE_S)

    await commune.page.send("microphone", on=True)
    await commune.page.member("s-xa", microphone=True)
    await commune.page.socket.close()
    await district.page.member("s-xa", presence="reconnecting")
    assert await commune.is_heard_by(district)  # media outlives the socket

    back = await hall.page(site_seat("xa"))
    assert (await back.hello(resume=welcome["resume"]))["resumed"] is True
    assert await commune.is_heard_by(district)
    await back.send("leave")
    await back.expect("closed", reason="left")
    await district.page.member("s-xa", presence="left")
    assert not await commune.is_heard_by(district, SILENCE_S)
    for site in (commune, district):
        await site.close()


async def test_rubbish_for_sdp_is_told_and_leaves_the_connection_usable(hall: House) -> None:
    page, _ = await hall.join(site_seat("xa"))
    site = Site(page)
    for sdp in ("", "v=0", "v=0\r\nm=audio\r\n", "\0" * 500, "a=" * 30_000):
        await page.send("publish", sdp=sdp, sources={"0": "microphone"})
        await page.expect("problem", code="bad_description", about="publish")
    offer = next(message for message in page.seen if message["type"] == "offer")
    await page.send("answer", offer_id=offer["offer_id"], sdp="v=0")
    await page.expect("problem", code="bad_description", about="answer")
    await asyncio.sleep(1.0)  # one more publish is within the rate then
    await site.publish()
    await site.close()
