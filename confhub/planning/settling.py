"""What is still to be done until a series' meetings are as the series says. Pure.

The same for a series that is new, changed or ended, for a day off that was announced, and for
time that passed: `unsettled` compares what is on record with what should be, and each task is
settled by itself, in any order and by whoever comes, until nothing is left. So nothing is lost or
done twice when a hub is killed between two of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from confhub.errors import N_
from confhub.meetings.meeting import PLANNED, Meeting
from confhub.meetings.working_days import WorkCalendar
from confhub.planning.series import (
    FARTHEST_SHIFT,
    Occurrence,
    Part,
    Series,
    Slot,
    horizon,
    slots,
)

# Stands at the meeting as its reason, for everybody to read.
NO_SUCH_DAY = N_("Lịch của chuỗi họp đã đổi, không còn buổi này.")
DAY_OFF = N_("Ngày nghỉ")
_DAY = dt.timedelta(days=1)
_MONTH = dt.timedelta(days=31)


@dataclass(frozen=True, slots=True)
class House:
    """What the series stand in: `gone`, the sites that are switched off, are invited no more, nor
    are those of units that end, from that day on (`ends`, by site).
    `heirs`: the units into which a unit that hosts them went."""

    now: dt.datetime
    zone: ZoneInfo
    calendar: WorkCalendar
    gone: Collection[str] = ()
    heirs: Mapping[str, Collection[str]] = field(default_factory=dict)
    ends: Mapping[str, dt.date] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()

    def gone_on(self, day: dt.date) -> set[str]:
        """The sites that are invited no more to what is held then."""
        return {*self.gone, *(site for site, ends_on in self.ends.items() if ends_on <= day)}


@dataclass(frozen=True, slots=True)
class Task:
    """An occurrence to be brought to its slot; None: a meeting to be made, or a day the series
    has no more."""

    occurrence: Occurrence | None
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of an occurrence and its meeting, which is the same one if nothing does."""

    occurrence: Occurrence
    meeting: Meeting


def first_looked_at(today: dt.date) -> dt.date:
    """No occurrence of an earlier original date is touched any more."""
    return today - FARTHEST_SHIFT


def unsettled(series: Series, occurrences: Iterable[Occurrence], house: House) -> list[Task]:
    """By original date. `occurrences`: at least those from `first_looked_at` on, dropped ones
    or not."""
    start, end = first_looked_at(house.today), horizon(house.today)
    held = {
        one.original: one for one in occurrences if one.state != "dropped" and one.original >= start
    }
    wanted = {
        one.original: one
        for span in _looked_at(held, start, end)
        for one in slots(series, house.calendar, *span)
    }
    pairs = _paired(series, held, wanted)
    tasks = [
        Task(one, pairs.get(original))
        for original, one in held.items()
        if not _is_settled(one, pairs.get(original), series)
    ]
    taken = {slot.original for slot in pairs.values()}
    tasks += [
        Task(None, slot)
        for original, slot in wanted.items()
        if original not in taken
        and original <= end
        and slot.day is not None
        and slot.part.content.span(slot.day, house.zone)[0] > house.now
    ]
    return sorted(tasks, key=_by_original)


def _looked_at(
    held: Iterable[dt.date], start: dt.date, end: dt.date
) -> list[tuple[dt.date, dt.date]]:
    """[start, end], and of what lies beyond, where somebody moved a meeting to another year, the
    weeks and months around each: nothing is to be done in between."""
    spans = [(start, end)]
    for original in sorted(held):
        first, last = original - _MONTH, original + _MONTH
        if last <= spans[-1][1]:
            continue
        if first <= spans[-1][1] + _DAY:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans


def _by_original(task: Task) -> dt.date:
    if task.occurrence is not None:
        return task.occurrence.original
    return task.slot.original if task.slot is not None else dt.date.max


