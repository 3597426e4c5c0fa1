"""When sites that did not answer are reminded. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

# A week to plan the day, a day to name who comes, an hour to say it at all.
BEFORE = (dt.timedelta(days=7), dt.timedelta(days=1), dt.timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours on the clock on the wall in which nobody is reminded, perhaps over midnight; none where
    both are the same."""

    begins: dt.time
    ends: dt.time

    def has(self, at: dt.time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def quiet_of(text: str) -> Quiet:
    """`22:00-06:00`; empty: none. ValueError."""
    if not text:
        return Quiet(dt.time(), dt.time())
    begins, dash, ends = text.partition("-")
    if not dash:
        raise ValueError(text)
    return Quiet(dt.time.fromisoformat(begins), dt.time.fromisoformat(ends))


def moments(
    due_at: dt.datetime,
    starts_at: dt.datetime,
    since: dt.datetime,
    quiet: Quiet,
    zone: dt.tzinfo,
) -> Sequence[dt.datetime]:
    """Of the reminders before a deadline, ascending, UTC; those that were past when it was set,
    `since`, are left out. One in quiet hours comes at their end, unless the meeting begins before.
    """
    found = {
        placed(due_at - before, starts_at, quiet, zone)
        for before in BEFORE
        if due_at - before > since
    }
    return sorted(found)


def placed(at: dt.datetime, latest: dt.datetime, quiet: Quiet, zone: dt.tzinfo) -> dt.datetime:
    """`at`, or the end of the quiet hours that it is in where that is before `latest`; UTC."""
    local = at.astimezone(zone)
    if not quiet.has(local.time()):
        return at.astimezone(dt.UTC)
    day = local.date() + dt.timedelta(days=local.time() >= quiet.ends)
    later = dt.datetime.combine(day, quiet.ends, zone)
    return (later if later < latest else at).astimezone(dt.UTC)
