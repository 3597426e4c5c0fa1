"""Changing a series: this and following, all, or an end. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Literal

from confhub.errors import N_, BadInput, FieldErrors
from confhub.planning import recurrence
from confhub.planning.leaving import replaced
from confhub.planning.recurrence import Rule, shifted
from confhub.planning.series import (
    FARTHEST_SHIFT,
    Content,
    Occurrence,
    Part,
    Series,
    dates_of,
    horizon,
    slots,
)
from confhub.planning.settling import House

# From one occurrence on, or all that are ahead. A change of one alone is none of the series.
Scope = Literal["following", "all"]
_DAY = dt.timedelta(days=1)
_NO_TIME = dt.timedelta()
# A series goes at most so far beyond what is made ahead: the same briefing of next year. What lies
# further is a wrong year.
FARTHEST_MOVE = dt.timedelta(days=366)
_TOO_FAR = N_("Ngày quá xa để dời chuỗi họp. Xin xem lại năm, hoặc chỉ sửa riêng buổi này.")


@dataclass(frozen=True, slots=True)
class Asked:
    """How somebody changes a series by one of its occurrences: `content` for all that are meant;
    it goes from the day `old_day` to `day`. `rule` None: the one it has, moved along."""

    content: Content
    old_day: dt.date
    day: dt.date
    rule: Rule | None = None
    reason: str = ""


def changed(
    series: Series, one: Occurrence, asked: Asked, scope: Scope, house: House
) -> tuple[Series, Occurrence]:
    """The series with a new part, and the occurrence by which it was changed, under its new
    original date. FieldErrors (`date`, and as `check_rule`).

    Later parts are superseded: what was said here holds to the end.
    """
    begin = one.original if scope == "following" else first_ahead(series, one.original, house)
    base = series.owner(one.original).rule
    is_moved = asked.day != asked.old_day
    if asked.day > max(asked.old_day, horizon(house.today) + FARTHEST_MOVE):
        raise FieldErrors({"date": BadInput(_TOO_FAR)})
    same_period = base.period(asked.day) == base.period(one.original)
    if is_moved and not same_period:
        _check_free(series, one, asked.day, scope, house)
    since = max(_after_last(series, begin), min(begin, _begin_of(base, begin, asked, is_moved)))
    if asked.rule is not None:
        rule = replace(asked.rule, first=max(since, asked.rule.period(asked.day)))
    else:
        known = asked.day if is_moved and not same_period else one.original
        room = recurrence.longer(base, asked.day - one.original if is_moved else _NO_TIME)
        rule = recurrence.from_then(room, since, known)
        if is_moved:
            rule = shifted(rule, one.original, asked.day)
    recurrence.check_rule(rule)
    part = Part(len(series.parts), since, rule, asked.content, asked.reason)
    older = (replace(p, superseded=True) if p.since >= since else p for p in series.parts)
    moved = replace(one, original=asked.day) if is_moved and not same_period else one
    return replace(series, parts=(*older, part), is_open=True), moved


def _begin_of(base: Rule, begin: dt.date, asked: Asked, is_moved: bool) -> dt.date:
    """From where on the days of the new rule count: an earlier day of the same week may be one."""
    if asked.rule is not None or is_moved:
        return min(base.period(begin), asked.day)
    return begin


def _check_free(series: Series, one: Occurrence, day: dt.date, scope: Scope, house: House) -> None:
    if scope == "all":
        message = N_("Chỉ dời được sang tuần hoặc tháng khác cho riêng buổi này, hoặc từ buổi này.")
        raise FieldErrors({"date": BadInput(message)})
    # Those that an end called off keep their dates.
    if any(True for _ in dates_of(replace(series, ended_on=None), day, day)):
        message = N_("Chuỗi đã có một buổi vào ngày này. Xin chọn ngày khác.")
        raise FieldErrors({"date": BadInput(message)})


def _after_last(series: Series, begin: dt.date) -> dt.date:
    """The day after the series' last date before `begin`: what lies before is not changed."""
    living = series.living
    before = [part for part in living if part.since < begin]
    if not before:
        return dt.date.min
    last = recurrence.last_within(before[-1].rule, before[-1].since, begin - _DAY)
    if last is not None:
        return last + _DAY
    return before[-1].since if len(before) > 1 else dt.date.min


def first_ahead(series: Series, latest: dt.date, house: House) -> dt.date:
    """The first original date, `latest` at most, of which the series' own time is not over."""
    for original, part in dates_of(series, house.today, latest):
        if part.content.span(original, house.zone)[0] > house.now:
            return original
    return latest


def ended(series: Series, one: Occurrence, scope: Scope, reason: str, house: House) -> Series:
    """The series without this occurrence and those that follow, or without all that are ahead."""
    begin = one.original if scope == "following" else first_ahead(series, one.original, house)
    if series.ended_on is not None:
        begin = min(begin, series.ended_on)
    return replace(series, ended_on=begin, end_reason=reason)