def _paired(
    series: Series, held: Mapping[dt.date, Occurrence], wanted: Mapping[dt.date, Slot]
) -> dict[dt.date, Slot]:
    """Each occurrence's slot, by its original date: the one of that date, else one of the same
    week or month that has none: a briefing that goes from Monday to Tuesday stays the same one.
    What ended with the series takes nobody's place."""
    pairs = {original: wanted[original] for original in held if original in wanted}
    free: dict[dt.date, list[Slot]] = {}
    for original in sorted(wanted.keys() - pairs.keys()):
        slot = wanted[original]
        free.setdefault(slot.part.rule.period(original), []).append(slot)
    for original in sorted(held.keys() - pairs.keys()):
        if _has_ended(series, original):
            continue
        period = series.owner(original).rule.period(original)
        if free.get(period):
            pairs[original] = free[period].pop(0)
    return pairs


def _has_ended(series: Series, original: dt.date) -> bool:
    return series.ended_on is not None and original >= series.ended_on


def _is_settled(one: Occurrence, slot: Slot | None, series: Series) -> bool:
    if one.state == "left":
        return True
    if _has_ended(series, one.original):
        return one.state == "over"
    if slot is None:
        return one.state == "extra"
    if one.original != slot.original or one.part != slot.part.number:
        return False
    if slot.day is None:
        return one.state == "extra"
    return one.state == "planned" and one.day == slot.day


def settle(task: Task, meeting: Meeting, series: Series, house: House) -> Settled:
    """An occurrence brought to where its task says, with what somebody changed of it."""
    one, slot = task.occurrence, task.slot
    if one is None:
        raise ValueError("a meeting that is still to be made")
    if is_left(meeting, one, series, house):
        return Settled(replace(one, state="left"), meeting)
    is_waiting = meeting.status in PLANNED and (
        meeting.starts_at > house.now or meeting.status == "postponed"
    )
    if _has_ended(series, one.original):
        over = _cancelled(meeting, series.end_reason) if is_waiting else meeting
        return Settled(replace(one, state="over"), over)
    if slot is None or slot.day is None:
        return _without_day(one, slot, meeting, series, house, is_waiting=is_waiting)
    there = replace(
        one, original=slot.original, day=slot.day, part=slot.part.number, state="planned"
    )
    if not is_waiting:
        return Settled(there, meeting)
    followed = _followed(meeting, one, there, series, house)
    if followed.starts_at <= house.now and followed.starts_at != meeting.starts_at:
        # Nothing is moved into the past: it stays on its time.
        kept = replace(followed, starts_at=meeting.starts_at, ends_at=meeting.ends_at)
        return Settled(there, kept)
    return Settled(there, followed)


def is_left(meeting: Meeting, one: Occurrence, series: Series, house: House) -> bool:
    """Whether another unit has taken the meeting over: neither of those that host the series then,
    or did when it was last set, nor one into which they went."""
    hosts = {
        part.content.host_unit_id for part in (series.parts[one.part], series.owner(one.original))
    }
    return meeting.host_unit_id not in hosts.union(*(house.heirs.get(host, ()) for host in hosts))


def _without_day(
    one: Occurrence,
    slot: Slot | None,
    meeting: Meeting,
    series: Series,
    house: House,
    *,
    is_waiting: bool,
) -> Settled:
    base = series.parts[one.part]
    if not is_waiting or differences(meeting, one, base, house):
        kept = replace(one, state="extra")
        if slot is not None:
            kept = replace(kept, original=slot.original, part=slot.part.number)
        return Settled(kept, meeting)
    reason = base.reason or NO_SUCH_DAY if slot is None else _why_off(slot.original, house)
    return Settled(replace(one, state="dropped"), _cancelled(meeting, reason))


def _why_off(day: dt.date, house: House) -> str:
    name = house.calendar.name_of(day, "vi")
    return f"{DAY_OFF}: {name}" if name else DAY_OFF


def _cancelled(meeting: Meeting, reason: str) -> Meeting:
    return replace(meeting, status="cancelled", status_reason=reason)


