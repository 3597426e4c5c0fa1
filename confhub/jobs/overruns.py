"""Ends live meetings that nobody ended: the room is empty, or half a day has passed.

A meeting runs over for as long as a site is in its room: people inside are never sent out. One
whose room stands empty OPEN_AFTER_END past its planned end, and one of a hub that died, would stay
live for ever; so would one that only a forgotten console keeps open, LIVE_AFTER_END past its end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection

from confhub.desks import meetings as desk
from confhub.identity import part_id
from confhub.jobs.job import Job, Kind
from confhub.meetings.admission import OPEN_AFTER_END, closing, has_site
from confhub.meetings.meeting import Meeting

# After a restart of the hub people come back within seconds; nobody waits for a room to end.
LOOK_EVERY = dt.timedelta(minutes=5)
ONE = "overrun meeting"


def overruns(held: Callable[[], Awaitable[Collection[str]]]) -> tuple[Kind, Kind]:
    """The look for them, and the end of each by itself; `held` gives the ids of meetings whose
    room some hub runs. What fails for one holds up no other."""

    async def look(job: Job) -> None:
        now = job.now()
        late = await job.store.meetings.live_past(now - OPEN_AFTER_END)
        async with job.piece() as work:
            for meeting in late:
                one = part_id(job.id, meeting.id)
                await work.jobs.add(one, ONE, {"meeting_id": meeting.id}, now, None)

    async def end(job: Job) -> None:
        meeting_id = str(job.payload["meeting_id"])
        is_held = meeting_id in await held()
        async with job.piece() as work:
            meeting = await work.meetings.hold(meeting_id)
            is_site_inside = is_held and has_site(await work.rooms.staying(meeting_id))
            if is_over(meeting, job.now(), is_held=is_held, is_site_inside=is_site_inside):
                await desk.end_forgotten(work, meeting_id)

    return Kind("overrun meetings", look, every=LOOK_EVERY), Kind(ONE, end)


def is_over(meeting: Meeting, now: dt.datetime, *, is_held: bool, is_site_inside: bool) -> bool:
    """Whether a live meeting that nobody ended has ended; `is_held`: its room is open."""
    if meeting.status != "live" or is_site_inside:
        return False
    return now >= (closing(meeting) if is_held else meeting.ends_at + OPEN_AFTER_END)
