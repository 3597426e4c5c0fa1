"""Days and times of day as people type them into forms, and where their errors stand. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from confhub.errors import BadInput, ConfhubError
from confhub.words.dates import LAST_YEAR, read_date

_DAY_AND_MONTH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
# The 29th of February comes within eight years.
LEAP_DAY_WITHIN = 8
_TIME = re.compile(r"(\d{1,2})\s*(?:[:hHgG.]\s*(\d{1,2})?)?")
_BARE_TIME = re.compile(r"(\d{1,2})(\d{2})")
_FIELDS = {"starts": "start", "ends": "end"}


def plain_day(text: str, today: dt.date) -> str:
    """What was typed as YYYY-MM-DD: "3/12/2026" is 2026-12-03, and "3/12" the next such day; else
    as it was typed."""
    try:
        day = read_date(text)
    except BadInput:
        day = _coming(text.strip(), today)
        return text.strip() if day is None else day.isoformat()
    return day.isoformat() if day else ""


def typed_span(starts_at: dt.datetime, ends_at: dt.datetime, zone: dt.tzinfo) -> dict[str, str]:
    """A span as the fields `date`, `start` and `end` show it."""
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return {
        "date": starts.date().isoformat(),
        "start": f"{starts:%H:%M}",
        "end": f"{ends:%H:%M}",
    }


def _coming(text: str, today: dt.date) -> dt.date | None:
    """The next day that "3/12" names; today counts."""
    found = _DAY_AND_MONTH.fullmatch(text)
    if found is None:
        return None
    for year in range(today.year, min(today.year + LEAP_DAY_WITHIN, LAST_YEAR) + 1):
        try:
            day = dt.date(year, int(found[2]), int(found[1]))
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def plain_time(text: str) -> str:
    """What was typed as HH:MM: "8", "8h30", "0830"; else as it was typed."""
    text = text.strip()
    found = _TIME.fullmatch(text) or _BARE_TIME.fullmatch(text)
    if found is None:
        return text
    return f"{int(found[1]):02}:{int(found[2] or 0):02}"


def beside_fields(errors: Mapping[str, ConfhubError], day: str) -> dict[str, ConfhubError]:
    """Errors of a meeting's begin and end under the fields date, start and end.

    Without a readable `day` neither can be known: then the day alone is to be mended.
    """
    try:
        no_day = read_date(day) is None
    except BadInput:
        no_day = True
    found: dict[str, ConfhubError] = {}
    for name, error in errors.items():
        found["date" if no_day and name in _FIELDS else _FIELDS.get(name, name)] = error
    return found
