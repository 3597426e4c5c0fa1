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

from confhub import news
from confhub.admission import OPEN_AFTER_END, closing
from confhub.bus import Bus
from confhub.errors import ConfhubError
from confhub.meetings import Meeting
from confhub.store import Store

log = logging.getLogger(__name__)

# After a restart of the hub people come back within seconds; nobody waits for a room to end.
LOOK_EVERY_S = 300.0


async def end_overruns(
    store: Store,
    bus: Bus,
    now: Callable[[], dt.datetime],
    held: Callable[[], Awaitable[Collection[str]]],
    every_s: float = LOOK_EVERY_S,
) -> None:
    """Look now and then, for ever; `held` gives the ids of meetings whose room some hub runs."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await end_once(store, bus, now(), await held())
        except (ConfhubError, OSError) as error:
            log.warning("meetings that ran over were not looked for: %s", error)


async def end_once(store: Store, bus: Bus, now: dt.datetime, held: Collection[str]) -> None:
    """End every live meeting that is over by now; its room, if there is one, hears of it."""
    for meeting in await store.meetings.live_past(now - OPEN_AFTER_END):
        if is_over(meeting, now, is_held=meeting.id in held) and await store.meetings.end_live(
            meeting.id
        ):
            await store.audit.write(
                "meeting.ended", subject=meeting.id, detail="nobody ended it", at=now
            )
            ended = news.MeetingNews(meeting_id=meeting.id, what="ended")
            await bus.publish(news.MEETINGS_TOPIC, news.encode(ended))


def is_over(meeting: Meeting, now: dt.datetime, *, is_held: bool) -> bool:
    """Whether a live meeting that nobody ended has ended; `is_held`: its room is open."""
    return now >= (closing(meeting) if is_held else meeting.ends_at + OPEN_AFTER_END)
