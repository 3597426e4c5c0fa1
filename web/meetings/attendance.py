"""Who came to a meeting, from when to when, and who did not: as its page tells it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confhub.meetings.meeting import Attendance


@dataclass(frozen=True, slots=True)
class Presence:
    """One site's part in a meeting. `left_at` is None while it is in the room."""

    joined_at: dt.datetime
    left_at: dt.datetime | None
    stays: int  # how often it came: more than one when a line was lost
    length: dt.timedelta  # in the room, all stays together


def presences(stays: Iterable[Attendance], now: dt.datetime) -> Mapping[str, Presence]:
    """What each site that came took part, by the site's id. Consoles of officers are no sites."""
    by_site: dict[str, list[Attendance]] = {}
    for stay in sorted(stays, key=lambda stay: stay.joined_at):
        kind, _, site_id = stay.member_id.partition("-")
        if kind == "s":
            by_site.setdefault(site_id, []).append(stay)
    return {site_id: _presence(own, now) for site_id, own in by_site.items()}


def _presence(stays: list[Attendance], now: dt.datetime) -> Presence:
    ends = [stay.left_at or now for stay in stays]
    is_there = any(stay.left_at is None for stay in stays)
    return Presence(
        joined_at=stays[0].joined_at,
        left_at=None if is_there else max(ends),
        stays=len(stays),
        length=sum(
            (end - stay.joined_at for stay, end in zip(stays, ends, strict=True)), dt.timedelta()
        ),
    )
