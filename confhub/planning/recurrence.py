"""On which dates something comes again, in words of an office: a part of RFC 5545's RRULE. Pure.

Dates are those of the house's own calendar: the hour of the day and the zone do not come in here.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, takewhile
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
# Every twelve months: the dates may lie a little more than a year apart.
_LONGEST_PAUSE = dt.timedelta(days=400)
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


def dates(rule: Rule, start: dt.date, end: dt.date) -> Iterator[dt.date]:
    """The rule's dates in [start, end], ascending, each found when it is asked for."""
    near = _near(rule, start)
    if near.first <= end:
        coming = (one.date() for one in _rrule(near).xafter(_midnight(start), inc=True))
        yield from takewhile(lambda day: day <= end, coming)


def next_dates(rule: Rule, start: dt.date, count: int) -> list[dt.date]:
    """The first `count` dates from `start` on; fewer where the rule ends."""
    return list(islice(dates(rule, start, dt.date.max), count))


def last_date(rule: Rule) -> dt.date | None:
    """Its last date; None: it goes on for ever."""
    if rule.until is None and rule.count is None:
        return None
    return last_within(rule, rule.first, rule.until or dt.date.max) or rule.first


def last_within(rule: Rule, start: dt.date, end: dt.date) -> dt.date | None:
    """The last of its dates in [start, end]; None: there is none."""
    if rule.until is not None:
        end = min(end, rule.until)
    if rule.count is None and end - start > _LONGEST_PAUSE:
        start = end - _LONGEST_PAUSE
    return next(iter(deque(dates(rule, start, end), maxlen=1)), None)


def _near(rule: Rule, start: dt.date) -> Rule:
    """A rule with the same dates from `start` on, that begins not long before: whoever looks at
    one year does not count the dates of all before it. Of a counted rule they have to be."""
    begun = rule.period(rule.first)
    if rule.count is not None or start <= rule.first:
        return rule
    if rule.frequency == "week":
        length = dt.timedelta(weeks=rule.interval)
        moved = begun + (start - begun) // length * length
    else:
        apart = _month_number(start) - _month_number(begun)
        moved = _first_of_month(_month_number(begun) + apart // rule.interval * rule.interval)
    return replace(rule, first=max(rule.first, moved))


def _month_number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _first_of_month(number: int) -> dt.date:
    return dt.date(number // 12, number % 12 + 1, 1)


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
    return _first_of_month(_month_number(begun) - rule.interval)


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
