"""How a meeting comes again, between form and rule, and in words: the form's part "Lặp lại"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from aiohttp import web
from multidict import MultiMapping

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.working_days import WorkCalendar
from confhub.planning.recurrence import (
    FREQUENCIES,
    LAST,
    NTHS,
    OFF_DAYS,
    Rule,
    check_rule,
    last_date,
    nth_of,
)
from confhub.planning.series import Content, Part, Series, Slot, slots
from confhub.words.dates import read_date
from confhub.words.texts import one_line, small_number
from web.meetings.conflicts import Finding
from web.rendering.pages import formats, language_of, words

WEEK_DAYS = 7
# Two months of a weekly briefing: enough to see the pattern, short enough to read.
SHOWN_DATES = 8
# A rule every twelve months shows two dates.
_LOOK_AHEAD = dt.timedelta(days=740)
_ANY_MONDAY = dt.date(2026, 11, 30)

OFF_DAY_WORDS: Mapping[str, str] = {
    "skip": N_("Bỏ buổi đó"),
    "before": N_("Chuyển lên ngày làm việc liền trước"),
    "after": N_("Lùi sang ngày làm việc liền sau"),
    "hold": N_("Vẫn họp đúng ngày"),
}
NTH_WORDS: Mapping[int, str] = {
    1: N_("đầu tiên"),
    2: N_("lần thứ 2"),
    3: N_("lần thứ 3"),
    4: N_("lần thứ 4"),
    LAST: N_("cuối cùng"),
}
_EVERY: Mapping[str, tuple[str, str]] = {
    "week": (N_("Hằng tuần, %(days)s"), N_("%(count)s tuần một lần, %(days)s")),
    "month_day": (N_("Hằng tháng, ngày %(day)s"), N_("%(count)s tháng một lần, ngày %(day)s")),
    "month_weekday": (
        N_("Hằng tháng, %(days)s %(nth)s"),
        N_("%(count)s tháng một lần, %(days)s %(nth)s"),
    ),
}


@dataclass(frozen=True, slots=True)
class TypedRepeat:
    """Every field as text. `frequency` empty: it does not come again. The date of a month, and the
    day of the week of a month's nth, are those of the meeting itself."""

    frequency: str = ""
    interval: str = "1"
    weekdays: tuple[str, ...] = ()
    nth: str = ""
    ends: str = "never"  # never, until, count
    until: str = ""  # YYYY-MM-DD, or as typed
    count: str = ""
    off_days: str = "skip"


ONCE = TypedRepeat()


def read_repeat(data: MultiMapping[object]) -> TypedRepeat:
    """That part of a posted form; nothing is refused here."""

    def text(name: str, default: str = "") -> str:
        value = data.get(name, default)
        return one_line(value) if isinstance(value, str) else default

    frequency = text("repeat")
    if frequency not in FREQUENCIES:
        return ONCE
    days = {one for one in data.getall("repeat_weekday", []) if isinstance(one, str)}
    until = text("repeat_until")
    try:
        day = read_date(until)
        until = day.isoformat() if day else ""
    except BadInput:
        pass  # shown again as it was typed
    return TypedRepeat(
        frequency,
        text("repeat_interval", "1") or "1",
        tuple(sorted(days)) if frequency == "week" else (),
        text("repeat_nth") if frequency == "month_weekday" else "",
        text("repeat_ends", "never") or "never",
        until,
        text("repeat_count"),
        text("repeat_off_days", "skip") or "skip",
    )


def shown_rule(rule: Rule) -> TypedRepeat:
    """A rule as the form shows it to who changes it: an end after so many meetings is told by its
    day."""
    until = last_date(rule) if rule.count is not None else rule.until
    return TypedRepeat(
        frequency=rule.frequency,
        interval=str(rule.interval),
        weekdays=tuple(str(one) for one in rule.weekdays) if rule.frequency == "week" else (),
        nth=str(rule.nth) if rule.frequency == "month_weekday" else "",
        ends="until" if until else "never",
        until=until.isoformat() if until else "",
        off_days=rule.off_days,
    )


def rule_of(typed: TypedRepeat, first: dt.date) -> Rule:
    """The rule that is meant, of a meeting on that day; FieldErrors by the form's fields."""
    errors: dict[str, ConfhubError] = {}
    until, count = None, None
    if typed.ends == "until":
        until = _until(typed.until, errors)
    elif typed.ends == "count":
        count = small_number(typed.count)
        if count is None:
            errors["repeat_count"] = BadInput(N_("Xin nhập số buổi."))
    nth = {str(one): one for one in NTHS}.get(typed.nth, nth_of(first))
    rule = Rule(
        frequency=next(one for one in FREQUENCIES if one == typed.frequency),
        first=first,
        interval=small_number(typed.interval) or 0,
        weekdays=_weekdays(typed, first),
        nth=nth if typed.frequency == "month_weekday" else 0,
        month_day=first.day if typed.frequency == "month_day" else 0,
        until=until,
        count=count,
        off_days=next((one for one in OFF_DAYS if one == typed.off_days), OFF_DAYS[0]),
    )
    if not errors:
        try:
            check_rule(rule)
        except FieldErrors as found:
            errors = {f"repeat_{name}": error for name, error in found.fields.items()}
    if errors:
        raise FieldErrors(errors)
    return rule


