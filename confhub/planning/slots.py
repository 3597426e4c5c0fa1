"""When those who are wanted are free: the first such times, half a day each. Pure."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from zoneinfo import ZoneInfo

from confhub.meetings.sitting import Sitting
from confhub.meetings.working_days import WorkCalendar
from confhub.planning.conflicts import find_clashes
from confhub.planning.takings import Need, Takings

# Offices meet at eight, go home for lunch, and end at five.
_MORNING, _AFTERNOON = (dt.time(8), dt.time(11, 30)), (dt.time(13, 30), dt.time(17))
_HALF = dt.timedelta(hours=3, minutes=30)
_STEP = dt.timedelta(minutes=30)  # nobody calls a meeting for 09:10
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which all that must be free is. `missing`: of the others, who are not.
    `over_lower`: lower units hold rooms above themselves then; who takes them says why."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    missing: tuple[Need, ...] = ()
    over_lower: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """`must`: needs that have to be free; of `others` at least `least`, or as many as can be where
    that many never are. `length` is more than nothing."""

    must: Sequence[Need]
    others: Sequence[Need]
    length: dt.timedelta
    least: int

    def free(self, slots: Sequence[Slot]) -> int:
        """How many of the others each of the slots has at least; -1 where there are none."""
        return min((len(self.others) - len(slot.missing) for slot in slots), default=-1)


def wish_for(needs: Sequence[Need], length: dt.timedelta, least: int | None = None) -> Wish:
    """A wish that leaves out no more than sites that do not preside; `least` of these (None:
    all)."""
    must: list[Need] = []
    others: list[Need] = []
    for need in needs:
        is_other = need.resource.kind == "site" and not need.presides
        (others if is_other else must).append(need)
    return Wish(must, others, length, len(others) if least is None else min(least, len(others)))


def office_starts(
    since: dt.datetime, days: int, length: dt.timedelta, zone: ZoneInfo, calendar: WorkCalendar
) -> Iterator[list[dt.datetime]]:
    """When a meeting may start within office hours, from `since` on, by half days (by whole ones
    where it is longer than half a day). `days` are those of the calendar; times are UTC."""
    first = since.astimezone(zone).date()
    halves = (_MORNING, _AFTERNOON) if length <= _HALF else ((_MORNING[0], _AFTERNOON[1]),)
    for day in (first + _DAY * n for n in range(days)):
        if not calendar.is_working(day):
            continue
        for opens, closes in halves:
            at = dt.datetime.combine(day, opens)
            last = max(dt.datetime.combine(day, closes) - length, at)
            starts = []
            while at <= last:
                if (start := at.replace(tzinfo=zone).astimezone(dt.UTC)) >= since:
                    starts.append(start)
                at += _STEP
            if starts:
                yield starts


def find_slots(
    wish: Wish, takings: Takings, windows: Iterable[Sequence[dt.datetime]], most: int, own: str = ""
) -> list[Slot]:
    """The first time of each window, ascending as the windows do, at which the wish comes true, up
    to `most` windows. Where it never does, the first of those at which the most others are free;
    nothing where what must be free never is. `own` as for `find_clashes`."""
    halves = [starts for starts in windows if starts]
    starts = list(chain.from_iterable(halves))
    if not starts:
        return []
    counts = _counts(wish, takings, starts, own)
    enough = min(wish.least, max(counts))
    if max(counts) < 0:
        return []
    found: list[Slot] = []
    position = 0
    for half in halves:
        free = (at for at, count in zip(half, counts[position:], strict=False) if count >= enough)
        position += len(half)
        if (at := next(free, None)) is not None:
            found.append(_slot(wish, takings, at, own))
        if len(found) == most:
            break
    return found


def other_days(
    sittings: Sequence[Sitting],
    since: dt.datetime,
    days: int,
    zone: ZoneInfo,
    calendar: WorkCalendar,
) -> Iterator[list[tuple[dt.datetime, dt.datetime]]]:
    """The hours of sittings that go together to other days, from `since` on: at their times of
    day, as far from each other, and on no day off but where they are on one."""
    local = [(one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)) for one in sittings]
    first = local[0][0].date()
    earliest = max(dt.timedelta(0), since.astimezone(zone).date() - first)
    meant = [not calendar.is_working(begin.date()) for begin, _ in local]
    for by in (earliest + _DAY * n for n in range(days)):
        moved = [
            tuple(dt.datetime.combine(at.date() + by, at.time(), zone) for at in both)
            for both in local
        ]
        works = (
            off or calendar.is_working(begin.date())
            for off, (begin, _) in zip(meant, moved, strict=True)
        )
        if moved[0][0] > since and all(works):
            yield [(begin.astimezone(dt.UTC), end.astimezone(dt.UTC)) for begin, end in moved]


def _slot(wish: Wish, takings: Takings, at: dt.datetime, own: str) -> Slot:
    end = at + wish.length
    taken = {clash.need for clash in find_clashes(wish.others, takings, at, end, own)}
    return Slot(at, end, tuple(need for need in wish.others if need in taken))


def _counts(wish: Wish, takings: Takings, starts: Sequence[dt.datetime], own: str) -> Sequence[int]:
    """For each start how many of the others are free; -1 where one that must be is not."""
    taken, hindered = [0] * (len(starts) + 1), [0] * (len(starts) + 1)
    for needs, steps in ((wish.others, taken), (wish.must, hindered)):
        for need in needs:
            for low, high in _blocked(need, takings, starts, wish.length, own):
                steps[low] += 1
                steps[high] -= 1
    return [
        -1 if no else len(wish.others) - some
        for some, no in zip(accumulate(taken[:-1]), accumulate(hindered[:-1]), strict=True)
    ]


def _blocked(
    need: Need,
    takings: Takings,
    starts: Sequence[dt.datetime],
    length: dt.timedelta,
    own: str,
) -> Iterator[tuple[int, int]]:
    """Ranges of starts, apart from each other, at which a meeting would meet a taking."""
    low = high = 0
    for full in takings.full(need, starts[0], starts[-1] + length, own):
        first = bisect_right(starts, full.starts_at - length)
        end = bisect_left(starts, full.ends_at)
        if first > high:
            if low < high:
                yield low, high
            low = first
        high = max(high, end)
    if low < high:
        yield low, high
