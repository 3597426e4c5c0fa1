"""What a meeting needs, who takes it when, and an index over both. Pure.

Everything that can be taken is a Resource. A meeting that holds its time takes what it needs; so
does a blocking. Whatever is asked of them is asked of `Takings`. Of most resources there is one; a
line carries as many streams as it holds, and whoever needs one more is in the way of none, until it
is full.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.schedule import Draft
from confhub.planning.intervals import Intervals
from confhub.words.texts import fold, may_be_same

# Meetings that hold their time; one that was put off waits for another.
TAKING: frozenset[MeetingStatus] = frozenset({"scheduled", "live"})


# What holds a resource: a meeting, a blocking of that kind, or all meetings of one moment together.
Cause = Literal["meeting", "maintenance", "power_cut", "busy", "load"]


class Resource(NamedTuple):
    """`id`: of the site; of a person in the chair, the host's and the name as it is searched, since
    names repeat from unit to unit; of a room its unit's and its name so; of a technician the
    account, or the telephone number; of a line the site's or the unit's. Of hubs, and of the load
    that they carry together, there is one."""

    kind: Literal["site", "chair", "hub", "load", "room", "technician", "line"]
    id: str


# What sites take along into their meetings.
SHARED = frozenset({"room", "technician", "line"})
# Every meeting needs it, and none takes it from another.
HUB = Resource("hub", "")
# The pictures that hubs send at one moment, as far as they were measured.
LOAD = Resource("load", "")


@dataclass(frozen=True, slots=True)
class Need:
    """What a meeting must have for itself, `amount` of what the resource `holds` at one moment.
    `name`: the chair person's, as written; `label`: what people call a room, a technician or a
    line, and `by` the sites that take it along."""

    resource: Resource
    name: str = ""
    presides: bool = False  # of a site: the chair sits there
    label: str = ""
    amount: int = 1
    holds: int = 1
    by: frozenset[str] = frozenset()


class Share(NamedTuple):
    """What a site takes along into each meeting it joins. Shares of one `place` count once: who
    looks after two sites in one room is in one place."""

    resource: Resource
    place: str
    label: str
    holds: int = 1


# By site.
Along: TypeAlias = Mapping[str, Sequence[Share]]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes something, and from when to when. `title`: a meeting's, or why it is blocked;
    `host`: the meeting's."""

    id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str = ""
    cause: Cause = "meeting"
    host: str = ""


@dataclass(frozen=True, slots=True)
class Taking:
    resource: Resource
    holder: Holder
    name: str = ""  # as a Need's
    amount: int = 1