def handed_over(
    series: Series, since: dt.date, change: Callable[[Content], Content]
) -> tuple[Series, Mapping[int, int]]:
    """The series with `change` made to its content from the original date `since` on, on the same
    dates; and the numbers of its new parts by those of the parts in whose place they are."""
    instead: dict[int, Part] = {}
    for part in series.from_then(since):
        begin = max(part.since, since)
        content = change(part.content)
        if content == part.content or not any(True for _ in _own_dates(series, part, begin)):
            continue
        is_whole = begin <= max(part.since, part.rule.first)
        rule = part.rule if is_whole else recurrence.from_then(part.rule, begin)
        number = len(series.parts) + len(instead)
        instead[part.number] = Part(number, begin, rule, content, part.reason)
    older = (
        replace(one, superseded=True) if one.number in instead and one.since >= since else one
        for one in series.parts
    )
    changed_series = replace(series, parts=(*older, *instead.values()))
    return changed_series, {old: new.number for old, new in instead.items()}


def handed_on(
    before: Series,
    edited: Series,
    original: dt.date,
    host_ends: Mapping[str, dt.date],
    house: House,
) -> Series:
    """The edited series, where what was handed over in the one `before`, from a day after the edit
    on, is handed over again: an edit of the dates until then says nothing of who follows, nor is
    who follows at the date `original`, by which it was edited, there before.
    `host_ends`: on what day which of its hosts ends; `house`: with their heirs."""
    since = edited.last_part.since
    pairs = [(one, after) for one, after in pairwise(before.living) if after.since > since]
    for earlier, later in reversed(pairs):
        if later.since <= original:
            old, new = earlier.content, later.content
            goes = _goes_over(old, new, host_ends, house)
            content = _as_before(
                _followed(old, new, house), old, new, goes, edited.last_part.content
            )
            last = replace(edited.last_part, content=content)
            edited = replace(edited, parts=(*edited.parts[:-1], last))
    for earlier, later in pairs:
        old, new = earlier.content, later.content
        sites = _followed(old, new, house)
        goes = _goes_over(old, new, host_ends, house)
        ends = [house.ends[one] for one in sites]
        if goes:
            ends.append(host_ends[old.host_unit_id])
        if ends:
            change = partial(_as_handed_over, sites, old, new, goes)
            first = first_held_from(edited, min(ends), house)
            edited, _ = handed_over(edited, max(first, since), change)
    return edited


def _goes_over(old: Content, new: Content, host_ends: Mapping[str, dt.date], house: House) -> bool:
    """Whether a host that ends went into the next one."""
    heirs = house.heirs.get(old.host_unit_id, ())
    return old.host_unit_id in host_ends and new.host_unit_id in heirs


def _followed(old: Content, new: Content, house: House) -> Mapping[str, str]:
    """Which sites of units that end another followed; nobody: empty."""
    left = [one for one in old.sites if one in house.ends and one not in new.sites]
    came = [one for one in new.sites if one not in old.sites]
    if len(old.sites) == len(new.sites):
        there = dict(zip(old.sites, new.sites, strict=True))
        return {one: there[one] for one in left}
    return {one: came[0] if len(came) == 1 else "" for one in left}


def _as_handed_over(
    sites: Mapping[str, str], old: Content, new: Content, goes: bool, content: Content
) -> Content:
    for one, other in sites.items():
        is_chair = content.chair_site_id == one
        heir = other or (new.chair_site_id if is_chair else "")
        if one in (content.chair_site_id, *content.sites) and (heir or not is_chair):
            content = replaced(content, one, heir)
    if goes and content.host_unit_id == old.host_unit_id:
        content = replace(content, host_unit_id=new.host_unit_id)
    return content


def _as_before(
    sites: Mapping[str, str], old: Content, new: Content, goes: bool, content: Content
) -> Content:
    """What `_as_handed_over` makes the content of; who follows and was taken off stays off."""
    for heir in dict.fromkeys(sites.values()):
        left = [one for one, other in sites.items() if other == heir]
        own = [heir] if heir in old.sites else []
        there = [
            back
            for one in content.sites
            for back in ((*own, *left) if heir and one == heir else (one,))
        ]
        chair = content.chair_site_id
        if heir and chair == heir == new.chair_site_id:
            chair = old.chair_site_id
        together = there if heir else [*there, *left]
        content = replace(content, sites=tuple(dict.fromkeys(together)), chair_site_id=chair)
    if goes and content.host_unit_id == new.host_unit_id:
        content = replace(content, host_unit_id=old.host_unit_id)
    return content


def _own_dates(series: Series, part: Part, begin: dt.date) -> Iterator[dt.date]:
    """The part's dates from `begin` on, until a later part's or the end of the series."""
    ends = [one.since for one in series.living if one.since > part.since]
    if series.ended_on is not None:
        ends.append(series.ended_on)
    last = min(ends) - _DAY if ends else dt.date.max
    return recurrence.dates(part.rule, begin, last)


def first_held_from(series: Series, day: dt.date, house: House) -> dt.date:
    """The first original date, of those ahead, that is to be held on `day` or later: one that
    moved there over days off is, one that moved to before is not."""
    near = slots(series, house.calendar, day - FARTHEST_SHIFT, day + FARTHEST_SHIFT)
    before = [slot.original for slot in near if slot.day is not None and slot.day < day]
    later = [slot.original for slot in near if slot.day is not None and slot.day >= day]
    found = later[0] if later else max([day, *(one + _DAY for one in before)])
    return max(found, first_ahead(series, horizon(house.today), house))


def goes_on_with(series: Series, since: dt.date, names: Callable[[Content], bool]) -> Part | None:
    """The first of its parts with such content that has dates from `since` on."""
    for part in series.from_then(since):
        own = _own_dates(series, part, max(part.since, since))
        if names(part.content) and any(True for _ in own):
            return part
    return None
