"""A meeting's begin and end as people write them, local, the end perhaps past midnight, and what
to say of them before it is saved. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.working_days import INVITATION_NOTICE_DAYS, WorkCalendar
from confhub.words.languages import LANGUAGES

# A meeting is one working day at most; longer is nearly always a wrong date.
LONGEST = dt.timedelta(hours=12)
# What lies outside is a slip of the keyboard, and far from the ends of the calendar.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_DAY = dt.timedelta(days=1)
# Agencies plan by half-years; what lies beyond is mostly a wrong year.
FAR_AHEAD = dt.timedelta(days=183)
# Few meetings of a night are longer: 14:00 to 01:30 was meant to be 15:30.
_LONG_NIGHT = dt.timedelta(hours=6)

_SHORT_NOTICE = N_(
    "Giấy mời sẽ chỉ đến trước %(days)s ngày làm việc; quy định là ít nhất"
    " %(least)s ngày. Họp gấp thì vẫn được."
)
_NO_NOTICE = N_(
    "Từ nay đến cuộc họp không còn ngày làm việc nào; quy định gửi giấy mời trước ít nhất"
    " %(least)s ngày. Họp gấp thì vẫn được."
)


Code = Literal[
    "past",
    "far",
    "short_notice",
    "not_working_day",
    "holiday",
    "overnight",
    "long_night",
    "hub_alone",
    "technician_alone",
    "line_alone",
]


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to say before saving; it never forbids. `message` as in ConfhubError."""

    code: Code
    message: str
    values: Mapping[str, object]  # one that is a mapping has a text by language


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


def advise_span(starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo) -> list[Advice]:
    """What to warn of for the length of a meeting: that it goes on past midnight."""
    end = ends_at.astimezone(zone)
    if (end - dt.timedelta(microseconds=1)).date() == starts_at.astimezone(zone).date():
        return []
    message = N_("Cuộc họp qua nửa đêm, đến %(time)s ngày %(date)s.")
    when = {"time": f"{end:%H:%M}", "date": f"{end:%d/%m/%Y}"}
    code: Literal["overnight", "long_night"]
    code = "overnight" if ends_at - starts_at <= _LONG_NIGHT else "long_night"
    return [Advice(code, message, when)]


def advise_hours(hours: Iterable[tuple[dt.datetime, dt.datetime]], zone: ZoneInfo) -> list[Advice]:
    """`advise_span` of each sitting."""
    return [said for span in hours for said in advise_span(*span, zone)]


def advise_days(
    hours: Iterable[tuple[dt.datetime, dt.datetime]], zone: ZoneInfo, calendar: WorkCalendar
) -> Iterable[Advice]:
    """Of which days of its sittings after the first offices are closed."""
    days = dict.fromkeys(begin.astimezone(zone).date() for begin, _ in hours)
    for day in list(days)[1:]:
        if not calendar.is_working(day):
            message = N_("Ngày %(date)s không phải ngày làm việc.")
            yield Advice("not_working_day", message, {"date": f"{day:%d/%m/%Y}"})


def advise(
    starts_at: dt.datetime, now: dt.datetime, zone: ZoneInfo, calendar: WorkCalendar
) -> list[Advice]:
    """What to warn of for a meeting called at `now`: past, far off, short notice, a day off."""
    local = starts_at.astimezone(zone)
    day = local.date()
    if starts_at < now:
        when = {"time": f"{local:%H:%M}", "date": f"{local:%d/%m/%Y}"}
        return [Advice("past", N_("Giờ bắt đầu đã qua: %(time)s ngày %(date)s."), when)]
    found: list[Advice] = []
    if starts_at - now > FAR_AHEAD:
        days = (day - now.astimezone(zone).date()).days
        message = N_("Còn %(days)s ngày nữa mới họp. Xin xem lại tháng và năm.")
        found.append(Advice("far", message, {"days": days}))
    ahead = calendar.days_ahead(now.astimezone(zone).date(), day)
    if ahead < INVITATION_NOTICE_DAYS:
        message = _SHORT_NOTICE if ahead else _NO_NOTICE
        values = {"days": ahead, "least": INVITATION_NOTICE_DAYS}
        found.append(Advice("short_notice", message, values))
    found.extend(_advise_day(day, calendar))
    return found


def _advise_day(day: dt.date, calendar: WorkCalendar) -> Iterable[Advice]:
    if calendar.is_working(day):
        return
    names = {language: calendar.name_of(day, language) for language in LANGUAGES}
    if all(names.values()):
        yield Advice("holiday", N_("Ngày họp là ngày nghỉ: %(name)s."), {"name": names})
    else:
        yield Advice("not_working_day", N_("Ngày họp không phải ngày làm việc."), {})