class Full(NamedTuple):
    """When a need finds too little left: who takes it then, and how much is taken with the need."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    takings: Sequence[Taking]
    taken: int


class Takings:
    """An index: whatever takes a resource within a span."""

    def __init__(self, takings: Iterable[Taking] = ()) -> None:
        self._of: dict[Resource, Intervals[Taking]] = {}
        for taking in takings:
            self.add(taking)

    def __iter__(self) -> Iterator[Taking]:
        """All, in no order."""
        return chain.from_iterable(self._of.values())

    def add(self, taking: Taking) -> None:
        held = self._of.setdefault(taking.resource, Intervals())
        held.add(taking.holder.starts_at, taking.holder.ends_at, taking)

    def of(self, need: Need, start: dt.datetime, end: dt.datetime, own: str = "") -> list[Taking]:
        """Takings of what the need wants in [start, end), by start; those of the holder `own` are
        not."""
        held = self._of.get(need.resource)
        return [
            taking
            for taking in (held.during(start, end) if held else ())
            if taking.holder.id != own and may_be_same(taking.name, need.name)
        ]

    def full(
        self, need: Need, start: dt.datetime, end: dt.datetime, own: str = ""
    ) -> Iterator[Full]:
        """When they are in the way of the need, by start: of what there is one of, each; else when
        within [start, end) together they leave too little."""
        met = self.of(need, start, end, own)
        if need.holds > 1:
            yield from _too_many(need, met, start, end)
            return
        for taking in met:
            yield Full(taking.holder.starts_at, taking.holder.ends_at, (taking,), 2)


def _too_many(
    need: Need, met: Sequence[Taking], start: dt.datetime, end: dt.datetime
) -> Iterator[Full]:
    """Spans without a break within [start, end) in which the takings and the need are more than the
    resource holds."""
    changes = [(max(one.holder.starts_at, start), 1, number) for number, one in enumerate(met)]
    changes += [(min(one.holder.ends_at, end), 0, number) for number, one in enumerate(met)]
    now: set[int] = set()
    within: list[int] = []  # who is there while it is full: four weeks of a hub are thousands
    taken = most = 0
    since: dt.datetime | None = None
    for at, comes, number in sorted(changes):  # who leaves at a moment makes room for who comes
        if comes:
            now.add(number)
            taken += met[number].amount
        else:
            now.discard(number)
            taken -= met[number].amount
        if now and taken + need.amount > need.holds:
            if since is None:
                since, within = at, sorted(now)
            elif comes:
                within.append(number)
            most = max(most, taken + need.amount)
        elif since is not None:
            yield Full(since, at, [met[one] for one in within], most)
            since, most = None, 0


# What `make bench-province` sends each site: the chair and four thumbnails.
PICTURES = 5


def streams_of(sites: int) -> int:
    """How many pictures a hub sends a meeting of so many sites: of a small one each site is sent
    all others."""
    return sites * max(1, min(sites - 1, PICTURES))


def needs_of(
    meeting: Meeting | Draft, along: Along | None = None, carried: int = 0
) -> tuple[Need, ...]:
    """The person in the chair first, then the presiding site, the other sites, what they take
    `along`, the hub, and of the streams that it was measured to have `carried` (0: it was not) its
    own."""
    sites = list(dict.fromkeys((meeting.chair_site_id, *meeting.sites)))
    needs = [Need(Resource("site", one), presides=one == meeting.chair_site_id) for one in sites]
    needs += [
        Need(
            resource,
            label=shares[0][1].label,
            amount=len({share.place for _, share in shares}),
            holds=shares[0][1].holds,
            by=frozenset(site_id for site_id, _ in shares),
        )
        for resource, shares in _shared(sites, along or {}).items()
    ]
    needs.append(Need(HUB))
    if carried:
        needs.append(Need(LOAD, amount=streams_of(len(sites)), holds=carried))
    chair = chair_of(meeting.host_unit_id, meeting.chair_name)
    return (chair, *needs) if chair else tuple(needs)


def shares_of(site_ids: Iterable[str], along: Along) -> dict[Resource, int]:
    """How much of each resource a meeting of these sites takes by what they take along."""
    return {
        resource: len({share.place for _, share in shares})
        for resource, shares in _shared(site_ids, along).items()
    }


def _shared(site_ids: Iterable[str], along: Along) -> dict[Resource, list[tuple[str, Share]]]:
    """By resource the sites that take it along, and their shares."""
    found: dict[Resource, list[tuple[str, Share]]] = {}
    for site_id in site_ids:
        for share in along.get(site_id, ()):
            found.setdefault(share.resource, []).append((site_id, share))
    return found


def chair_of(host_unit_id: str, name: str) -> Need | None:
    """The person in the chair as a need; None where nobody is named."""
    if not name:
        return None
    return Need(Resource("chair", f"{host_unit_id} {fold(name)}"), name)


def takings_of(meeting: Meeting, along: Along | None = None, carried: int = 0) -> Iterator[Taking]:
    """What the meeting takes from others; nothing unless it holds its time."""
    if meeting.status in TAKING:
        needs = needs_of(meeting, along, carried)
        for one in meeting.to_come:
            span = one.starts_at, one.ends_at
            holder = Holder(meeting.id, *span, meeting.title, host=meeting.host_unit_id)
            for need in needs:
                if need.resource != HUB:
                    yield Taking(need.resource, holder, need.name, need.amount)
