"""Ends live meetings that nobody ended: the room is empty, or half a day has passed.

A meeting runs over for as long as somebody is in its room, up to LIVE_AFTER_END past its planned
end. Nobody is sent out before; but one whose room stands empty OPEN_AFTER_END past that end, and
one of a hub that died, would stay live for ever.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Collection

from confhub.bus import news
from confhub.bus.interface import News
from confhub.desks import meetings as desk
from confhub.errors import ConfhubError
from confhub.meetings.admission import OPEN_AFTER_END, closing
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.store import Store

log = logging.getLogger(__name__)

# After a restart of the hub people come back within seconds; nobody waits for a room to end.
LOOK_EVERY_S = 300.0


class Overruns:
    """Each step of each meeting is tried by itself: what fails is logged and holds up no other.

    A meeting that is over in the store is not found again: a room that could not be told of it is
    told at the next look.
    """

    def __init__(self, store: Store, bus: News) -> None:
        self._store = store
        self._bus = bus
        self._untold: set[str] = set()

    async def look(
        self,
        now: Callable[[], dt.datetime],
        held: Callable[[], Awaitable[Collection[str]]],
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Now and then, for ever; `held` gives the ids of meetings whose room some hub runs."""
        while True:
            await asyncio.sleep(every_s)
            await self.end(now(), await held())

    async def end(self, now: dt.datetime, held: Collection[str]) -> None:
        """End every live meeting that is over by now; its room, if there is one, hears of it."""
        for meeting in await self._store.meetings.live_past(now - OPEN_AFTER_END):
            if is_over(meeting, now, is_held=meeting.id in held):
                await _tried(meeting.id, "ended", self._end(meeting.id, now))
        for meeting_id in list(self._untold):
            await _tried(meeting_id, "told of its end", self._tell(meeting_id))

    async def _end(self, meeting_id: str, now: dt.datetime) -> None:
        if await desk.end_forgotten(self._store, Actor(now), meeting_id):
            self._untold.add(meeting_id)

    async def _tell(self, meeting_id: str) -> None:
        # The end may have been taken back since; then its room goes on.
        if (await self._store.meetings.get(meeting_id)).status == "ended":
            ended = news.MeetingNews(meeting_id=meeting_id, what="ended")
            await self._bus.publish(news.MEETINGS_TOPIC, news.encode(ended))
        self._untold.discard(meeting_id)


async def _tried(meeting_id: str, what: str, step: Awaitable[None]) -> None:
    try:
        await step
    except (ConfhubError, OSError) as error:
        log.warning("meeting %s, which ran over, is not %s yet: %s", meeting_id, what, error)


def is_over(meeting: Meeting, now: dt.datetime, *, is_held: bool) -> bool:
    """Whether a live meeting that nobody ended has ended; `is_held`: its room is open."""
    return now >= (closing(meeting) if is_held else meeting.ends_at + OPEN_AFTER_END)
