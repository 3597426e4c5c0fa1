"""Working days in Vietnam: Monday to Friday, but for holidays and what a year's notice moves. Pure.

Public holidays (labour code 2019, article 112), with Tết and Hùng Vương by the moon and the
substitutions that were known when it was released, come from the package `holidays`. Each year's
notice of the government may move days and has offices work a Saturday for them: those are the
special days, which an administrator keeps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from confhub.words.languages import Language

if TYPE_CHECKING:
    from holidays import HolidayBase

# Decision 45/2018/QD-TTg on meetings of state agencies: invitations and papers go out at
# least three working days ahead.
INVITATION_NOTICE_DAYS = 3
_SATURDAY = 5
_LOCALES: Mapping[Language, str] = {"vi": "vi", "en": "en_US"}


@cache
def _holidays(language: Language) -> HolidayBase:
    """They fill in the years that they are asked for."""
    # Imported here: its calendars take a tenth of a second, and most commands need none.
    from holidays import country_holidays

    return country_holidays("VN", language=_LOCALES[language])


def warm_up() -> None:
    """At start, beside the event loop: else whoever first looks at a calendar stops it for that
    tenth of a second."""
    for language in _LOCALES:
        _holidays(language)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day as a year's notice has it, whatever the calendar says; `name` says why."""

    day: dt.date
    is_off: bool  # else offices are open
    name: str = ""


class WorkCalendar:
    """Which days offices are open; `special` days go before all else."""

    def __init__(self, special: Iterable[SpecialDay] = ()) -> None:
        self._special = {one.day: one for one in special}

    def is_working(self, day: dt.date) -> bool:
        special = self._special.get(day)
        if special is not None:
            return not special.is_off
        known = _holidays("vi")
        if day in known:  # which also fills in the year's Saturdays at work
            return False
        return day.weekday() < _SATURDAY or day in known.weekend_workdays

    def name_of(self, day: dt.date, language: Language) -> str:
        """Why offices are closed, or open, on this day; empty for one like any other."""
        special = self._special.get(day)
        if special is not None and special.name:
            return special.name  # as the administrator wrote it
        if special is not None and not special.is_off:
            return ""
        return _holidays(language).get(day) or ""

    def days_ahead(
        self, issued_on: dt.date, meeting_on: dt.date, enough: int = INVITATION_NOTICE_DAYS
    ) -> int:
        """Working days after `issued_on` up to and with `meeting_on`; 0 when it is not later.
        Counts no further than `enough`.

        Monday to Thursday of one week is 3, Friday to the next Monday is 1. The day of issue does
        not count (civil code 2015, article 147).
        """
        span = (meeting_on - issued_on).days
        days = (issued_on + dt.timedelta(days=n) for n in range(1, span + 1))
        return sum(1 for _ in islice(filter(self.is_working, days), enough))

    def before(self, day: dt.date, days: int) -> dt.date:
        """So many working days ahead of a day; itself for none."""
        for _ in range(days):
            day -= dt.timedelta(days=1)
            while not self.is_working(day):
                day -= dt.timedelta(days=1)
        return day

    def first_day_with_notice(self, issued_on: dt.date) -> dt.date:
        """The first working day for which an invitation of `issued_on` is early enough."""
        day = issued_on
        while self.days_ahead(issued_on, day) < INVITATION_NOTICE_DAYS:
            day += dt.timedelta(days=1)
        return day


def holidays_of(year: int, language: Language) -> list[tuple[dt.date, str]]:
    """What the calendar has for a year, before any special day."""
    known = _holidays(language)
    first = dt.date(year, 1, 1)
    known.get(first)  # fills in the year
    return sorted((day, name) for day, name in known.items() if day.year == year)


def worked_saturdays(year: int) -> list[dt.date]:
    """Days of a weekend on which offices work for a day off, as the calendar knows them."""
    known = _holidays("vi")
    known.get(dt.date(year, 1, 1))
    return sorted(day for day in known.weekend_workdays if day.year == year)
