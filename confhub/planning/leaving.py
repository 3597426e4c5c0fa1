"""Sites that will not be there: their unit ends before, or they were switched off. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from confhub.errors import N_, BadInput, FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.units.site import Site

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


@dataclass(frozen=True, slots=True)
class Leaving:
    """A site with all meetings that it leaves, by time, and who may come in its place."""

    site_id: str
    site_name: str
    unit_id: str
    ends_on: dt.date | None
    meetings: Sequence[Ahead]
    successors: Sequence[Site]

    @property
    def needs_another(self) -> bool:
        """Whether one of the meetings has it in the chair, so that it cannot just leave."""
        return any(one.is_chair for one in self.meetings)


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
    """A host that ends before its meetings, by time, and the units that it goes into."""

    unit_id: str
    ends_on: dt.date
    meetings: Sequence[HostAhead]
    successors: Sequence[str]


def by_host(rows: Iterable[HostAhead], heirs: Mapping[str, Sequence[str]]) -> list[EndingHost]:
    """One for each host, the one with the nearest meeting first."""
    meetings: dict[str, list[HostAhead]] = {}
    for row in sorted(rows, key=lambda one: (one.starts_at, one.title, one.meeting_id)):
        meetings.setdefault(row.unit_id, []).append(row)
    return [
        EndingHost(unit_id, found[0].ends_on, found, heirs.get(unit_id, ()))
        for unit_id, found in meetings.items()
    ]


def by_site(rows: Iterable[Ahead], heirs: Mapping[str, Sequence[Site]]) -> list[Leaving]:
    """One for each site, the one with the nearest meeting first; `heirs`: sites of the units that
    each unit goes into."""
    meetings: dict[str, list[Ahead]] = {}
    for row in sorted(rows, key=lambda one: (one.starts_at, one.title, one.meeting_id)):
        meetings.setdefault(row.site_id, []).append(row)
    return [
        Leaving(
            site_id,
            found[0].site_name,
            found[0].unit_id,
            found[0].ends_on,
            found,
            [site for site in heirs.get(found[0].unit_id, ()) if site.active],
        )
        for site_id, found in meetings.items()
    ]


def replaced(meeting: Meeting, old_id: str, new_id: str) -> Meeting:
    """The meeting with another site in the place of one, or without it where `new_id` is empty.

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
