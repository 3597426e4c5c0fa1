"""What the schedule's address asks for, mended where it makes no sense. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from confhub.errors import BadInput
from confhub.meetings.calendar import Whose
from confhub.words.dates import read_date
from confhub.words.texts import searched
from web.pages.meetings.status import STATUS_CHOICES

VIEWS = ("list", "day", "week", "month")
# A quarter: what somebody looks for ahead or back without naming a date.
LIST_SPAN = dt.timedelta(days=92)
# Between these every meeting there can be.
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
_WHOSE: Mapping[str, Whose] = {one: one for one in get_args(Whose)}
_DEFAULTS = (("view", "list"),)
# An id of ours is 16 letters at most; longer names nothing.
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """`unit`, `site` and `level` are ids as they came; whether they may be seen is asked elsewhere.
    `of` is the name of a unit or a site as somebody typed it."""

    view: str
    on: dt.date
    whose: Whose = ""
    status: str = ""
    text: str = ""
    past: bool = False
    first: dt.date | None = None  # the range of days that was asked for; either end may be open
    last: dt.date | None = None
    unit: str = ""
    alone: bool = False  # the unit without those below
    site: str = ""
    level: str = ""
    of: str = ""

    @property
    def searching(self) -> bool:
        """Whether the list goes over all years: a word or a day was asked for."""
        return bool(self.text or self.first or self.last)

    @property
    def filtered(self) -> bool:
        return bool(self.text or self.whose or self.status or self.level)

    def span(self, today: dt.date) -> tuple[dt.date, dt.date]:
        """First and last day of the list."""
        if self.searching:
            return self.first or EARLIEST, self.last or LATEST
        if self.past:
            return today - LIST_SPAN, today
        return today, today + LIST_SPAN

    def query(self, **changes: object) -> dict[str, str]:
        """The query with some of it changed; defaults, and what the view does not know, left out.

        `from` and `to` are named `first` and `last`.
        """
        values = {
            "view": self.view,
            "on": self.on.isoformat(),
            "unit": self.unit,
            "alone": "1" if self.alone and self.unit else "",
            "site": self.site,
            "level": self.level,
            "whose": self.whose,
            "status": self.status,
            "q": self.text,
            "when": "past" if self.past else "",
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
        } | {key: str(value) for key, value in changes.items()}
        if values["view"] == "list":
            values.pop("on")
        else:
            for name in ("when", "first", "last"):
                values.pop(name)
        named = {"first": "from", "last": "to"}
        return {
            named.get(key, key): value
            for key, value in values.items()
            if value and (key, value) not in _DEFAULTS
        }

    def address(self, **changes: object) -> str:
        """The page's address, as `query`."""
        query = self.query(**changes)
        return f"/meetings?{urlencode(query)}" if query else "/meetings"

    def sheet(self) -> str:
        """The address of the week on paper."""
        query = self.query(view="week") | {"on": self.on.isoformat()}
        query.pop("view")
        return f"/meetings/week?{urlencode(query)}"

    def without_filters(self) -> str:
        return self.address(q="", whose="", status="", level="", first="", last="")


def read_query(query: Mapping[str, str], today: dt.date) -> Asked:
    first, last = _read_day(query.get("from", "")), _read_day(query.get("to", ""))
    if first and last and last < first:
        first, last = last, first
    view, status = query.get("view", ""), query.get("status", "")
    unit, site, level = (query.get(name, "") for name in ("unit", "site", "level"))
    return Asked(
        view=view if view in VIEWS else "list",
        on=_read_day(query.get("on", "")) or first or today,
        whose=_WHOSE.get(query.get("whose", ""), ""),
        status=status if status in {choice.key for choice in STATUS_CHOICES} else "",
        text=searched(query.get("q", "")),
        past=query.get("when") == "past",
        first=first,
        last=last,
        unit=unit if len(unit) <= _ID_LENGTH else "",
        alone=query.get("alone") == "1",
        site=site if len(site) <= _ID_LENGTH else "",
        level=level if len(level) <= _ID_LENGTH else "",
        of=searched(query.get("of", "")),
    )


def _read_day(text: str) -> dt.date | None:
    try:
        day = read_date(text)
    except BadInput:
        return None
    return day if day and EARLIEST <= day <= LATEST else None
