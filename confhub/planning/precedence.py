"""Meetings that have to give way: a higher one wants their sites, one before runs over, they are
blocked, or they share who serves them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from confhub.meetings.meeting import Meeting
from confhub.planning.conflicts import Clash
from confhub.planning.takings import Cause, Holder, Need, Resource, Takings

# A meeting that runs over is told to who plans the next one this long before.
SOON = dt.timedelta(minutes=30)
# In the afternoon nothing begins so late that it would end after the office.
OFFICE_ENDS = dt.time(17, 30)
_STEP = dt.timedelta(minutes=30)
# Two weeks of working days: what is not free by then is found by people who talk to each other.
MOST_DAYS = 10
# Somebody else goes, a site sits in with its neighbour, or all do with fewer pictures: people see
# to it, and no meeting waits for another time since of it unasked.
_SEEN_TO = frozenset({"technician", "line", "load"})
# Of a meeting of the country hundreds of lines may be full: more than one reads, and of one cause.
MOST_SHARED = 10


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A meeting ahead, and another that wants `sites` of its sites at its time.

    higher: hosted by an authority of a higher level. live: being held, and not over in time.
    blocked: no meeting, but why sites cannot meet (`cause`), without a host.
    shared: both need one technician, or a line that is full (`clash`); of the hubs' load (`cause`)
    it is no other, but all of that time.
    """

    kind: Literal["higher", "live", "blocked", "shared"]
    meeting_id: str
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    other_id: str
    other_title: str
    other_starts_at: dt.datetime
    other_ends_at: dt.datetime
    other_host_id: str
    sites: int
    cause: Cause = "meeting"
    clash: Clash | None = None


def puts_off(clash: Clash) -> bool:
    """Whether a meeting waits for another time since of it, where nobody is asked."""
    return clash.need.resource.kind not in _SEEN_TO


def shared(meeting: Meeting, clashes: Iterable[Clash]) -> list[InTheWay]:
    """Which technicians and lines of the meeting others want too: of each the first other."""
    first: dict[Resource, Clash] = {}
    for clash in clashes:
        if not puts_off(clash):
            first.setdefault(clash.need.resource, clash)
    return [
        InTheWay(
            "shared",
            meeting.id,
            meeting.title,
            *_sitting_of(meeting, clash),
            clash.holder.id,
            clash.holder.title,
            clash.holder.starts_at,
            clash.holder.ends_at,
            "",
            len(clash.need.by),
            clash.holder.cause,
            clash,
        )
        for clash in islice(first.values(), MOST_SHARED)
    ]


def _sitting_of(meeting: Meeting, clash: Clash) -> tuple[dt.datetime, dt.datetime]:
    """From when to when the sitting is that clashes."""
    within = (one for one in meeting.to_come if one.starts_at <= clash.starts_at < one.ends_at)
    one = next(within, meeting.coming)
    return one.starts_at, one.ends_at


class Upward:
    """What lower hosts took above themselves, where nobody was asked: a higher host does not give
    way to it. `own`: of the lower hosts, which of the wanted sites are theirs or below them."""

    def __init__(
        self, own: Mapping[str, Collection[str]], taken: Iterable[tuple[Holder, str]]
    ) -> None:
        """`taken`: which sites who takes."""
        self._sites = {
            (holder.id, site_id)
            for holder, site_id in taken
            if site_id not in own.get(holder.host, (site_id,))
        }

    def holds(self, holder: Holder, resource: Resource, by: Collection[str]) -> bool:
        """With a site go its room and its technician, of those that it is taken along `by`; a line
        is full whoever fills it."""
        if resource.kind not in ("site", "room", "technician"):
            return False
        sites = [resource.id] if resource.kind == "site" else by
        return bool(sites) and all((holder.id, one) in self._sites for one in sites)


def without_upward(clashes: Sequence[Clash], own: Mapping[str, Collection[str]]) -> list[Clash]:
    """Without those for rooms above the host that holds them; `own` as in Upward."""
    upward = Upward(own, ((one.holder, one.site_id) for one in clashes if one.site_id))
    return [one for one in clashes if not upward.holds(one.holder, one.need.resource, one.need.by)]


def minded(takings: Takings, needs: Iterable[Need], own: Mapping[str, Collection[str]]) -> Takings:
    """The takings that whoever has the needs gives way to; `own` as in Upward."""
    sites = ((one.holder, one.resource.id) for one in takings if one.resource.kind == "site")
    upward = Upward(own, sites)
    by = {need.resource: need.by for need in needs}
    return Takings(
        one
        for one in takings
        if not upward.holds(one.holder, one.resource, by.get(one.resource, ()))
    )


def other_times(
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    free_from: dt.datetime,
    zone: dt.tzinfo,
    is_working: Callable[[dt.date], bool],
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Times to propose for a meeting of [starts_at, ends_at), the nearest first: later that day,
    once the other is over (`free_from`) and within office hours; then at its hour on the working
    days that follow."""
    length = ends_at - starts_at
    local = starts_at.astimezone(zone)
    begin = _rounded(free_from.astimezone(zone))
    while begin.date() == local.date() and (begin + length).time() <= OFFICE_ENDS:
        if (begin + length).date() != begin.date():
            break
        yield begin.astimezone(dt.UTC), (begin + length).astimezone(dt.UTC)
        begin += _STEP
    day, found = local.date(), 0
    while found < MOST_DAYS:
        day += dt.timedelta(days=1)
        if is_working(day):
            found += 1
            start = dt.datetime.combine(day, local.time(), zone).astimezone(dt.UTC)
            yield start, start + length


def _rounded(at: dt.datetime) -> dt.datetime:
    """The next full or half hour, by the clock of those who meet."""
    over = dt.timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    return at + (_STEP - over) if over else at
