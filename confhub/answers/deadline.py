"""Until when the sites of a meeting answer. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from confhub.meetings.sitting import Sitting
from confhub.meetings.working_days import WorkCalendar

# The host has a whole working day left to ask who kept silent, and to seat those who come.
DAYS_BEFORE = 2
# Half an hour before public offices close: an answer is read on its day.
CLOSES = dt.time(17)
# Who answers has to ask its leader first; a deadline that is nearer is none.
LEAST = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Of one meeting, as it was found for that start and those sittings, None: not known.

    `chosen_at`: what its secretary chose, None: the usual one. `since`: when it was set; `next_at`:
    when it is looked at for a reminder, None: no more."""

    meeting_id: str
    starts_at: dt.datetime
    chosen_at: dt.datetime | None
    due_at: dt.datetime
    since: dt.datetime | None
    next_at: dt.datetime | None
    sittings: tuple[Sitting, ...] | None = ()


def usual(
    starts_at: dt.datetime, since: dt.datetime | None, calendar: WorkCalendar, zone: dt.tzinfo
) -> dt.datetime:
    """Two working days before the meeting at 17:00, UTC. Where that is not LEAST after `since`,
    when the meeting got its time: one working day before, an hour before, at last its start.

    `since` None: it is not known.
    """
    held = starts_at.astimezone(zone).date()
    days = [calendar.before(held, number) for number in range(DAYS_BEFORE, 0, -1)]
    ends = [dt.datetime.combine(day, CLOSES, zone).astimezone(dt.UTC) for day in days]
    choices = (*ends, starts_at - LEAST)
    found = (at for at in choices if since is None or at - since >= LEAST)
    return next(found, starts_at).astimezone(dt.UTC)


def deadline_for(
    meeting_id: str,
    starts_at: dt.datetime,
    chosen_at: dt.datetime | None,
    since: dt.datetime,
    calendar: WorkCalendar,
    zone: dt.tzinfo,
) -> Deadline:
    """As it was chosen, but not after the start, unless that is over already, as where a series
    has it so many days before each of its meetings and this one is made late; else the usual one.
    """
    due_at = usual(starts_at, since, calendar, zone)
    if chosen_at is not None and chosen_at > since:
        due_at = min(chosen_at, starts_at)
    return Deadline(meeting_id, starts_at, chosen_at, due_at, since, since)
