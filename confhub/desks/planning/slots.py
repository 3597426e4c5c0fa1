"""When all who are wanted are free: what to propose instead of a time that clashes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from confhub.desks.planning.clashes import minded_by, needs_in
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.planning.conflicts import find_clashes
from confhub.planning.slots import Slot, find_slots, office_starts, wish_for
from confhub.planning.takings import Need, Takings
from confhub.store.repositories import Repositories

# What lies further off is another month's plan.
HORIZON_DAYS = 28
# As many as one reads before one chooses.
MOST_SLOTS = 3


async def first_free(
    record: Repositories,
    wanted: Meeting,
    times: Sequence[tuple[dt.datetime, dt.datetime]],
    zone: dt.tzinfo,
) -> tuple[dt.datetime, dt.datetime] | None:
    """The first of the times at which everybody whom `wanted` needs is free; None: none is."""
    if not times:
        return None
    needs = await needs_in(record, wanted, zone)
    start, end = min(time[0] for time in times), max(time[1] for time in times)
    takings = await _minded(record, wanted, needs, start, end, zone)
    free = (time for time in times if not find_clashes(needs, takings, *time, wanted.id))
    return next(free, None)


async def slots_of(
    record: Repositories,
    wanted: Meeting | Draft,
    own: str,
    since: dt.datetime,
    zone: ZoneInfo,
    *,
    least: int | None = None,
) -> list[Slot]:
    """The first times in office hours from `since` on, as long as `wanted` is, at which the chair
    and the presiding site are free, and of the other sites `least` (None: all), or as many as can
    be. What a lower host took above itself is free to a higher one. `own` as in `clashes_of`."""
    needs, length = await needs_in(record, wanted, zone), wanted.ends_at - wanted.starts_at
    calendar = await record.special_days.calendar()
    windows = list(office_starts(since, HORIZON_DAYS, length, zone, calendar))
    if not windows:
        return []
    start, end = windows[0][0], windows[-1][-1] + length
    takings = await _minded(record, wanted, needs, start, end, zone)
    find = partial(find_slots, wish_for(needs, length, least), takings, windows, MOST_SLOTS, own)
    return await asyncio.to_thread(find)  # a meeting of a thousand sites takes a while


async def _minded(
    record: Repositories,
    wanted: Meeting | Draft,
    needs: Collection[Need],
    start: dt.datetime,
    end: dt.datetime,
    zone: dt.tzinfo,
) -> Takings:
    takings = await record.takings.during(needs, start, end, start.astimezone(zone).date())
    return await minded_by(record, wanted, needs, takings, zone)
