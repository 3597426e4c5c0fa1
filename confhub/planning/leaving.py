"""Sites that will not be there: their unit ends before, or they were switched off. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from confhub.errors import N_, BadInput, FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.planning.series import Content
from confhub.units.site import Site

Inviting = TypeVar("Inviting", Meeting, Content)

_IN_CHAIR = N_("Cuộc họp cần một điểm cầu chủ trì. Xin chọn điểm cầu thay thế.")


@dataclass(frozen=True, slots=True)
class Ahead:
    """One invitation to a meeting ahead that its site will not follow.

    `ends_on`: the first day on which its unit stands no more; None: the site is switched off.
    """

    meeting_id: str
    title: str
    starts_at: dt.datetime
    version: int
    is_chair: bool
    site_id: str
    site_name: str
    unit_id: str
    ends_on: dt.date | None
    several: bool = False  # the meeting has sittings; to those before it may come


@dataclass(frozen=True, slots=True)
class Named:
    """What a series names whose unit ends: its host, or (`site_id`) a site that it invites."""

    series_id: str
    unit_id: str
    ends_on: dt.date
    site_id: str = ""
    site_name: str = ""

    def stands_in(self, content: Content) -> bool:
        if self.site_id:
            return self.site_id in (content.chair_site_id, *content.sites)
        return content.host_unit_id == self.unit_id


@dataclass(frozen=True, slots=True)
class SeriesAhead:
    """A series that goes on with a unit after its end: its host, or that of a site it invites.

    `site_id`: empty where it is the host. `meeting_id`: by which one gets to the series; `since`:
    the first of its dates, as its rule gives them, that is concerned.
    """

    series_id: str
    title: str
    meeting_id: str
    since: dt.date
    is_chair: bool
    site_id: str
    site_name: str
    unit_id: str
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class Leaving:
    """A site with all meetings that it leaves, by time, the series that go on with it, and who
    may come in its place."""

    site_id: str
    site_name: str
    unit_id: str
    ends_on: dt.date | None
    meetings: Sequence[Ahead]
    series: Sequence[SeriesAhead]
    successors: Sequence[Site]

    @property
    def needs_another(self) -> bool:
        """Whether one of them has it in the chair, so that it cannot just leave."""
        return any(one.is_chair for one in self.meetings) or any(
            one.is_chair for one in self.series
        )


@dataclass(frozen=True, slots=True)
class HostAhead:
    """A meeting ahead whose host stands no more on its day."""

    meeting_id: str
    title: str
    starts_at: dt.datetime
    unit_id: str
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class EndingHost:
    """A host that ends before its meetings, by time, or whose series go on after, and the units
    that it goes into."""

    unit_id: str
    ends_on: dt.date
    meetings: Sequence[HostAhead]
    series: Sequence[SeriesAhead]
    successors: Sequence[str]


def by_host(
    rows: Iterable[HostAhead],
    series: Iterable[SeriesAhead],
    heirs: Mapping[str, Sequence[str]],
) -> list[EndingHost]:
    """One for each host, the one with the nearest meeting first."""
    meetings: dict[str, list[HostAhead]] = {}
    going_on: dict[str, list[SeriesAhead]] = {}
    ends: dict[str, dt.date] = {}
    for row in sorted(rows, key=lambda one: (one.starts_at, one.title, one.meeting_id)):
        meetings.setdefault(row.unit_id, []).append(row)
        ends.setdefault(row.unit_id, row.ends_on)
    for again in sorted(series, key=_by_date):
        if not again.site_id:
            going_on.setdefault(again.unit_id, []).append(again)
            ends.setdefault(again.unit_id, again.ends_on)
    return [
        EndingHost(
            unit_id,
            ends_on,
            meetings.get(unit_id, ()),
            going_on.get(unit_id, ()),
            heirs.get(unit_id, ()),
        )
        for unit_id, ends_on in ends.items()
    ]


def by_site(
    rows: Iterable[Ahead],
    series: Iterable[SeriesAhead],
    heirs: Mapping[str, Sequence[Site]],
) -> list[Leaving]:
    """One for each site, the one with the nearest meeting first; `heirs`: sites of the units that
    each unit goes into."""
    meetings: dict[str, list[Ahead]] = {}
    going_on: dict[str, list[SeriesAhead]] = {}
    heads: dict[str, Ahead | SeriesAhead] = {}
    for row in sorted(rows, key=lambda one: (one.starts_at, one.title, one.meeting_id)):
        meetings.setdefault(row.site_id, []).append(row)
        heads.setdefault(row.site_id, row)
    for again in sorted(series, key=_by_date):
        if again.site_id:
            going_on.setdefault(again.site_id, []).append(again)
            heads.setdefault(again.site_id, again)
    return [
        Leaving(
            site_id,
            head.site_name,
            head.unit_id,
            head.ends_on,
            meetings.get(site_id, ()),
            going_on.get(site_id, ()),
            [site for site in heirs.get(head.unit_id, ()) if site.active],
        )
        for site_id, head in heads.items()
    ]


def _by_date(one: SeriesAhead) -> tuple[dt.date, str, str]:
    return one.since, one.title, one.series_id


def joined(meeting: Meeting, old_id: str, new_id: str) -> Meeting:
    """The meeting with another site behind the one that it follows, which stays for the sittings
    before; where `new_id` is empty as it is."""
    sites = (each for one in meeting.sites for each in ((one, new_id) if one == old_id else (one,)))
    return replace(meeting, sites=tuple(dict.fromkeys(one for one in sites if one)))


def replaced(meeting: Inviting, old_id: str, new_id: str) -> Inviting:
    """The meeting, or what those of a series share, with another site in the place of one, or
    without it where `new_id` is empty.

    One that is invited already is not invited twice. FieldErrors (`site_id`) where nobody would
    be in the chair.
    """
    if not new_id and meeting.chair_site_id == old_id:
        raise FieldErrors({"site_id": BadInput(_IN_CHAIR)})
    sites = (new_id if one == old_id else one for one in meeting.sites)
    chair = new_id if meeting.chair_site_id == old_id else meeting.chair_site_id
    return replace(
        meeting,
        sites=tuple(dict.fromkeys(one for one in sites if one)),
        chair_site_id=chair,
    )
