"""What a meeting needs, who takes it when, and an index over both. Pure.

Everything that can be taken is a Resource. A meeting that holds its time takes what it needs; so
does a blocking. Whatever is asked of them is asked of `Takings`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.schedule import Draft
from confhub.planning.intervals import Intervals
from confhub.words.texts import fold, may_be_same

# Meetings that hold their time; one that was put off waits for another.
TAKING: frozenset[MeetingStatus] = frozenset({"scheduled", "live"})


# What holds a resource: a meeting, or a blocking of that kind.
Cause = Literal["meeting", "maintenance", "power_cut", "busy"]


class Resource(NamedTuple):
    """`id`: of the site; of a person in the chair, the host's and the name as it is searched, since
    names repeat from unit to unit. Of hubs there is one."""

    kind: Literal["site", "chair", "hub"]
    id: str


# Every meeting needs it, and none takes it from another.
HUB = Resource("hub", "")


@dataclass(frozen=True, slots=True)
class Need:
    """What a meeting must have for itself. `name`: the chair person's, as written."""

    resource: Resource
    name: str = ""
    presides: bool = False  # of a site: the chair sits there


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes something, and from when to when. `title`: a meeting's, or why it is blocked."""

    id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str = ""
    cause: Cause = "meeting"


@dataclass(frozen=True, slots=True)
class Taking:
    resource: Resource
    holder: Holder
    name: str = ""  # as a Need's


class Takings:
    """An index: whatever takes a resource within a span."""

    def __init__(self, takings: Iterable[Taking] = ()) -> None:
        self._of: dict[Resource, Intervals[Taking]] = {}
        for taking in takings:
            self.add(taking)

    def add(self, taking: Taking) -> None:
        held = self._of.setdefault(taking.resource, Intervals())
        held.add(taking.holder.starts_at, taking.holder.ends_at, taking)

    def of(self, need: Need, start: dt.datetime, end: dt.datetime, own: str = "") -> list[Taking]:
        """Takings in the way of a need in [start, end), by start; those of the holder `own` are
        not."""
        held = self._of.get(need.resource)
        return [
            taking
            for taking in (held.during(start, end) if held else ())
            if taking.holder.id != own and may_be_same(taking.name, need.name)
        ]


def needs_of(meeting: Meeting | Draft) -> tuple[Need, ...]:
    """The person in the chair first, then the presiding site, the other sites, and the hub."""
    needs = [
        Need(Resource("site", site_id), presides=site_id == meeting.chair_site_id)
        for site_id in dict.fromkeys((meeting.chair_site_id, *meeting.sites))
    ]
    needs.append(Need(HUB))
    chair = chair_of(meeting.host_unit_id, meeting.chair_name)
    return (chair, *needs) if chair else tuple(needs)


def chair_of(host_unit_id: str, name: str) -> Need | None:
    """The person in the chair as a need; None where nobody is named."""
    if not name:
        return None
    return Need(Resource("chair", f"{host_unit_id} {fold(name)}"), name)


def takings_of(meeting: Meeting) -> Iterator[Taking]:
    """What the meeting takes from others; nothing unless it holds its time."""
    if meeting.status in TAKING:
        holder = Holder(meeting.id, meeting.starts_at, meeting.ends_at, meeting.title)
        for need in needs_of(meeting):
            if need.resource != HUB:
                yield Taking(need.resource, holder, need.name)