def _until(text: str, errors: dict[str, ConfhubError]) -> dt.date | None:
    try:
        day = read_date(text)
    except BadInput as error:
        errors["repeat_until"] = error
        return None
    if day is None:
        errors["repeat_until"] = BadInput(N_("Xin nhập ngày."))
    return day


def _weekdays(typed: TypedRepeat, first: dt.date) -> tuple[int, ...]:
    if typed.frequency == "month_day":
        return ()
    if typed.frequency == "month_weekday" or not typed.weekdays:
        return (first.weekday(),)
    return tuple(sorted({small_number(one) or 0 for one in typed.weekdays}))


def say_rule(request: web.Request, rule: Rule) -> str:
    """ "Hằng tuần, Thứ Hai, đến 28/12/2026" """
    catalogue, formatted = words(request), formats(request)
    once, several = _EVERY[rule.frequency]
    said = catalogue.gettext(once if rule.interval == 1 else several) % {
        "count": rule.interval,
        "days": ", ".join(weekday_name(request, one) for one in rule.weekdays),
        "day": rule.month_day,
        "nth": catalogue.gettext(NTH_WORDS.get(rule.nth, "")) if rule.nth else "",
    }
    if rule.count is not None:
        many = catalogue.ngettext("%(num)s buổi", "%(num)s buổi", rule.count)
        return f"{said}, {many % {'num': rule.count}}"
    if rule.until is not None:
        until = catalogue.gettext("đến %(date)s") % {"date": formatted.short_date(rule.until)}
        return f"{said}, {until}"
    return said


def weekday_name(request: web.Request, number: int) -> str:
    return formats(request).weekday(_ANY_MONDAY + dt.timedelta(days=number))


@dataclass(frozen=True, slots=True)
class Date:
    """One of the next dates, as shown: `off` names why offices are closed on it, `moved` the day
    on which it is held instead; `left_out`: it is not held at all. `clashes`: who is taken then."""

    day: str
    off: str
    moved: str
    left_out: bool
    clashes: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    """`said`: the rule in words. `meets_off`: one of the dates in sight is a day off, so that what
    to do with those is to be asked. `puts_off`: one after the first wants what others hold, and
    would be put off. `error`: what is still to be mended."""

    said: str = ""
    dates: Sequence[Date] = ()
    meets_off: bool = False
    puts_off: bool = False
    error: str = ""


def first_slots(rule: Rule, calendar: WorkCalendar) -> Sequence[Slot]:
    """The first dates of a rule, as many as the form shows."""
    whole = Series("", (Part(0, rule.first, rule, _NOTHING),))
    end = rule.first + _LOOK_AHEAD
    return list(islice(slots(whole, calendar, rule.first, end), SHOWN_DATES))


def next_dates(
    request: web.Request,
    rule: Rule,
    calendar: WorkCalendar,
    found: Sequence[Slot],
    clashes: Mapping[dt.date, Sequence[Finding]],
    put_off: Collection[dt.date],
) -> Dates:
    """The first dates of a rule for the form, with what it clashes with on which days, and on which
    it would wait for another time."""
    held = replace(rule, off_days="hold")
    for_all = Series("", (Part(0, rule.first, held, _NOTHING),))
    # So far as meetings are made ahead, and a little more: Tết is asked for before it is in sight.
    until = rule.first + dt.timedelta(days=183)
    return Dates(
        said=say_rule(request, rule),
        dates=[
            _date(request, slot, calendar, clashes.get(slot.day, ()) if slot.day else ())
            for slot in found
        ],
        meets_off=any(slot.is_off for slot in slots(for_all, calendar, rule.first, until)),
        puts_off=any(slot.day in put_off for slot in found[1:]),
    )


_NOTHING = Content("", "", "", "", dt.time(), 0)


def _date(
    request: web.Request, slot: Slot, calendar: WorkCalendar, clashes: Sequence[Finding]
) -> Date:
    formatted, language = formats(request), language_of(request)
    off = ""
    if slot.is_off:
        name = calendar.name_of(slot.original, language)
        off = name or words(request).gettext("ngày nghỉ cuối tuần")
    is_moved = slot.day is not None and slot.day != slot.original
    return Date(
        day=formatted.date(slot.original),
        off=off,
        moved=formatted.date(slot.day) if slot.day is not None and is_moved else "",
        left_out=slot.day is None,
        clashes=clashes,
    )
