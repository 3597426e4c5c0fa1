"""A series with its meetings in memory, as the store has them, and what is always true of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from confhub.meetings.meeting import Meeting
from confhub.meetings.working_days import SpecialDay, WorkCalendar
from confhub.planning.leaving import replaced
from confhub.planning.recurrence import Rule, weekly
from confhub.planning.series import (
    Content,
    Occurrence,
    Part,
    Series,
    Slot,
    content_of,
    horizon,
    new_meeting,
    slots,
)
from confhub.planning.series_edits import (
    Asked,
    Scope,
    changed,
    ended,
    first_held_from,
    goes_on_with,
    handed_over,
)
from confhub.planning.settling import House, differences, invited, settle, unsettled

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 12, 7)


def briefing(**values: Any) -> Content:
    given = {
        "title": "Giao ban tuần",
        "level_id": "district",
        "host_unit_id": "unit",
        "chair_site_id": "site-a",
        "starts": dt.time(8),
        "length_min": 90,
        "sites": ("site-a", "site-b", "site-c"),
    }
    return Content(**{**given, **values})


@dataclass
class World:
    series: Series
    house: House
    meetings: dict[str, Meeting] = field(default_factory=dict)
    rows: dict[str, Occurrence] = field(default_factory=dict)
    own_titles: dict[str, str] = field(default_factory=dict)
    taken_over: dict[str, Meeting] = field(default_factory=dict)  # by another unit
    _ids: Any = field(default_factory=lambda: count(1))

    @property
    def living(self) -> list[Occurrence]:
        rows = (row for row in self.rows.values() if row.state != "dropped")
        return sorted(rows, key=lambda row: row.original)

    def ahead(self) -> list[Occurrence]:
        """Those that somebody can still change."""
        rows = (row for row in self.living if row.meeting_id not in self.taken_over)
        return [row for row in rows if self.is_ahead(self.meetings[row.meeting_id])]

    def is_ahead(self, meeting: Meeting) -> bool:
        return meeting.status in ("scheduled", "postponed") and meeting.starts_at > self.house.now

    def left_periods(self) -> set[dt.date]:
        originals = [self.rows[meeting_id].original for meeting_id in self.taken_over]
        return {self.series.owner(one).rule.period(one) for one in originals}

    def days(self) -> list[dt.date]:
        """On which meetings are still to be held."""
        found = (self.meetings[row.meeting_id] for row in self.ahead())
        return sorted(one.starts_at.astimezone(self.house.zone).date() for one in found)

    def step(self, number: int = 0) -> bool:
        """Settle one task; False: there is none."""
        tasks = unsettled(self.series, self.living, self.house)
        if not tasks:
            return False
        task = tasks[number % len(tasks)]
        if task.occurrence is None:
            assert task.slot is not None
            self.make(task.slot)
        else:
            meeting = self.meetings[task.occurrence.meeting_id]
            done = settle(task, meeting, self.series, self.house)
            self.rows[meeting.id], self.meetings[meeting.id] = done.occurrence, done.meeting
        return True

    def settle(self) -> None:
        for _ in range(1000):
            if not self.step():
                return
        raise AssertionError("it never comes to an end")

    def make(self, slot: Slot) -> None:
        assert slot.day is not None
        meeting = new_meeting(
            f"meeting-{next(self._ids)}",
            self.series,
            slot,
            slot.day,
            self.house.calendar,
            self.house.zone,
        )
        row = Occurrence(meeting.id, self.series.id, slot.original, slot.day, slot.part.number)
        meeting = replace(meeting, sites=invited(slot, self.house))
        self.rows[meeting.id], self.meetings[meeting.id] = row, meeting

    def hand_over(self, days: int) -> None:
        """The unit of site-b ends so many days from now; site-n follows it."""
        ends_on = self.house.today + dt.timedelta(days=days)
        self.house = replace(self.house, ends={"site-b": ends_on})
        self.settle()
        before = slots(self.series, self.house.calendar, dt.date(2026, 1, 1), dt.date(2029, 1, 1))
        since = first_held_from(self.series, ends_on, self.house)
        self.series, _instead = handed_over(self.series, since, _with_heir)
        after = slots(self.series, self.house.calendar, dt.date(2026, 1, 1), dt.date(2029, 1, 1))
        assert [(one.original, one.day) for one in after] == [
            (one.original, one.day) for one in before
        ]
        assert goes_on_with(self.series, since, lambda one: "site-b" in one.sites) is None
        self.settle()
        for row in self.living:
            meeting = self.meetings[row.meeting_id]
            if row.day >= ends_on and self.is_ahead(meeting) and not self.differs(row):
                assert "site-b" not in meeting.sites

    def edit(self, row: Occurrence, scope: Scope, **values: Any) -> None:
        """As the form does: the meeting becomes what was typed, the series follows."""
        by, rule = values.pop("by", 0), values.pop("rule", None)
        meeting = self.meetings[row.meeting_id]
        typed = replace(content_of(meeting, self.house.calendar, self.house.zone), **values)
        old_day = meeting.starts_at.astimezone(self.house.zone).date()
        day = old_day + dt.timedelta(days=by)
        asked = Asked(typed, old_day, day, rule)
        self.series, self.rows[row.meeting_id] = changed(self.series, row, asked, scope, self.house)
        starts_at, ends_at = typed.span(day, self.house.zone)
        self.own_titles.pop(row.meeting_id, None)
        self.meetings[row.meeting_id] = replace(
            meeting, starts_at=starts_at, ends_at=ends_at, title=typed.title, sites=typed.sites
        )

    def change_one(self, row: Occurrence, **values: Any) -> None:
        self.meetings[row.meeting_id] = replace(self.meetings[row.meeting_id], **values)
        if "title" in values:
            self.own_titles[row.meeting_id] = values["title"]

    def take_over(self, row: Occurrence) -> None:
        self.change_one(row, host_unit_id="another", title="Họp của đơn vị khác")
        self.taken_over[row.meeting_id] = self.meetings[row.meeting_id]

    def end(self, row: Occurrence, scope: Scope) -> None:
        self.series = ended(self.series, row, scope, "Bão", self.house)

    def go_on(self, days: int) -> None:
        self.house = replace(self.house, now=self.house.now + dt.timedelta(days=days))
        for row in self.living:
            meeting = self.meetings[row.meeting_id]
            if meeting.status == "scheduled" and meeting.starts_at <= self.house.now:
                self.meetings[meeting.id] = replace(meeting, status="ended")

    def announce(self, *special: SpecialDay) -> None:
        self.house = replace(self.house, calendar=WorkCalendar(special))

    def differs(self, row: Occurrence) -> list[str]:
        part = self.series.parts[row.part]
        return differences(self.meetings[row.meeting_id], row, part, self.house)

    def check(self) -> None:
        """Nothing is lost, nothing is doubled, and what somebody changed is kept."""
        originals = Counter(row.original for row in self.living)
        assert originals.total() == len(originals), "one for each original date"
        today = self.house.today
        for slot in slots(self.series, self.house.calendar, today, horizon(today)):
            if slot.day is None:
                continue
            is_due = slot.part.content.span(slot.day, self.house.zone)[0] > self.house.now
            if slot.part.rule.period(slot.original) in self.left_periods():
                continue  # another unit's meeting is that of this week or month
            assert slot.original in originals or not is_due, f"{slot.original} is lost"
        wanted = {
            slot.original: slot.day
            for slot in slots(
                self.series, self.house.calendar, dt.date(2026, 1, 1), dt.date(2029, 1, 1)
            )
        }
        for row in self.ahead():
            if row.state == "extra":
                assert wanted.get(row.original) is None, f"{row} is one of the series"
        plain = [row for row in self.ahead() if row.state != "extra" and not self.differs(row)]
        held_days = Counter(row.day for row in plain)
        assert held_days.total() == len(held_days), "one on each day"
        for row in plain:
            assert wanted.get(row.original) == row.day, f"{row} is none of the series"
        for meeting_id, taken in self.taken_over.items():
            meeting = self.meetings[meeting_id]
            assert replace(meeting, status=taken.status) == taken, "another unit's"
            assert meeting.status in (taken.status, "ended")
        for meeting_id, title in self.own_titles.items():
            assert self.meetings[meeting_id].title == title
        for meeting in self.meetings.values():
            if meeting.status == "cancelled":
                assert meeting.status_reason


def _with_heir(content: Content) -> Content:
    return replaced(content, "site-b", "site-n")


def new_world(
    rule: Rule | None = None,
    *,
    special: tuple[SpecialDay, ...] = (),
    zone: ZoneInfo = ZONE,
    content: Content | None = None,
) -> World:
    given = rule or weekly(MONDAY)
    series = Series("series-1", (Part(0, given.first, given, content or briefing()),), "acc-1")
    world = World(series, House(NOW, zone, WorkCalendar(special)))
    world.settle()
    return world
