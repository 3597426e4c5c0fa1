"""When all who are wanted are free: what to propose instead of a time that clashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

from confhub.desks.planning.clashes import looked_at, minded_by, needs_in
from confhub.long_work import beside
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.meetings.working_days import WorkCalendar
from confhub.planning.conflicts import clashes_within, find_clashes
from confhub.planning.slots import Slot, find_slots, office_starts, other_days, wish_for
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
) -> Slot | None:
    """The first of the times at which nobody holds what `wanted` needs; where there is none, the
    first at which only lower hosts do, above themselves. None: neither."""
    if not times:
        return None
    needs = await needs_in(record, wanted, zone)
    start, end = min(time[0] for time in times), max(time[1] for time in times)
    takings = await _during(record, needs, start, end, zone)
    find = partial(_first, needs, times=times, own=wanted.id)
    found = await looked_at(len(needs), partial(find, takings))
    if found is not None:
        return found
    minded = await minded_by(record, wanted, needs, takings, zone)
    if minded is takings:
        return None
    found = await looked_at(len(needs), partial(find, minded))
    return found and replace(found, over_lower=True)


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
    be. What a lower host took above itself counts as free, and is marked, only where nothing else
    is free to so many. `own` as in `clashes_of`."""
    needs, length = await needs_in(record, wanted, zone), wanted.ends_at - wanted.starts_at
    calendar = await record.special_days.calendar()
    if len(wanted.to_come) > 1:
        return await _days_of(record, wanted, needs, own, since, zone, calendar)
    windows = list(office_starts(since, HORIZON_DAYS, length, zone, calendar))
    if not windows:
        return []
    takings = await _during(record, needs, windows[0][0], windows[-1][-1] + length, zone)
    wish = wish_for(needs, length, least)
    find = partial(find_slots, wish, windows=windows, most=MOST_SLOTS, own=own)
    found = await beside(find, takings)  # a meeting of a thousand sites takes a while
    if wish.free(found) >= wish.least:
        return found
    minded = await minded_by(record, wanted, needs, takings, zone)
    if minded is takings:
        return found
    over = await beside(find, minded)
    # More are free than if nobody is put out: then each of these times puts somebody out.
    nearer = wish.free(over) > wish.free(found)
    return [replace(slot, over_lower=True) for slot in over] if nearer else found


async def _days_of(
    record: Repositories,
    wanted: Meeting | Draft,
    needs: Collection[Need],
    own: str,
    since: dt.datetime,
    zone: ZoneInfo,
    calendar: WorkCalendar,
) -> list[Slot]:
    """Of several sittings: the first days to which all can go at their hours, each with the times
    of its first sitting."""
    options = list(other_days(wanted.to_come, since, HORIZON_DAYS, zone, calendar))
    if not options:
        return []
    end = max(option[-1][1] for option in options)
    takings = await _during(record, needs, options[0][0][0], end, zone)

    def find() -> list[Slot]:
        free = (
            Slot(*hours[0]) for hours in options if not clashes_within(needs, takings, hours, own)
        )
        return list(islice(free, MOST_SLOTS))

    return await beside(find)


def _first(
    needs: Collection[Need],
    takings: Takings,
    times: Sequence[tuple[dt.datetime, dt.datetime]],
    own: str,
) -> Slot | None:
    free = (Slot(*time) for time in times if not find_clashes(needs, takings, *time, own))
    return next(free, None)


async def _during(
    record: Repositories,
    needs: Collection[Need],
    start: dt.datetime,
    end: dt.datetime,
    zone: dt.tzinfo,
) -> Takings:
    return await record.takings.during(needs, start, end, start.astimezone(zone).date())
