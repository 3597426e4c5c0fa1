"""Until when sites answer for each meeting of a series."""

from __future__ import annotations

import datetime as dt

from confhub.meetings.working_days import SpecialDay, WorkCalendar
from confhub.planning.series import Ahead, ahead_of
from tests.confhub.planning.series_world import MONDAY, briefing, new_world


def test_the_deadline_of_answers_is_as_many_working_days_before_each() -> None:
    asked = Ahead(2, dt.time(16, 30))
    world = new_world(content=briefing(answer=asked))
    zone = world.house.zone
    tet = [SpecialDay(MONDAY + dt.timedelta(days=n), True, "Nghỉ") for n in (3, 4)]

    def deadlines() -> list[str]:
        rows = (world.meetings[row.meeting_id] for row in world.ahead())
        return [f"{one.answer_by.astimezone(zone):%d/%m %H:%M}" for one in rows if one.answer_by]

    assert deadlines()[:2] == ["03/12 16:30", "10/12 16:30"]  # Thursdays before Mondays
    first, second, third = world.ahead()[:3]
    own = dt.datetime(2026, 12, 18, 3, tzinfo=dt.UTC)
    world.change_one(third, answer_by=own)
    world.edit(second, "following", answer=Ahead(1, dt.time(17)))
    world.settle()
    assert deadlines()[:1] == ["03/12 16:30"]
    assert deadlines()[3:5] == ["25/12 17:00", "31/12 17:00"]
    assert world.meetings[third.meeting_id].answer_by == own
    calendar = WorkCalendar(tet)
    held = world.meetings[second.meeting_id].starts_at
    assert f"{asked.of(held, calendar, zone).astimezone(zone):%d/%m}" == "08/12"
    assert ahead_of(asked.of(held, calendar, zone), held, calendar, zone) == asked
    assert first.original == MONDAY
