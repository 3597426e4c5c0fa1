"""The form of a pattern: that of a meeting, with a name and a length instead of day and end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from multidict import MultiMapping

from confhub.meetings.meeting import AgendaItem
from confhub.planning.pattern import Kind, Pattern
from confhub.words.texts import small_number
from web.pages.meetings.fields import AgendaRow, Typed, read_form

_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Fields:
    """As typed; `typed` holds what a meeting's form has too, its host being the owner."""

    typed: Typed
    kind: Kind = "meeting"
    name: str = ""
    length: str = ""  # minutes


def read_fields(data: MultiMapping[object], today: dt.date) -> Fields:
    name, length = (str(data.get(field, "")) for field in ("name", "length"))
    kind: Kind = "sites" if data.get("kind") == "sites" else "meeting"
    return Fields(read_form(data, today), kind, name, length.strip())


def with_length(typed: Typed) -> Fields:
    """As the form of a meeting is, with the length that its times tell."""
    minutes = [_minutes(text) for text in (typed.start, typed.end)]
    length = ""
    if minutes[0] is not None and minutes[1] is not None:
        length = str((minutes[1] - minutes[0]) % _DAY_MIN)
    return Fields(replace(typed, date="", end="", confirm=""), name=typed.title, length=length)


def pattern_of(fields: Fields, pattern_id: str) -> Pattern:
    form = fields.typed.as_form()
    return Pattern(
        id=pattern_id,
        unit_id=form.host_unit_id,
        kind=fields.kind,
        name=fields.name,
        sites=form.site_ids,
        title=form.title,
        level_id=form.level_id,
        chair_site_id=form.chair_site_id,
        chair_name=form.chair_name,
        starts=fields.typed.start,
        length_min=small_number(fields.length) or 0,
        note=form.note,
        agenda=tuple(item for item in form.agenda if item.title.strip()),
    )


def shown_pattern(pattern: Pattern) -> Fields:
    """A stored pattern as its form shows it."""
    typed = Typed(
        title=pattern.title,
        level_id=pattern.level_id,
        host_unit_id=pattern.unit_id,
        chair_site_id=pattern.chair_site_id,
        chair_name=pattern.chair_name,
        start=pattern.starts,
        note=pattern.note,
        agenda=tuple(_row(item) for item in pattern.agenda),
        site_ids=pattern.sites,
        version=pattern.version,
    )
    return Fields(typed, pattern.kind, pattern.name, str(pattern.length_min or ""))


def _row(item: AgendaItem) -> AgendaRow:
    return AgendaRow(item.title, item.presenter, str(item.duration_min or ""))


def _minutes(text: str) -> int | None:
    """Of the day, of HH:MM; None for what is no such time."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal()):
        return None
    return int(hours) * 60 + int(minutes)