# What the form calls them. The time is begin and end together.
FIELDS = (
    *("title", "level_id", "host_unit_id", "chair_site_id", "chair_name", "note", "agenda"),
    "is_public",
)


def differences(meeting: Meeting, one: Occurrence, base: Part, house: House) -> list[str]:
    """In what a meeting is another than the series set it: names of its fields, `time`,
    `sites`."""
    found = [name for name in FIELDS if getattr(meeting, name) != getattr(base.content, name)]
    gone = house.gone_on(one.day)
    if set(meeting.sites) != {*_invited(base, gone), *gone.intersection(meeting.sites)}:
        found.append("sites")
    span = base.content.span(one.day, house.zone)
    if (meeting.starts_at, meeting.ends_at) != span or meeting.status == "postponed":
        found.append("time")
    return found


def _invited(part: Part, gone: Collection[str]) -> tuple[str, ...]:
    """The part's sites that still are; the chair's in any case."""
    content = part.content
    return tuple(one for one in content.sites if one not in gone or one == content.chair_site_id)


def invited(slot: Slot, house: House) -> tuple[str, ...]:
    """Whom a meeting that is made now invites."""
    return _invited(slot.part, house.gone_on(slot.day or slot.original))


def _followed(
    meeting: Meeting, was: Occurrence, there: Occurrence, series: Series, house: House
) -> Meeting:
    """The meeting with what the series changed and nobody else had."""
    base, wanted = series.parts[was.part], series.parts[there.part]
    own = set(differences(meeting, was, base, house))
    values: dict[str, Any] = {
        name: getattr(wanted.content, name) for name in FIELDS if name not in own
    }
    gone = house.gone_on(there.day)
    values["sites"] = _merged_sites(meeting, base, wanted, values.get("chair_site_id"), gone)
    if "time" not in own:
        values |= _moved(meeting, was, there, wanted, house)
    if "time" not in own and meeting.answer_by == _answer_by(base, was.day, house):
        values["answer_by"] = _answer_by(wanted, there.day, house)
    return replace(meeting, **values)


def _answer_by(part: Part, day: dt.date, house: House) -> dt.datetime | None:
    return part.content.answer_by(day, house.calendar, house.zone)


def _merged_sites(
    meeting: Meeting, base: Part, wanted: Part, chair: object, gone: Collection[str]
) -> tuple[str, ...]:
    """Those of the part, without whom somebody had taken off, with whom somebody had added."""
    before = set(base.content.sites)
    taken_off = before - set(meeting.sites)
    added = [one for one in meeting.sites if one not in before]
    head = chair if isinstance(chair, str) else meeting.chair_site_id
    kept = [
        one
        for one in wanted.content.sites
        if one not in taken_off and (one not in gone or one in meeting.sites)
    ]
    return tuple(dict.fromkeys((head, *kept, *added)))


def _moved(
    meeting: Meeting, was: Occurrence, there: Occurrence, wanted: Part, house: House
) -> dict[str, Any]:
    starts_at, ends_at = wanted.content.span(there.day, house.zone)
    if (starts_at, ends_at) == (meeting.starts_at, meeting.ends_at):
        return {}
    values: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at, "answer_by": None}
    reason = wanted.reason
    if was.part == there.part:  # a day off that was announced since
        reason = _why_off(there.original, house) if there.day != there.original else ""
    if reason:
        values |= {
            "status_reason": reason,
            "postponed_from": meeting.postponed_from or meeting.starts_at,
        }
    return values


def settled_first(tasks: Sequence[Task], most_invitations: int) -> Sequence[Task]:
    """So many of the tasks, from the first on, that they write about `most_invitations` rows; one
    at least."""
    count, rows = 0, 0
    for task in tasks:
        rows += 1 + (len(task.slot.part.content.sites) if task.slot is not None else 0)
        if count and rows > most_invitations:
            break
        count += 1
    return tasks[:count]
