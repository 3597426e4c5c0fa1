"""A WHIP session: a device that sits in a site's seat as a page does, and only sends."""

from __future__ import annotations

import asyncio

from confhub.errors import ConfhubError, Unavailable
from rooms.devices.connection import DeviceConnection
from rooms.devices.offer import read_offer, sources_of
from rooms.devices.session import Check, DeviceSession, Host, refusal
from rooms.media.errors import BadDescription
from rooms.media.events import Direction
from rooms.media.source import Source
from rooms.protocol import messages as p
from rooms.running.loop import RoomLoop
from rooms.state.features import muting
from rooms.state.seat import Seat

SWITCHES: dict[Source, p.ClientMessage] = {
    "microphone": muting.SetMicrophone(on=True),
    "camera": muting.SetCamera(on=True),
}


class Publication(DeviceSession):
    """The seat is lost and found with the media: where a page's socket breaks, here ICE does."""

    direction: Direction = "send"

    def __init__(self, seat: Seat, check: Check, host: Host) -> None:
        super().__init__(seat, check, host)
        self._connection = DeviceConnection(seat, host.translate, host.tally)
        self._connection.recheck = self.recheck
        self._room: RoomLoop | None = None
        self._is_lost = False  # the room waits for us to come back

    @property
    def member(self) -> str:
        return self.seat.member_id

    async def open(self, offer_sdp: str) -> str:
        """Take the seat and answer the offer. SeatTaken, BadDescription, or why not."""
        offer = read_offer(offer_sdp)
        sources = sources_of(offer)
        room = await self._enter()
        self._room = room
        try:
            await room.join(self._connection, "")
            room.say_media(self._connection, p.Publish(offer_sdp, dict(sources)))
            async with asyncio.timeout(self._host.limits.call_s):
                answer = await self._connection.answer()
            for source in sources.values():
                room.say(self._connection, SWITCHES[source])
        except BadDescription as error:
            self._leave()
            raise refusal(error) from None
        except TimeoutError:
            self._leave()
            raise Unavailable from None
        except BaseException:
            self._leave()
            raise
        if self._connection.goodbye is not None:
            raise Unavailable  # replaced or sent away in this very moment
        self._has_media = True
        self._note_answer(offer, answer)
        return answer

    def transport_changed(self) -> None:
        super().transport_changed()
        room, state = self._room, self._state
        if room is None or not self._has_media:
            return
        if state == "closed":
            self.end()  # the room has emptied the seat
        elif state in ("disconnected", "failed") and not self._is_lost:
            self._is_lost = True
            room.lose(self._connection)

    async def _follow(self) -> None:
        if self._connection.goodbye is not None:
            self.end()
        elif self._is_lost and self.is_connected:
            await self._return()

    async def _return(self) -> None:
        """Media passes again: take the seat back, with its switches as they were."""
        room = self._room
        if room is None:
            return
        self._is_lost = False
        try:
            async with asyncio.timeout(self._host.limits.call_s):
                await room.join(self._connection, self._connection.resume)
        except (ConfhubError, TimeoutError):
            self.end()
            return
        if not self._connection.resumed:
            self.end()  # too late: the seat was emptied, and the media with it

    def _turn_away(self) -> None:
        if self._room is not None:
            self._room.revoke(self._connection)
        self.end()

    def _leave(self) -> None:
        room, connection = self._room, self._connection
        connection.recheck = lambda: None
        if room is None or connection.goodbye is not None:
            return
        try:
            room.say(connection, p.Leave())
        except ConfhubError:
            room.lose(connection)
