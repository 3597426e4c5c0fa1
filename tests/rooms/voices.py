"""A page with its two connections, that speaks and listens: signalling and media together."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.rooms.house import PATIENCE_S, House, Page, site_seat
from tests.rooms.media.packets import rtp
from tests.rooms.media.peer import Peer, receive_answer, send_offer

PACE_S = 0.02  # of Opus packets
SILENCE_S = 0.3  # fifteen packets of voice: long enough to be sure that none comes through


class Site:
    """A page and its two connections."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.up, self.down = Peer(), Peer()
        self.sequence = 0

    async def publish(self) -> None:
        offer = send_offer(self.up, camera=False)
        await self.page.send("publish", sdp=offer, sources={"0": "microphone"})
        self.up.follow((await self.page.expect("published"))["sdp"])
        await self.up.connect()

    async def subscribe(self) -> None:
        offer = await self.page.expect("offer")
        self.down.follow(offer["sdp"])
        answer = receive_answer(self.down, offer["sdp"])
        await self.page.send("answer", offer_id=offer["offer_id"], sdp=answer)
        await self.down.connect()

    def speak(self) -> None:
        self.sequence += 1
        self.up.send_rtp(
            rtp(
                ssrc=1000,
                sequence=self.sequence,
                timestamp=self.sequence * 960,
                payload_type=111,
                payload=b"opus",
                extensions={1: b"0", 2: bytes([20])},
            )
        )

    async def talk(self) -> None:
        while True:
            self.speak()
            await asyncio.sleep(PACE_S)

    async def is_heard_by(self, other: Site, within_s: float = PATIENCE_S) -> bool:
        """Speak until a packet arrives, or for a time."""
        count = len(other.down.rtp)
        deadline = asyncio.get_running_loop().time() + within_s
        while len(other.down.rtp) == count:
            if asyncio.get_running_loop().time() > deadline:
                return False
            self.speak()
            await asyncio.sleep(PACE_S)
        return True

    async def close(self) -> None:
        await self.up.close()
        await self.down.close()


async def enter(house: House, site: str) -> tuple[Site, dict[str, Any]]:
    page, welcome = await house.join(site_seat(site))
    entered = Site(page)
    await entered.subscribe()
    return entered, welcome
