"""The calendar's questions: whose meetings, which of them, by the day and by the page."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import sqlite3
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from confhub.config import Settings
from confhub.meetings.calendar import Shown, Wanted, Within, edges
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.store import Store, open_store
from tests.confhub.store.country import BEFORE, NOW, Country, found_country, meeting, site
from tests.confhub.store.full_year import fill_year

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
async def full(store: Store, country: Country) -> Country:
    """Meetings of the province, the district and a commune, a day apart from NOW on."""
    await store.sites.add_many(
        [
            site(country.province, "tinh"),
            site(country.district, "huyen"),
            site(country.cha_nua, "nua"),
            site(country.cha_cang, "cang"),
        ]
    )
    for number, one in enumerate(
        (
            meeting(country.province, ("site-tinh", "site-huyen"), id="tinh", level_id="province"),
            meeting(country.district, ("site-huyen", "site-nua"), id="huyen", created_by="thu"),
            meeting(
                country.cha_nua,
                ("site-nua",),
                id="xa",
                title="Đối thoại với thanh niên",
                chair_name="Ông Hờ",
                level_id="commune",
            ),
        )
    ):
        await store.meetings.add(later(one, number * DAY))
    return country


def later(one: Meeting, span: dt.timedelta) -> Meeting:
    return dataclasses.replace(one, starts_at=one.starts_at + span, ends_at=one.ends_at + span)


def wanted(*units: str, **values: Any) -> Wanted:
    asked = Wanted(tuple(Within(one) for one in units), BEFORE, NOW)
    return dataclasses.replace(asked, **values)


async def found(store: Store, asked: Wanted) -> list[str]:
    shown = await store.calendar.page(NOW, NOW + 9 * DAY, asked, 0, 10)
    assert shown.total == len(shown.meetings)
    return ids(shown)


def ids(shown: Shown) -> list[str]:
    return [one.meeting.id for one in shown.meetings]


async def test_a_unit_sees_what_it_and_those_below_hold_and_are_invited_to(
    store: Store, full: Country
) -> None:
    assert await found(store, wanted(full.province)) == ["tinh", "huyen", "xa"]
    assert await found(store, wanted(full.district)) == ["tinh", "huyen", "xa"]
    assert await found(store, wanted(full.cha_nua)) == ["huyen", "xa"]
    assert await found(store, wanted(full.cha_cang)) == []
    assert await found(store, wanted(full.cha_cang, full.cha_nua)) == ["huyen", "xa"]
    assert await found(store, wanted()) == []
    alone = wanted(seen=(Within(full.province, alone=True),))
    assert await found(store, alone) == ["tinh"]


async def test_what_is_asked_about_is_looked_for_in_what_is_seen(
    store: Store, full: Country
) -> None:
    mine = wanted(full.cha_nua)

    async def about(unit_id: str, **values: Any) -> list[str]:
        return await found(
            store, dataclasses.replace(mine, about=Within(unit_id, alone=True), **values)
        )

    assert await about(full.district) == ["huyen"]
    assert await about(full.province) == []  # the province's own is not the commune's to see
    assert await about(full.cha_nua, whose="hosted") == ["xa"]
    assert await about(full.cha_nua, whose="invited") == ["huyen"]


async def test_every_filter_narrows(store: Store, full: Country) -> None:
    for kept, filters in (
        (["xa"], {"level_id": "commune"}),
        (["huyen", "xa"], {"site_id": "site-nua"}),
        (["tinh"], {"site_id": "site-tinh"}),
        (["huyen"], {"whose": "mine", "account_id": "thu"}),
        (["xa"], {"text": "doi THOAI thanh"}),
        (["xa"], {"text": "ông ho"}),
        (["xa"], {"text": "ong ong ONG h"}),
        ([], {"text": "oai"}),  # words are found by their beginnings, as in search
        ([], {"text": "%"}),
        ([], {"text": "thoai nam po"}),
        (["huyen"], {"text": "giao nam po"}),
        ([], {"text": "100%"}),
        ([], {"statuses": ("cancelled",)}),
        (["tinh", "huyen", "xa"], {"is_over": False}),
        ([], {"is_over": True}),
    ):
        assert await found(store, wanted(full.province, **filters)) == kept, filters


async def test_a_filter_by_standing_reads_the_clock(store: Store, country: Country) -> None:
    await store.sites.add_many([site(country.cha_nua, "nua")])
    soon, past, long_ago = NOW + HOUR, NOW - HOUR, NOW - 13 * HOUR
    stored: tuple[tuple[str, MeetingStatus, dt.datetime], ...] = (
        ("plan", "scheduled", soon),
        ("runs", "live", past),
        ("over", "ended", soon),
        ("past", "scheduled", past),
        ("put-off", "postponed", past),
        ("off", "cancelled", past),
        ("forgotten", "live", long_ago),
    )
    for number, (meeting_id, status, ends_at) in enumerate(stored):
        starts_at = long_ago - HOUR + number * dt.timedelta(minutes=1)
        one = meeting(
            country.cha_nua, ("site-nua",), id=meeting_id, starts_at=starts_at, ends_at=ends_at
        )
        await store.meetings.add(dataclasses.replace(one, status=status))
    for name, kept in (
        ("", [one for one, _, _ in stored]),
        ("scheduled", ["plan"]),
        ("live", ["runs"]),
        ("ended", ["over", "past", "forgotten"]),
        ("postponed", ["put-off"]),
        ("cancelled", ["off"]),
    ):
        asked = wanted(country.cha_nua, status=name)
        shown = await store.calendar.page(NOW - DAY, NOW + DAY, asked, 0, 10)
        assert ids(shown) == kept, name


async def test_pages_count_all_and_begin_anew_behind_the_end(store: Store, full: Country) -> None:
    async def page(first: int, *, backwards: bool = False) -> tuple[list[str], int]:
        asked, end = wanted(full.province), NOW + 9 * DAY
        shown = await store.calendar.page(NOW, end, asked, first, 2, backwards=backwards)
        assert shown.total == 3
        return ids(shown), shown.more

    assert await page(0) == (["tinh", "huyen"], 1)
    assert await page(2) == (["xa"], 2)
    assert await page(7) == (["tinh", "huyen"], 1)
    assert await page(0, backwards=True) == (["xa", "huyen"], 1)


async def by_day(store: Store, country: Country, most: int = 5) -> list[tuple[int, list[str]]]:
    today = NOW.astimezone(HANOI).date()
    days = [edges(today + n * DAY, HANOI) for n in range(3)]
    shown = await store.calendar.days(days, wanted(country.province), most)
    return [(one.total, ids(one)) for one in shown]


async def test_each_day_counts_its_meetings_and_names_the_first(
    store: Store, full: Country
) -> None:
    for number in range(3):
        extra = meeting(full.province, ("site-tinh",), id=f"extra-{number}", title=f"Z {number}")
        await store.meetings.add(later(extra, DAY))
    assert await by_day(store, full, most=2) == [
        (1, ["tinh"]),
        (4, ["huyen", "extra-0"]),
        (1, ["xa"]),
    ]


async def test_a_night_belongs_to_the_day_it_begins(store: Store, country: Country) -> None:
    await store.sites.add_many([site(country.cha_nua, "nua")])
    nights: tuple[tuple[str, str, list[int]], ...] = (
        ("2026-11-24T22:00", "2026-11-25T02:45", [0]),  # over midnight: on its evening
        ("2026-11-23T22:00", "2026-11-24T02:45", [0]),  # the first day shows what goes on in it
        ("2026-11-24T22:00", "2026-11-25T08:00", [0, 1]),  # goes on after the night
        ("2026-11-25T00:00", "2026-11-25T01:00", [1]),
        ("2026-11-24T22:00", "2026-11-25T00:00", [0]),
        ("2026-11-23T22:00", "2026-11-24T00:00", []),
        ("2026-11-26T23:00", "2026-11-27T00:30", [2]),
        ("2026-11-27T00:00", "2026-11-27T00:30", []),
    )
    for number, (starts, ends, _) in enumerate(nights):
        begin, end = (
            dt.datetime.fromisoformat(one).replace(tzinfo=HANOI) for one in (starts, ends)
        )
        one = meeting(country.cha_nua, ("site-nua",), id=str(number), starts_at=begin, ends_at=end)
        await store.meetings.add(one)
    shown = await by_day(store, country, most=9)
    for day, (_, there) in enumerate(shown):
        assert set(there) == {str(n) for n, (_, _, on) in enumerate(nights) if day in on}


async def test_who_takes_part_is_named_in_order_and_counted(store: Store, full: Country) -> None:
    taking = await store.calendar.taking_part(["tinh", "xa"], BEFORE, 1)
    assert taking["tinh"].units == ("Tỉnh Điện Biên",)
    assert (taking["tinh"].total, taking["xa"].total) == (2, 1)
    whole = await store.calendar.taking_part(["tinh"], NOW.date(), 9)
    assert whole["tinh"].units == ("Tỉnh Điện Biên", "Huyện Nậm Pồ")  # as it stood last


async def test_words_are_sought_by_the_index_however_many_are_typed(
    sqlite_settings: Settings,
) -> None:
    """Of a country's year by somebody of a commune, who sees nothing of it."""
    store = await open_store(sqlite_settings)
    country = await found_country(store)
    await store.sites.add_many([site(country.province, "up")])
    fill_year(sqlite_settings, 10_000, [country.province], ["site-up"], words=True)
    year = (NOW - 366 * DAY, NOW + 366 * DAY)
    used = []
    for text in ("zzz", " ".join(["h"] * 50), " ".join(f"{one}" for one in "abcdghkmnoprstuvxy")):
        before = time.process_time()
        asked = wanted(country.cha_nua, text=text)
        assert (await store.calendar.page(*year, asked, 0, 20)).total == 0
        used.append(time.process_time() - before)
    assert max(used) < 0.5, used
    sees = wanted(country.province, text="giao ban so")
    assert (await store.calendar.page(*year, sees, 0, 20)).total == 10_000
    await store.close()


async def test_public_meetings_are_looked_for_among_the_public_ones_alone(
    sqlite_settings: Settings,
) -> None:
    store = await open_store(sqlite_settings)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    open_ones = wanted("u", whose="hosted", statuses=("scheduled", "live"), only_public=True)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        await store.calendar.page(NOW, NOW + 183 * DAY, open_ones, 0, 9)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        await store.close()
    file = Path(sqlite_settings.data_dir) / "confhub.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        plans = [
            [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            for statement, values in asked
            if "FROM meeting" in statement
        ]
    assert len(plans) == 2  # how many there are, and the first of them
    for plan in plans:
        assert [step for step in plan if step.startswith("SEARCH meeting USING")] == [
            "SEARCH meeting USING INDEX ix_meeting_public (starts_at>? AND starts_at<?)"
        ], plan
