"""On which dates something comes again, in words of an office: a part of RFC 5545's RRULE. Pure.

Dates are those of the house's own calendar: the hour of the day and the zone do not come in here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from dateutil.rrule import MO, MONTHLY, WEEKLY, rrule, weekday

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors

# Weekly on some days of the week; monthly on a date; monthly on the nth of one day of the week.
Frequency = Literal["week", "month_day", "month_weekday"]
# An occurrence on a day off: held all the same, left out, or on the nearest working day.
OffDays = Literal["hold", "skip", "before", "after"]

FREQUENCIES: tuple[Frequency, ...] = ("week", "month_day", "month_weekday")
OFF_DAYS: tuple[OffDays, ...] = ("skip", "before", "after", "hold")
LAST = -1
NTHS = (1, 2, 3, 4, LAST)  # a fifth Tuesday is there in some months only
MOST_APART = 12  # a year of months; of weeks, a quarter
MOST_TIMES = 520  # ten years of weeks
LONGEST = dt.timedelta(days=3653)  # ten years: beyond is a wrong year
_WEEK = 7
_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Rule:
    """Which dates from `first` on; `first` itself only if the pattern has it.

    Ends after `until`, or after `count` dates, or never. `weekdays`: 0 is Monday. A `month_day`
    that a month has not is its last day.
    """

    frequency: Frequency
    first: dt.date
    interval: int = 1  # every so many weeks or months
    weekdays: tuple[int, ...] = ()
    nth: int = 0  # of the one weekday of a month; LAST
    month_day: int = 0
    until: dt.date | None = None
    count: int | None = None
    off_days: OffDays = "skip"

    def period(self, day: dt.date) -> dt.date:
        """The first day of the week or month in which `day` lies."""
        if self.frequency == "week":
            return day - dt.timedelta(days=day.weekday())
        return day.replace(day=1)


def weekly(day: dt.date, **values: Any) -> Rule:
    """Every week on that day."""
    return Rule("week", day, weekdays=(day.weekday(),), **values)


def check_rule(rule: Rule) -> None:
    """FieldErrors by the names of its fields."""
    errors: dict[str, ConfhubError] = {}
    if not 1 <= rule.interval <= MOST_APART:
        message = N_("Xin nhập số từ 1 đến %(limit)s.")
        errors["interval"] = BadInput(message, values={"limit": MOST_APART})
    if not _has_days(rule):
        errors["weekdays"] = BadInput(N_("Xin chọn ngày họp trong tuần hoặc trong tháng."))
    if rule.count is not None and not 1 <= rule.count <= MOST_TIMES:
        message = N_("Xin nhập số buổi từ 1 đến %(limit)s.")
        errors["count"] = BadInput(message, values={"limit": MOST_TIMES})
    if rule.until is not None:
        if rule.until < rule.first:
            errors["until"] = BadInput(N_("Ngày cuối phải sau ngày họp đầu tiên."))
        elif rule.until - rule.first > LONGEST:
            errors["until"] = BadInput(N_("Ngày cuối quá xa. Xin xem lại năm."))
    if not errors and not next_dates(rule, rule.first, 1):
        errors["until"] = BadInput(N_("Trong khoảng này không có buổi nào. Xin xem lại ngày cuối."))
    if errors:
        raise FieldErrors(errors)


def _has_days(rule: Rule) -> bool:
    days = set(rule.weekdays)
    if not days <= set(range(_WEEK)) or rule.off_days not in OFF_DAYS:
        return False
    by_frequency: Mapping[Frequency, bool] = {
        "week": bool(days),
        "month_day": 1 <= rule.month_day <= 31,
        "month_weekday": len(days) == 1 and rule.nth in NTHS,
    }
    return by_frequency.get(rule.frequency, False)


def dates(rule: Rule, start: dt.date, end: dt.date) -> list[dt.date]:
    """The rule's dates in [start, end], ascending."""
    return [one.date() for one in _rrule(rule).between(_midnight(start), _midnight(end), inc=True)]


def next_dates(rule: Rule, start: dt.date, count: int) -> list[dt.date]:
    """The first `count` dates from `start` on; fewer where the rule ends."""
    return [
        one.date() for one in islice(_rrule(rule).xafter(_midnight(start), count, inc=True), count)
    ]


def last_date(rule: Rule) -> dt.date | None:
    """Its last date; None: it goes on for ever."""
    if rule.until is None and rule.count is None:
        return None
    all_of_them: list[dt.date] = [one.date() for one in _rrule(rule)]
    return all_of_them[-1] if all_of_them else rule.first


def from_then(rule: Rule, since: dt.date, known: dt.date | None = None) -> Rule:
    """The same pattern from `since` on, in the weeks or months in which `known` lies (by itself
    the rule's first); its end is told by a day."""
    until = rule.until or last_date(rule)
    begun = rule.period(known or rule.first)
    while begun > since:
        begun = _earlier(rule, begun)
    coming = next_dates(replace(rule, first=begun, until=until, count=None), since, 1)
    first = max(rule.period(coming[0]), since) if coming else since
    return replace(rule, first=first, until=until, count=None)


def _earlier(rule: Rule, begun: dt.date) -> dt.date:
    """The week or month of the rule before the one that began then."""
    if rule.frequency == "week":
        return begun - dt.timedelta(weeks=rule.interval)
    months = begun.year * 12 + begun.month - 1 - rule.interval
    return dt.date(months // 12, months % 12 + 1, 1)


def longer(rule: Rule, by: dt.timedelta) -> Rule:
    """The rule with room for its last date to move by that much, if no more are to come then."""
    last = last_date(rule)
    if last is None or (rule.until or last) != last or by <= dt.timedelta():
        return rule
    return replace(rule, until=last + by, count=None)


def shifted(rule: Rule, old: dt.date, new: dt.date) -> Rule:
    """The rule after its date `old` was moved to `new`: on the new one's day of the week, or of
    the month, from now on."""
    if rule.frequency == "month_day":
        return replace(rule, month_day=new.day)
    if rule.frequency == "month_weekday":
        return replace(rule, weekdays=(new.weekday(),), nth=nth_of(new))
    others = set(rule.weekdays) - {old.weekday()} if len(rule.weekdays) > 1 else set()
    return replace(rule, weekdays=tuple(sorted(others | {new.weekday()})))


def nth_of(day: dt.date) -> int:
    """Which of its days of the week in the month `day` is; a fifth one counts as the last."""
    nth = (day.day - 1) // _WEEK + 1
    return nth if nth in NTHS else LAST


def _rrule(rule: Rule) -> rrule:
    values: dict[str, Any] = {"dtstart": _midnight(rule.first), "interval": rule.interval}
    if rule.until is not None:
        values["until"] = _midnight(rule.until)
    elif rule.count is not None:
        values["count"] = rule.count
    if rule.frequency == "week":
        return rrule(WEEKLY, byweekday=rule.weekdays, wkst=MO, **values)
    if rule.frequency == "month_weekday":
        return rrule(MONTHLY, byweekday=weekday(rule.weekdays[0], rule.nth), **values)
    if rule.month_day <= _SHORTEST_MONTH:
        return rrule(MONTHLY, bymonthday=rule.month_day, **values)
    # The last there is of these, so that no month goes without.
    some = range(_SHORTEST_MONTH, rule.month_day + 1)
    return rrule(MONTHLY, bymonthday=tuple(some), bysetpos=-1, **values)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())
