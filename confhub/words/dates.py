"""Dates as people write them, within the years that mean something here. Pure.

The ends of the calendar (years 1 and 9999) are nobody's date, and sums that step over them fail.
"""

from __future__ import annotations

import datetime as dt
import re

from confhub.errors import N_, BadInput

# Before it there were no offices of today's kind; after it, somebody has slipped a digit.
FIRST_YEAR, LAST_YEAR = 1800, 2199

NO_DATE = N_("Ngày phải có dạng 2025-07-01 hoặc 01/07/2025.")
_NO_DAY = N_("Lịch không có ngày này. Ngày có dạng 2025-07-01 hoặc 01/07/2025.")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_VIETNAMESE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def read_date(text: str) -> dt.date | None:
    """A date as 2025-07-01 or 01/07/2025; empty: None. BadInput otherwise."""
    if not text.strip():
        return None
    if found := _ISO.fullmatch(text.strip()):
        year, month, day = map(int, found.groups())
    elif found := _VIETNAMESE.fullmatch(text.strip()):
        day, month, year = map(int, found.groups())
    else:
        raise BadInput(NO_DATE)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(
            N_("Năm phải từ %(first)s đến %(last)s. Không rõ ngày thì để trống."),
            values={"first": FIRST_YEAR, "last": LAST_YEAR},
        )
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise BadInput(_NO_DAY) from None
