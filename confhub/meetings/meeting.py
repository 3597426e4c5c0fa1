"""Meetings and their invitations. Pure types."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from confhub.identity import new_id
from confhub.meetings.sitting import Sitting, all_sittings

MeetingStatus = Literal["draft", "scheduled", "postponed", "cancelled", "live", "ended"]
# Still to be held, as far as its status says.
PLANNED: frozenset[MeetingStatus] = frozenset({"draft", "scheduled", "postponed"})


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """`id`: given by the store, kept when the meeting is changed; empty: a new one."""

    title: str
    presenter: str = ""
    duration_min: int | None = None
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting; times are aware UTC. `sites` are the invited site ids, chair site included.

    `sittings`, of one that is held in several: in order, the first begins at `starts_at` and the
    last ends at `ends_at`. Of what lies between them nothing is taken.
    """

    id: str
    title: str
    level_id: str
    host_unit_id: str
    chair_site_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    status: MeetingStatus = "scheduled"
    chair_name: str = ""
    note: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    sites: tuple[str, ...] = ()
    status_reason: str = ""  # why it was postponed or cancelled
    postponed_from: dt.datetime | None = None  # the time it was first set for
    created_by: str = ""
    version: int = 1
    is_public: bool = False  # its title, time and place stand on the unit's open page
    answer_by: dt.datetime | None = None  # until when sites answer; None: as is usual
    sittings: tuple[Sitting, ...] = ()

    @property
    def invited(self) -> frozenset[str]:
        """Site ids; whoever presides is among them whatever `sites` says."""
        return frozenset((*self.sites, self.chair_site_id))

    @property
    def all_sittings(self) -> tuple[Sitting, ...]:
        """At least one."""
        return all_sittings(self.starts_at, self.ends_at, self.sittings)

    @property
    def to_come(self) -> tuple[Sitting, ...]:
        """The sittings that were not held and ended yet."""
        return tuple(one for one in self.all_sittings if not one.is_over)

    @property
    def coming(self) -> Sitting:
        """The first that was not held and ended yet, else the last."""
        return next(iter(self.to_come), self.all_sittings[-1])

    def next_begin(self, now: dt.datetime) -> dt.datetime | None:
        """When the first sitting that is still ahead begins; None: the last has begun."""
        return next((one.starts_at for one in self.to_come if one.starts_at > now), None)

    @property
    def hours(self) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
        """From when to when it is held, in order."""
        return tuple((one.starts_at, one.ends_at) for one in self.all_sittings)


@dataclass(frozen=True, slots=True)
class Listed:
    """A meeting as lists show it: `meeting` comes without its agenda and its sites, which are only
    counted. `hosted`: by the unit that was asked for, or one below it."""

    meeting: Meeting
    site_count: int
    hosted: bool


@dataclass(frozen=True, slots=True)
class JoinLink:
    """A site's way into one meeting; the address carries a signed token of `id`.

    It lives with the meeting, not with a date: `expires_at` is when the doors close by plan, and
    a meeting that runs over or is put off keeps its links.
    """

    id: str
    meeting_id: str
    site_id: str
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """One stay of one seat in a meeting. `id`: its row's, made by whoever begins it."""

    meeting_id: str
    member_id: str
    joined_at: dt.datetime
    left_at: dt.datetime | None = None
    reason: str = ""  # how it ended: left, lost, removed, ended
    id: str = field(default_factory=new_id, compare=False)
