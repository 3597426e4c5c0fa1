"""Who has to confirm the times of a unit's meetings, and until when they answer. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from confhub.meetings.working_days import WorkCalendar

# Public offices in winter and summer: nobody answers before or after.
OFFICE_OPENS = dt.time(7, 30)
OFFICE_CLOSES = dt.time(17, 30)
# An answer is of use until technicians have to be on site, an hour before the meeting.
LEAST_BEFORE = dt.timedelta(hours=1)
# Working days to answer in. More than two weeks is no answer.
USUAL_DAYS, MOST_DAYS = 1, 10


@dataclass(frozen=True, slots=True)
class Rule:
    """A unit's own, which holds below it too until a unit has another. `centre_id`: the unit whose
    technicians confirm; None: nobody has to."""

    unit_id: str
    centre_id: str | None
    days: int = USUAL_DAYS


def rule_for(path: Sequence[str], rules: Mapping[str, Rule]) -> Rule | None:
    """The one that holds at the end of `path`, which leads there from the root; None: none does,
    or it says that nobody has to confirm."""
    own = next((rules[unit_id] for unit_id in reversed(path) if unit_id in rules), None)
    return own if own is not None and own.centre_id is not None else None


def deadline(
    now: dt.datetime, starts_at: dt.datetime, days: int, calendar: WorkCalendar, zone: dt.tzinfo
) -> tuple[dt.datetime, dt.datetime]:
    """When the centre is reminded, and until when it is to answer: the end of the `days`th working
    day after this one, but an hour before the meeting at the latest; never before now."""
    day, left = now.astimezone(zone).date(), days
    while left:
        day += dt.timedelta(days=1)
        left -= calendar.is_working(day)
    due = dt.datetime.combine(day, OFFICE_CLOSES, zone)
    due = max(min(due, starts_at - LEAST_BEFORE), now)
    morning = dt.datetime.combine(due.astimezone(zone).date(), OFFICE_OPENS, zone)
    remind = morning if now < morning < due else now + (due - now) / 2
    return remind.astimezone(dt.UTC), due.astimezone(dt.UTC)
