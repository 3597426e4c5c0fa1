"""Working days in Vietnam: Monday to Friday, without public holidays. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

# Decision 45/2018/QD-TTg on meetings of state agencies: invitations and papers go out at
# least three working days ahead.
INVITATION_NOTICE_DAYS = 3

# Labour code 2019, article 112: those that fall on the solar calendar. Tết and Hùng Vương
# follow the moon and the government's yearly notice, so callers pass them as `holidays`.
_FIXED_HOLIDAYS = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})


def is_working_day(day: dt.date, holidays: Collection[dt.date] = ()) -> bool:
    """Whether offices are open on `day`; `holidays` adds the days a year's notice names."""
    saturday = 5
    return (
        day.weekday() < saturday
        and (day.month, day.day) not in _FIXED_HOLIDAYS
        and day not in holidays
    )


def working_days_ahead(
    issued_on: dt.date, meeting_on: dt.date, holidays: Collection[dt.date] = ()
) -> int:
    """Working days after `issued_on` up to and with `meeting_on`; 0 when it is not later.

    Monday to Thursday of one week is 3, Friday to the next Monday is 1. The day of issue does
    not count (civil code 2015, article 147).
    """
    span = (meeting_on - issued_on).days
    days = (issued_on + dt.timedelta(days=n) for n in range(1, span + 1))
    return sum(is_working_day(day, holidays) for day in days)


def first_day_with_notice(issued_on: dt.date, holidays: Collection[dt.date] = ()) -> dt.date:
    """The first working day for which an invitation of `issued_on` is early enough."""
    day = issued_on
    while working_days_ahead(issued_on, day, holidays) < INVITATION_NOTICE_DAYS:
        day += dt.timedelta(days=1)
    return day
