"""One device in a meeting by HTTP: what a publication (WHIP) and a playback (WHEP) share.

A session is a resource that the device made by POST. Its task watches: whether the link still
holds, whether media ever came, whether the room said goodbye. When it ends, by whichever side,
everything of it is freed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from confhub.errors import ConfhubError, NotFound, Unavailable
from confhub.quality import TransportState
from rooms.devices.offer import NotAcceptable
from rooms.media.errors import BadDescription
from rooms.media.events import Direction
from rooms.media.port.ice import Credentials
from rooms.media.sdp.description import Description, parse_description
from rooms.media.sdp.fragment import build_fragment
from rooms.plane.interface import Conference
from rooms.protocol.farewell import Translate
from rooms.running.loop import RoomLoop
from rooms.sockets.counts import Tally
from rooms.state.seat import Seat

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DeviceLimits:
    """How patient a session is, in seconds."""

    connect_s: float = 30.0  # ICE gives up by then (RFC 8445 suggests 39.5 s at the very most)
    check_s: float = 60.0  # how long a revoked link may live on if its news got lost
    call_s: float = 10.0  # a check or a handshake that takes longer hangs


@dataclass(frozen=True, slots=True)
class Host:
    """What sessions need of the hub they are on."""

    find_room: Callable[[str], Awaitable[RoomLoop]]
    refresh_room: Callable[[RoomLoop], Awaitable[None]]
    conference: Callable[[str], Conference]
    translate: Translate
    tally: Tally
    limits: DeviceLimits = DeviceLimits()


class DeviceSession:
    """`open`, then `run` as a task. Ended by `end`, at most once."""

    direction: Direction  # of its media, as events name it

    def __init__(self, seat: Seat, check: Check, host: Host) -> None:
        self.id = secrets.token_urlsafe(16)  # 128 bits: nobody guesses another's resource
        self.seat = seat
        self.ufrag = ""  # the hub's half of the present ICE session
        self.remote_ufrag = ""
        self.has_ended = False
        self.changing = asyncio.Lock()  # one change after another, each of the state it names
        self._check = check
        self._host = host
        self._now = asyncio.get_running_loop().time
        self._conference = host.conference(seat.meeting_id)
        self._has_media = False  # its offer was answered
        self._opened_at = self._checked_at = self._now()
        self._was_connected = False
        self._asked_to_check = False
        self._mid = ""
        self._wake = asyncio.Event()

    @property
    def etag(self) -> str:
        """Names the present ICE session (RFC 9725 section 4.3.1)."""
        return f'"{self.ufrag}"'

    @property
    def member(self) -> str:
        """By which its media are known in the conference."""
        raise NotImplementedError

    @property
    def is_connected(self) -> bool:
        """Whether media can pass at this moment."""
        return self._has_media and self._state == "connected"

    async def restart_ice(self, remote: Credentials) -> str:
        """Answer the device's new ICE credentials with a fragment of ours."""
        local = await self._conference.restart_ice(self.member, self.direction, remote)
        self.remote_ufrag = remote.ufrag
        self.ufrag = local.credentials.ufrag
        return build_fragment(local, self._mid)

    def transport_changed(self) -> None:
        """The state of its media may have changed; never waits."""
        if self.is_connected:
            self._was_connected = True
        self._wake.set()

    def recheck(self) -> None:
        """Ask again now whether it may be here."""
        self._asked_to_check = True
        self._wake.set()

    def end(self) -> None:
        self.has_ended = True
        self._wake.set()

    async def run(self) -> None:
        """Until the session ends."""
        try:
            while not self.has_ended:
                await self._sleep()
                await self._look()
        finally:
            self.has_ended = True
            self._leave()

    # For the two kinds --------------------------------------------------------------------

    @property
    def _state(self) -> TransportState:
        return self._conference.state(self.member, self.direction)

    async def _follow(self) -> None:
        """Do what the state of the media and the room ask for."""
        raise NotImplementedError

    def _leave(self) -> None:
        """Free everything."""
        raise NotImplementedError

    async def _enter(self) -> RoomLoop:
        """The meeting's room, once the link holds and the site is known there."""
        try:
            async with asyncio.timeout(self._host.limits.call_s):
                await self._check()
                room = await self._host.find_room(self.seat.meeting_id)
                if not room.room.knows(self.seat):
                    # Invited a moment ago: the news has not reached the room yet.
                    await self._host.refresh_room(room)
        except TimeoutError:
            raise Unavailable from None
        if not room.room.knows(self.seat):
            raise NotFound
        return room

    def _note_answer(self, offer: Description, answer_sdp: str) -> None:
        self.ufrag = parse_description(answer_sdp).ufrag
        self.remote_ufrag = offer.ufrag
        self._mid = offer.bundle[0] if offer.bundle else offer.sections[0].mid

    # Watching -----------------------------------------------------------------------------

    async def _sleep(self) -> None:
        limits = self._host.limits
        deadline = self._checked_at + limits.check_s
        if not self._was_connected:
            deadline = min(deadline, self._opened_at + limits.connect_s)
        try:
            async with asyncio.timeout(max(0.0, deadline - self._now())):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _look(self) -> None:
        now, limits = self._now(), self._host.limits
        if not self._was_connected and now >= self._opened_at + limits.connect_s:
            self.end()
        if self._asked_to_check or now >= self._checked_at + limits.check_s:
            self._asked_to_check, self._checked_at = False, now
            await self._check_again()
        if not self.has_ended:
            await self._follow()

    async def _check_again(self) -> None:
        """Only a clear no ends a session: a store that is away is not the device's fault."""
        try:
            async with asyncio.timeout(self._host.limits.call_s):
                await self._check()
        except TimeoutError:
            log.warning("%s could not be checked in time", self.member)
        except ConfhubError as error:
            if error.http_status < 500:
                self._turn_away()

    def _turn_away(self) -> None:
        """The link is no longer valid."""
        self.end()


def refusal(error: BadDescription) -> BadDescription:
    """How the media plane's refusal of a well-formed offer is told to a device."""
    return error if isinstance(error, NotAcceptable) else NotAcceptable.of(error)
