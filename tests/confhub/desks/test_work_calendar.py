"""Days that a year's notice moves: kept, changed, dropped, on record."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.desks import work_calendar as desk
from confhub.errors import FieldErrors, NotFound
from confhub.meetings.working_days import SpecialDay
from confhub.people.actor import Actor
from confhub.store import Store

ACTOR = Actor(dt.datetime(2026, 11, 9, 5, tzinfo=dt.UTC))
SATURDAY = dt.date(2028, 4, 22)


async def test_a_day_is_kept_changed_and_dropped_on_record(store: Store) -> None:
    await desk.set_day(store, ACTOR, SpecialDay(SATURDAY, is_off=False, name="  Làm bù\n30/4 "))
    assert (await store.special_days.calendar()).is_working(SATURDAY)
    await desk.set_day(store, ACTOR, SpecialDay(SATURDAY, is_off=True, name="Nghỉ"))
    assert await store.special_days.all() == [SpecialDay(SATURDAY, is_off=True, name="Nghỉ")]
    await desk.drop_day(store, ACTOR, SATURDAY)
    with pytest.raises(NotFound):
        await desk.drop_day(store, ACTOR, SATURDAY)
    lines = await store.audit.recent(9, SATURDAY.isoformat())
    assert sorted((line.action, line.detail) for line in lines) == [
        ("special_day.dropped", ""),
        ("special_day.off", "Nghỉ"),
        ("special_day.work", "Làm bù 30/4"),
    ]


@pytest.mark.parametrize("name", ["", " \u200b ", "x" * 201])
async def test_a_day_says_why(store: Store, name: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        await desk.set_day(store, ACTOR, SpecialDay(SATURDAY, is_off=True, name=name))
    assert list(refused.value.fields) == ["name"]


async def test_the_table_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MOST_DAYS", 1)
    await desk.set_day(store, ACTOR, SpecialDay(SATURDAY, is_off=True, name="a"))
    await desk.set_day(store, ACTOR, SpecialDay(SATURDAY, is_off=True, name="b"))
    sunday = SpecialDay(SATURDAY + dt.timedelta(days=1), is_off=True, name="c")
    with pytest.raises(FieldErrors) as refused:
        await desk.set_day(store, ACTOR, sunday)
    assert list(refused.value.fields) == ["day"]
