"""What meetings are made from again and again: a pattern of a whole meeting, or a list of sites.

A pattern belongs to a unit and serves the units below it too. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from confhub.errors import N_, BadInput, ConfhubError
from confhub.meetings.meeting import AgendaItem
from confhub.meetings.schedule import (
    NAME_LENGTH,
    SITE_LIMIT,
    check_agenda,
    check_texts,
    too_long,
)
from confhub.meetings.times import LONGEST
from confhub.words.texts import many_lines, one_line

Kind = Literal["meeting", "sites"]
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_LONGEST_MIN = int(LONGEST.total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Pattern:
    """`starts`: the local time of day, HH:MM. Of a list of sites what is below `sites` is not
    used."""

    id: str
    unit_id: str
    kind: Kind
    name: str
    sites: tuple[str, ...] = ()
    title: str = ""
    level_id: str = ""
    chair_site_id: str = ""
    chair_name: str = ""
    starts: str = ""
    length_min: int = 0
    note: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    ended_at: dt.datetime | None = None  # since when nobody is offered it any more
    version: int = 1


@dataclass(frozen=True, slots=True)
class ListedPattern:
    """As lists show it: `pattern` comes without its sites, which are only counted."""

    pattern: Pattern
    site_count: int


def cleaned(pattern: Pattern) -> Pattern:
    """In the spelling that is kept; a list of sites without what only a meeting has."""
    sites = tuple(dict.fromkeys(pattern.sites))
    if pattern.kind == "sites":
        name, known = one_line(pattern.name), pattern
        return Pattern(
            known.id,
            known.unit_id,
            "sites",
            name,
            sites,
            ended_at=known.ended_at,
            version=known.version,
        )
    return replace(
        pattern,
        name=one_line(pattern.name),
        title=one_line(pattern.title),
        chair_name=one_line(pattern.chair_name),
        note=many_lines(pattern.note),
        sites=sites,
        agenda=tuple(
            AgendaItem(one_line(item.title), one_line(item.presenter), item.duration_min)
            for item in pattern.agenda
        ),
    )


def check_pattern(pattern: Pattern, level_ids: Collection[str]) -> Mapping[str, ConfhubError]:
    """What is wrong with a cleaned pattern, by field; empty: nothing."""
    problems: dict[str, ConfhubError] = {}
    if not pattern.name:
        problems["name"] = BadInput(N_("Xin đặt tên để lần sau tìm ra."))
    elif len(pattern.name) > NAME_LENGTH:
        problems["name"] = too_long(NAME_LENGTH, len(pattern.name))
    if len(pattern.sites) > SITE_LIMIT:
        problems["site_ids"] = BadInput(
            N_("Mỗi cuộc họp mời nhiều nhất %(limit)s điểm cầu; bạn đã chọn %(has)s."),
            values={"limit": SITE_LIMIT, "has": len(pattern.sites)},
        )
    elif not pattern.sites:
        problems["site_ids"] = BadInput(N_("Xin chọn ít nhất một điểm cầu."))
    if pattern.kind == "meeting":
        problems |= _check_meeting(pattern, level_ids)
    return problems


def _check_meeting(pattern: Pattern, level_ids: Collection[str]) -> Mapping[str, ConfhubError]:
    problems: dict[str, ConfhubError] = dict(check_agenda(pattern.agenda))
    problems |= dict(check_texts(pattern, level_ids))
    if not _TIME.fullmatch(pattern.starts):
        problems["start"] = BadInput(N_("Xin nhập giờ, ví dụ 08:00."))
    if not 0 < pattern.length_min <= _LONGEST_MIN:
        message = N_("Thời lượng từ 1 đến %(limit)s phút.")
        problems["length"] = BadInput(message, values={"limit": _LONGEST_MIN})
    if pattern.chair_site_id and pattern.chair_site_id not in pattern.sites:
        message = N_("Điểm cầu chủ trì phải nằm trong danh sách điểm cầu được mời.")
        problems["chair_site_id"] = BadInput(message)
    return problems
