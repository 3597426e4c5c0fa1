"""A meeting's begin and end as people write them, local, the end perhaps past midnight. Pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors

# A meeting is one working day at most; longer is nearly always a wrong date.
LONGEST = dt.timedelta(hours=12)
# What lies outside is a slip of the keyboard, and far from the ends of the calendar.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_DAY = dt.timedelta(days=1)


def read_span(starts: str, ends: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Two local `YYYY-MM-DDTHH:MM` as UTC; FieldErrors under "starts" and "ends".

    An end on the day of the start that reads earlier is meant for the next day, if the meeting
    then is no longer than LONGEST: 22:00 to 01:00.
    """
    errors: dict[str, ConfhubError] = {}
    begin, end = _read(starts, "starts", errors), _read(ends, "ends", errors)
    if begin is None or end is None:
        raise FieldErrors(errors)
    if end.date() == begin.date() and end < begin and end + _DAY - begin <= LONGEST:
        end += _DAY
    if end <= begin:
        raise FieldErrors({"ends": BadInput(N_("Giờ kết thúc phải sau giờ bắt đầu."))})
    starts_at, ends_at = (one.replace(tzinfo=zone).astimezone(dt.UTC) for one in (begin, end))
    if ends_at - starts_at > LONGEST:
        message = N_("Cuộc họp dài nhất %(hours)s giờ. Xin xem lại ngày, giờ kết thúc.")
        values = {"hours": int(LONGEST.total_seconds() // 3600)}
        raise FieldErrors({"ends": BadInput(message, values=values)})
    return starts_at, ends_at


def read_moment(text: str, zone: ZoneInfo) -> dt.datetime:
    """A local `YYYY-MM-DDTHH:MM` as UTC; BadInput."""
    errors: dict[str, ConfhubError] = {}
    local = _read(text, "", errors)
    if local is None:
        raise errors[""]
    return local.replace(tzinfo=zone).astimezone(dt.UTC)


def _read(text: str, field: str, errors: dict[str, ConfhubError]) -> dt.datetime | None:
    try:
        local = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        local = None
    # An offset in the text would silently win over the zone the page shows.
    if local is None or local.tzinfo is not None or not _FIRST_YEAR <= local.year <= _LAST_YEAR:
        errors[field] = BadInput(N_("Xin nhập đủ ngày và giờ, ví dụ 25/11/2026 14:00."))
        return None
    return local
