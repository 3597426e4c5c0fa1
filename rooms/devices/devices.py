"""The devices that are in meetings of this hub by HTTP (WHIP and WHEP): found, bounded, ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

from confhub.bucket import Buckets, Rate
from confhub.errors import N_, NotFound, TooMany, Unavailable
from rooms.devices.playback import Playback
from rooms.devices.publication import Publication
from rooms.devices.session import Check, DeviceSession, Host
from rooms.media.events import TransportChanged
from rooms.state.picture import Wish
from rooms.state.room import SeatTaken
from rooms.state.seat import Seat

log = logging.getLogger(__name__)

# A device whose line fails tries again every few seconds; a set of them is switched on at once.
OPENING_RATE = Rate(0.5, 10)
# Links whose rate is remembered; the least used are forgotten.
MAX_RATES = 4096
# A projector, a recorder, a screen in the hallway and one spare.
MAX_PLAYERS_PER_SITE = 4

FULL_HOUSE = N_("Điểm cầu này đã có %(most)s thiết bị thu. Xin tắt bớt một thiết bị.")


class Devices:
    """Owns the sessions and their tasks. `on_media` and `close` are the hub's to call."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._sessions: dict[str, DeviceSession] = {}
        self._by_media: dict[tuple[str, str, str], DeviceSession] = {}
        self._rates = Buckets(MAX_RATES)
        self._opening: Counter[tuple[str, str]] = Counter()  # players, by meeting and member
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def __len__(self) -> int:
        return len(self._sessions)

    async def publish(self, seat: Seat, check: Check, offer_sdp: str) -> tuple[DeviceSession, str]:
        """A session that sits in the site's seat, and its answer.

        Raises TooMany, SeatTaken, BadDescription (MalformedOffer, NotAcceptable), Unavailable.
        A device that lost its session takes over from it once media has stopped.
        """
        self._admit(seat)
        before = self._by_media.get((seat.meeting_id, seat.member_id, Publication.direction))
        if before is not None:
            if before.is_connected and not before.has_ended:
                raise SeatTaken
            before.end()
        session = Publication(seat, check, self._host)
        answer = await session.open(offer_sdp)
        self._take(session)
        return session, answer

    async def play(
        self, seat: Seat, check: Check, offer_sdp: str, wish: Wish
    ) -> tuple[DeviceSession, str]:
        """A session that plays the meeting, and its answer; raises as `publish`, but SeatTaken."""
        self._admit(seat)
        with self._place(seat.meeting_id, wish.at):
            session = Playback(seat, check, self._host, wish)
            answer = await session.open(offer_sdp)
            self._take(session)
        return session, answer

    @contextlib.contextmanager
    def _place(self, meeting_id: str, at: str) -> Iterator[None]:
        """One of the site's places for players, from the first moment on: opening takes a while, in
        which others come. TooMany."""
        key = (meeting_id, at)
        playing = sum(
            isinstance(one, Playback)
            and not one.has_ended
            and (one.seat.meeting_id, one.wish.at) == key
            for one in self._sessions.values()
        )
        if playing + self._opening[key] >= MAX_PLAYERS_PER_SITE:
            raise TooMany(30, FULL_HOUSE, values={"most": MAX_PLAYERS_PER_SITE})
        self._opening[key] += 1
        try:
            yield
        finally:
            self._opening -= Counter([key])  # and none is kept for a site without any

    def find(self, session_id: str, seat_link: str, kind: type[DeviceSession]) -> DeviceSession:
        """The session of this kind that was made by this link; NotFound for all others."""
        session = self._sessions.get(session_id)
        if not isinstance(session, kind) or session.has_ended or session.seat.link_id != seat_link:
            raise NotFound
        return session

    def on_media(self, event: Any) -> None:
        """Take an event of the media plane; never waits."""
        if isinstance(event, TransportChanged):
            session = self._by_media.get((event.room_id, event.member_id, event.direction))
            if session is not None:
                session.transport_changed()

    async def close(self) -> None:
        """End all sessions; their rooms say goodbye to seats by themselves."""
        self._closing = True
        for session in list(self._sessions.values()):
            session.end()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _admit(self, seat: Seat) -> None:
        if self._closing:
            raise Unavailable
        key, now = seat.link_id or seat.member_id, asyncio.get_running_loop().time()
        if not self._rates.take(key, OPENING_RATE, now):
            raise TooMany(retry_after_s=2)

    def _take(self, session: DeviceSession) -> None:
        key = (session.seat.meeting_id, session.member, session.direction)
        self._sessions[session.id] = self._by_media[key] = session
        task = asyncio.get_running_loop().create_task(
            self._serve(session), name=f"device {session.member}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # What the media plane said before the session was known here.
        session.transport_changed()
        if self._closing:
            session.end()

    async def _serve(self, session: DeviceSession) -> None:
        try:
            await session.run()
        except Exception:
            log.exception("device session of %s broke", session.seat.member_id)
        finally:
            self._sessions.pop(session.id, None)
            key = (session.seat.meeting_id, session.member, session.direction)
            if self._by_media.get(key) is session:
                del self._by_media[key]
