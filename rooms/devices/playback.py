"""A WHEP session: a device that plays the meeting, without a seat in it."""

from __future__ import annotations

import asyncio

from confhub.errors import Unavailable
from rooms.devices.offer import read_offer
from rooms.devices.session import Check, DeviceSession, Host, refusal
from rooms.media.errors import BadDescription
from rooms.media.events import Direction
from rooms.media.source import Tile
from rooms.running.loop import RoomLoop
from rooms.state.picture import Picture, Wish
from rooms.state.seat import Seat

# What the picture asks for: the largest layer that the device's line carries.
HEIGHT_PX = 1080


class Playback(DeviceSession):
    direction: Direction = "receive"

    def __init__(self, seat: Seat, check: Check, host: Host, wish: Wish) -> None:
        super().__init__(seat, check, host)
        self.wish = wish
        self._room: RoomLoop | None = None

    @property
    def member(self) -> str:
        return f"p-{self.id}"

    async def open(self, offer_sdp: str) -> str:
        """Answer the offer. BadDescription, or why not."""
        offer = read_offer(offer_sdp)
        room = await self._enter()
        besides = "" if self.wish.own else self.wish.at
        try:
            async with asyncio.timeout(self._host.limits.call_s):
                answer = await self._conference.play(self.member, besides, offer_sdp)
            self._has_media = True
            room.play(self)
        except TimeoutError:
            self._conference.remove(self.member)
            raise Unavailable from None
        except BaseException as error:
            self._conference.remove(self.member)
            if isinstance(error, BadDescription):
                raise refusal(error) from None
            raise
        self._room = room
        self._note_answer(offer, answer)
        return answer

    def show(self, picture: Picture | None) -> None:
        """From the room: what is to be seen now."""
        if self._has_media:
            tiles = [] if picture is None else [Tile(picture.member, picture.source, HEIGHT_PX)]
            self._conference.set_view(self.member, tiles)

    def transport_changed(self) -> None:
        super().transport_changed()
        if self._has_media and self._state in ("failed", "closed"):
            self.end()

    async def _follow(self) -> None:
        """The room directs what is shown."""

    def _leave(self) -> None:
        if self._room is not None:
            self._room.stop_playing(self)
            self._room = None
        self._conference.remove(self.member)
