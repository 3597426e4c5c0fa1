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
from confhub.meetings.admission import LIVE_AFTER_END, OPEN_AFTER_END, has_site
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
            for meeting in (one for one in late if should_be_over(one, now, OPEN_AFTER_END)):
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
    return should_be_over(meeting, now, LIVE_AFTER_END if is_held else OPEN_AFTER_END)


def should_be_over(meeting: Meeting, now: dt.datetime, after: dt.timedelta) -> bool:
    """Whether the last sitting that has begun ended by plan so long ago."""
    begun = [one for one in meeting.to_come if one.starts_at <= now]
    return bool(begun) and now >= begun[-1].ends_at + after
