"""What a change did to a meeting: old and new values, for the record. Pure.

Values are as JSON has them: moments in UTC as ISO 8601, things by their ids.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from confhub.meetings.meeting import Meeting
from confhub.trail.entry import Changes

# A line on record says so many of the sites that came or went; `site_count` has the number.
MOST_SITES = 50
_TIMES = frozenset({"starts_at", "ends_at"})


def differences(before: Meeting | None, after: Meeting) -> Changes:
    """By name; None stands for what was not there. Of sites: which went, and which came.

    Of a time that changed, both ends stand there.
    """
    found: dict[str, tuple[Any, Any]] = {}
    for name, value in _VALUES.items():
        old, new = (None if before is None else value(before)), value(after)
        if old != new and (before is not None or new):
            found[name] = (old, new)
    if before is not None and (found.keys() & _TIMES):
        found |= {name: (_VALUES[name](before), _VALUES[name](after)) for name in _TIMES}
    sites = () if before is None else before.sites
    old_sites, new_sites = frozenset(sites), frozenset(after.sites)
    went = [one for one in sites if one not in new_sites]
    came = [one for one in after.sites if one not in old_sites]
    if went or came:
        found["sites"] = (went[:MOST_SITES], came[:MOST_SITES])
        found["site_count"] = (len(went), len(came))
    return found


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()


def _agenda(meeting: Meeting) -> list[list[Any]]:
    return [[item.title, item.presenter, item.duration_min] for item in meeting.agenda]


_VALUES: Mapping[str, Callable[[Meeting], Any]] = {
    "title": lambda one: one.title,
    "starts_at": lambda one: _moment(one.starts_at),
    "ends_at": lambda one: _moment(one.ends_at),
    "sittings": lambda one: (
        [[_moment(at) for at in span] for span in one.hours[1:]]
        and [[_moment(at) for at in span] for span in one.hours]
    ),
    "status": lambda one: one.status,
    "level_id": lambda one: one.level_id,
    "host_unit_id": lambda one: one.host_unit_id,
    "chair_site_id": lambda one: one.chair_site_id,
    "chair_name": lambda one: one.chair_name,
    "note": lambda one: one.note,
    "agenda": _agenda,
    "is_public": lambda one: one.is_public,
    "answer_by": lambda one: None if one.answer_by is None else _moment(one.answer_by),
}
