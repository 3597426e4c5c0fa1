"""The sittings of a meeting over several days, or with a long break within one. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.times import read_span

# Mornings and afternoons of two weeks: the longest course, and twice what a council meets.
MOST_SITTINGS = 28
LONGEST_WHOLE = dt.timedelta(days=14)
OVER_MARK = "!"  # behind one that is over


@dataclass(frozen=True, slots=True)
class Sitting:
    """[starts_at, ends_at) in UTC. `is_over`: it was held and ended, while others are ahead."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    is_over: bool = False


def all_sittings(
    starts_at: dt.datetime, ends_at: dt.datetime, sittings: Sequence[Sitting]
) -> tuple[Sitting, ...]:
    """The sittings of a meeting of those times, at least one. A hub of the version before, which
    knows of none, may have moved the meeting as a whole: then it is one."""
    if sittings and (sittings[0].starts_at, sittings[-1].ends_at) == (starts_at, ends_at):
        return tuple(sittings)
    return (Sitting(starts_at, ends_at),)


def read_sittings(
    typed: Sequence[tuple[str, str]], first: tuple[dt.datetime, dt.datetime], zone: ZoneInfo
) -> tuple[Sitting, ...]:
    """The sittings in order, from the first one and those that were typed after it, each as
    `read_span` takes it; none where there is only the first. FieldErrors under "sittings"."""
    if len(typed) >= MOST_SITTINGS:
        message = N_("Một cuộc họp có nhiều nhất %(limit)s phiên.")
        raise FieldErrors({"sittings": BadInput(message, values={"limit": MOST_SITTINGS})})
    found = [Sitting(*first)]
    for starts, ends in typed:
        try:
            found.append(Sitting(*read_span(starts, ends, zone)))
        except FieldErrors as wrong:
            message = N_("Phiên %(number)s: xin nhập đủ ngày và giờ; mỗi phiên dài nhất 12 giờ.")
            values = {"number": len(found) + 1}
            raise FieldErrors({"sittings": BadInput(message, values=values)}) from wrong
    found.sort(key=lambda one: one.starts_at)
    if error := _wrong(found, zone):
        raise FieldErrors({"sittings": error})
    return tuple(found) if len(found) > 1 else ()


def _wrong(sittings: Sequence[Sitting], zone: ZoneInfo) -> ConfhubError | None:
    for before, after in pairwise(sittings):
        if after.starts_at < before.ends_at:
            at = after.starts_at.astimezone(zone)
            message = N_("Hai phiên trùng giờ nhau: xin xem lại phiên %(time)s ngày %(date)s.")
            return BadInput(message, values={"time": f"{at:%H:%M}", "date": f"{at:%d/%m/%Y}"})
    if is_too_long(sittings):
        message = N_("Từ phiên đầu đến phiên cuối nhiều nhất %(days)s ngày.")
        return BadInput(message, values={"days": LONGEST_WHOLE.days})
    return None


def is_too_long(sittings: Sequence[Sitting]) -> bool:
    """Whether several last longer, from the first to the last, than calendars look back."""
    whole = sittings[-1].ends_at - sittings[0].starts_at
    return len(sittings) > 1 and whole > LONGEST_WHOLE


def kept_over(old: Sequence[Sitting], new: Sequence[Sitting]) -> tuple[Sitting, ...]:
    """The new ones; those that begin as one that is over are over."""
    over = {one.starts_at for one in old if one.is_over}
    return tuple(replace(one, is_over=one.starts_at in over) for one in new)


def same_begins(was: Sequence[Sitting], now: Sequence[Sitting]) -> bool:
    """Whether all that is still ahead `now` begins as it did, and nothing that did is missing."""
    over = {one.starts_at for one in now if one.is_over}
    before, after = ([s.starts_at for s in some if s.starts_at not in over] for some in (was, now))
    return before == after or not after


def shifted(sittings: Sequence[Sitting], by: dt.timedelta) -> tuple[Sitting, ...]:
    """Those that are not over, so much later; the others stay."""
    return tuple(
        one if one.is_over else Sitting(one.starts_at + by, one.ends_at + by) for one in sittings
    )


def written(sittings: Sequence[Sitting]) -> str:
    """As the store keeps them: intervals of ISO 8601, in UTC, with a blank between."""
    return " ".join(
        f"{_moment(one.starts_at)}/{_moment(one.ends_at)}{OVER_MARK * one.is_over}"
        for one in sittings
    )


# Thousands of answers to one meeting say the same.
@lru_cache(maxsize=256)
def read(text: str) -> tuple[Sitting, ...]:
    """What `written` wrote."""
    found = []
    for part in text.split():
        begin, _, end = part.removesuffix(OVER_MARK).partition("/")
        starts_at, ends_at = (
            dt.datetime.fromisoformat(one).astimezone(dt.UTC) for one in (begin, end)
        )
        found.append(Sitting(starts_at, ends_at, part.endswith(OVER_MARK)))
    return tuple(found)


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
