"""A WHEP session: a device that plays the meeting, without a seat in it."""

from __future__ import annotations

from rooms.devices.offer import read_offer
from rooms.devices.session import Check, DeviceSession, Host, refusal
from rooms.media.errors import BadDescription
from rooms.media.port.ice import Credentials
from rooms.media.sdp.answer import LocalDescription
from rooms.media.source import Tile
from rooms.running.loop import RoomLoop
from rooms.running.plane import Player
from rooms.state.picture import Picture, Wish
from rooms.state.seat import Seat

# What the picture asks for: the largest layer that the device's line carries.
HEIGHT_PX = 1080


class Playback(DeviceSession):
    direction = "receive"

    def __init__(self, seat: Seat, check: Check, host: Host, wish: Wish) -> None:
        super().__init__(seat, check, host)
        self.wish = wish
        self._room: RoomLoop | None = None
        self._player: Player | None = None

    @property
    def member(self) -> str:
        return f"p-{self.id}"

    @property
    def is_connected(self) -> bool:
        return self._player is not None and self._player.transport.state == "connected"

    async def open(self, offer_sdp: str) -> str:
        """Answer the offer. BadDescription, or why not."""
        offer = read_offer(offer_sdp)
        room = await self._enter()
        conference = self._host.conference(self.seat.meeting_id)
        player = conference.player(self.member, "" if self.wish.own else self.wish.at)
        try:
            answer = player.answer(offer_sdp)
            self._player = player
            room.play(self)
        except BaseException as error:
            conference.remove(self.member)
            if isinstance(error, BadDescription):
                raise refusal(error) from None
            raise
        self._room = room
        self._note_answer(offer, answer)
        return answer

    def show(self, picture: Picture | None) -> None:
        """From the room: what is to be seen now."""
        if self._player is not None:
            tiles = [] if picture is None else [Tile(picture.member, picture.source, HEIGHT_PX)]
            self._player.set_view(tiles)

    def transport_changed(self) -> None:
        super().transport_changed()
        if self._player is not None and self._player.transport.state in ("failed", "closed"):
            self.end()

    async def _follow(self) -> None:
        """The room directs what is shown."""

    def _restart(self, remote: Credentials) -> LocalDescription:
        return self._host.conference(self.seat.meeting_id).restart_ice(self._player, remote)

    def _leave(self) -> None:
        if self._room is not None:
            self._room.stop_playing(self)
            self._room = None
        self._host.conference(self.seat.meeting_id).remove(self.member)
