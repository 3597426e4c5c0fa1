"""A real Chromium behind a poor line: sound first, low layers, no growing delay, and more when
there is more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from rooms.media.router import MediaRouter, local_addresses
from rooms.media.sending.subscriber import Subscriber
from rooms.media.source import Tile
from tests.rooms.media.browser import Member, launch_browser, serve_page, wait_for
from tests.rooms.media.link import Line, Relay, open_relay
from tests.rooms.media.recorded import play

NARROW_BPS, WIDE_BPS = 400_000, 3_000_000
TILES = [Tile("a", "camera", 720), Tile("b", "camera", 720)]
BETTER_WITHIN_S = 10.0
VOICE_PACKETS_PER_S = 50


@dataclass
class Site:
    """A page at the end of the relay's line; `a` speaks and is first in its view."""

    page: Member
    relay: Relay
    subscriber: Subscriber

    async def inbound(self, **wanted: Any) -> list[dict[str, Any]]:
        return [
            item
            for item in (await self.page.stats())["receive"]
            if item["type"] == "inbound-rtp"
            and all(item.get(key) == value for key, value in wanted.items())
        ]

    async def heard(self) -> dict[str, Any]:
        """The stream of the one voice."""
        voices = await self.inbound(kind="audio")
        return max(voices, key=lambda item: item["packetsReceived"], default={})

    async def height(self, mid: str) -> int:
        found = await self.inbound(mid=mid)
        return found[0].get("frameHeight", 0) if found else 0

    async def frames(self, mid: str) -> int:
        found = await self.inbound(mid=mid)
        return found[0].get("framesDecoded", 0) if found else 0

    async def listen(self, seconds: float) -> tuple[int, int]:
        """Voice packets (received, lost) while so much is spoken."""
        before = await self.heard()
        wanted = before["packetsReceived"] + seconds * VOICE_PACKETS_PER_S

        async def enough() -> bool:
            return bool((await self.heard())["packetsReceived"] >= wanted)

        await wait_for(enough, "the voice", timeout_s=2 * seconds + 10)
        after = await self.heard()
        received = after["packetsReceived"] - before["packetsReceived"]
        return received, after["packetsLost"] - before["packetsLost"]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    router = await MediaRouter.open(
        addresses=local_addresses(), port=0, on_event=lambda _event: None
    )
    conference = router.conference("room")
    down = Line(rate_bps=NARROW_BPS, queue_s=1.0, delay_s=0.02)
    try:
        async with (
            play(conference, "a"),
            play(conference, "b", speaks=False),
            open_relay(
                (local_addresses()[0], router.port), down=down, up=Line(delay_s=0.02)
            ) as relay,
            serve_page() as url,
            launch_browser() as browser,
        ):
            page = await browser.new_page()
            await page.goto(url)
            member = Member(page, conference, "c")
            subscriber = conference.subscriber("c")
            subscriber.set_view(TILES)
            await member.subscribe(relay.through)
            yield Site(member, relay, subscriber)
    finally:
        await router.close()


async def test_a_narrow_line_carries_voice_and_small_pictures_and_a_wide_one_large_ones(
    site: Site,
) -> None:
    async def shows_both() -> bool:
        return await site.frames("v0") > 25 and await site.frames("v1") > 25

    await wait_for(shows_both, "both pictures", timeout_s=30)
    assert site.subscriber.line.by_feedback
    await site.listen(5)  # what the beginning filled has drained

    site.relay.down.begin()
    received, lost = await site.listen(10)
    assert received >= 10 * VOICE_PACKETS_PER_S
    assert lost == 0
    assert site.relay.down.overflowed == 0
    assert site.relay.down.longest_wait_s < 0.6
    assert await site.height("v0") == 180
    assert await site.height("v1") == 180

    site.relay.down.rate_bps = WIDE_BPS

    async def is_large() -> bool:
        return await site.height("v0") == 720

    await wait_for(is_large, "the upper layer", timeout_s=BETTER_WITHIN_S)


async def test_a_line_that_breaks_down_loses_its_large_picture_and_keeps_the_voice(
    site: Site,
) -> None:
    site.relay.down.rate_bps = WIDE_BPS

    async def is_large() -> bool:
        return await site.height("v0") == 720

    await wait_for(is_large, "the upper layer", timeout_s=30)
    site.relay.down.rate_bps = NARROW_BPS
    await site.listen(5)
    site.relay.down.begin()
    _, lost = await site.listen(10)
    assert lost == 0
    assert site.relay.down.overflowed == 0
    assert site.relay.down.longest_wait_s < 0.6
    assert await site.height("v0") == 180
