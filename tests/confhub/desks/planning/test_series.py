"""The use cases of series, over both databases: their rules stand in tests/confhub/planning."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from confhub.desks import meetings, work_calendar
from confhub.desks.planning import series as desk
from confhub.desks.planning.clashes import clashes_by_day, shared_by
from confhub.errors import Conflict, FieldErrors
from confhub.meetings.changes import Overtaken
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.meetings.working_days import SpecialDay
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.planning.conflicts import Clashing, Override, seal_of
from confhub.planning.recurrence import weekly
from confhub.planning.series import HostedElsewhere, NotOfTheSeries, Series
from confhub.store import Store
from tests.confhub.store.country import Country, draft_of, site
from tests.living_links import living_links

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=ZONE)
MONDAY = dt.date(2026, 12, 7)
WEEK = dt.timedelta(weeks=1)
HOUSE = Actor(NOW)
ACTOR = of_account(Account("acc-1", "thuky", "Lò Thị Thư", "secretary", ""), NOW, "192.0.2.1")


def at(day: dt.date, clock: str = "08:00") -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), ZONE).astimezone(dt.UTC)


@pytest.fixture
async def draft(store: Store, country: Country) -> Draft:
    await store.sites.add_many([site(country.province, code) for code in ("a", "b", "c")])
    clerk = Account("acc-1", "thuky", "Lò Thị Thư", "secretary", country.province)
    await store.accounts.add(clerk, "hash")
    made = draft_of(
        country.province, "province", ("site-a", "site-b"), at(MONDAY), dt.timedelta(minutes=90)
    )
    return dataclasses.replace(made, title="Giao ban tuần")


@pytest.fixture
async def first(store: Store, draft: Draft) -> Meeting:
    """Of a briefing of five Mondays."""
    return await desk.schedule(store, ACTOR, "meeting-1", draft, weekly(MONDAY, count=5), ZONE)


async def series_of(store: Store, meeting: Meeting) -> Series:
    one = await store.series.of_meeting(meeting.id)
    assert one is not None
    return await store.series.get(one.series_id)


async def held(store: Store, meeting: Meeting) -> list[Meeting]:
    """The series' meetings by their original dates, dropped ones too."""
    series = await series_of(store, meeting)
    rows = await store.series.occurrences(series.id)
    return [await store.meetings.get(row.meeting_id) for row in rows]


def days(found: list[Meeting]) -> str:
    return " ".join(
        f"{one.starts_at.astimezone(ZONE):%d/%m}" for one in found if one.status != "cancelled"
    )


async def test_occurrences_are_meetings_of_their_own(store: Store, first: Meeting) -> None:
    found = await held(store, first)
    assert found[0] == first
    assert days(found) == "07/12 14/12 21/12 28/12 04/01"
    for meeting in found:
        assert (meeting.sites, meeting.created_by) == (first.sites, "acc-1")
        assert len(await living_links(store, meeting.id)) == 2
        (line,) = await store.audit.recent(9, meeting.id)
        assert (line.action, line.account_id) == ("meeting.scheduled", "acc-1")
    series = await series_of(store, first)
    (line,) = await store.audit.recent(9, series.id)
    assert line.action == "series.scheduled"


async def test_what_was_sent_twice_is_one_series(
    store: Store, draft: Draft, first: Meeting
) -> None:
    with pytest.raises(Conflict):
        await desk.schedule(store, ACTOR, first.id, draft, weekly(MONDAY, count=5), ZONE)
    assert len(await held(store, first)) == 5


async def test_a_series_that_is_never_held_is_none(store: Store, draft: Draft) -> None:
    await work_calendar.set_day(store, HOUSE, SpecialDay(MONDAY, is_off=True, name="Lễ"))
    with pytest.raises(FieldErrors) as refused:
        await desk.schedule(store, ACTOR, "meeting-1", draft, weekly(MONDAY, count=1), ZONE)
    assert set(refused.value.fields) == {"off_days"}


async def test_this_and_following_change_in_one_commit_with_their_links(
    store: Store, draft: Draft, first: Meeting
) -> None:
    found = await held(store, first)
    mine = await meetings.cancel(store, ACTOR, found[3].id, None, "Đi công tác")
    wider = dataclasses.replace(
        draft,
        starts_at=at(MONDAY + 2 * WEEK, "14:00"),
        ends_at=at(MONDAY + 2 * WEEK, "15:00"),
        sites=("site-a", "site-b", "site-c"),
    )
    await desk.change(store, ACTOR, found[2].id, 1, wider, "following", None, ZONE)
    after = await held(store, first)
    assert after[:2] == found[:2]
    assert after[3] == mine
    for meeting in (after[2], after[4]):
        assert f"{meeting.starts_at.astimezone(ZONE):%H:%M}" == "14:00"
        assert len(await living_links(store, meeting.id)) == 3
    assert (after[4].title, after[4].version) == ("Giao ban tuần", 2)


async def test_a_series_is_put_off_with_a_reason_for_all(
    store: Store, draft: Draft, first: Meeting
) -> None:
    tuesday = MONDAY + dt.timedelta(days=1)
    later = dataclasses.replace(draft, starts_at=at(tuesday), ends_at=at(tuesday, "09:30"))
    await desk.change(store, ACTOR, first.id, 1, later, "all", None, ZONE, "Trùng họp tỉnh")
    found = await held(store, first)
    assert days(found) == "08/12 15/12 22/12 29/12 05/01"
    assert {one.status_reason for one in found} == {"Trùng họp tỉnh"}
    assert found[1].postponed_from == at(MONDAY + WEEK)


async def test_an_end_cancels_what_follows_with_its_reason(store: Store, first: Meeting) -> None:
    found = await held(store, first)
    with pytest.raises(FieldErrors):
        await desk.end(store, ACTOR, found[2].id, 1, "following", "", ZONE)
    await desk.end(store, ACTOR, found[2].id, 1, "following", "Sáp nhập", ZONE)
    after = await held(store, first)
    assert [one.status for one in after] == ["scheduled"] * 2 + ["cancelled"] * 3
    assert {one.status_reason for one in after[2:]} == {"Sáp nhập"}
    with pytest.raises(Exception, match="no_more_changes"):
        await desk.end(store, ACTOR, found[3].id, None, "following", "Lại", ZONE)


async def test_a_meeting_that_stood_alone_comes_again(store: Store, draft: Draft) -> None:
    alone = await meetings.schedule(store, ACTOR, "meeting-1", draft)
    with pytest.raises(NotOfTheSeries):
        await desk.end(store, ACTOR, alone.id, 1, "all", "Bão", ZONE)
    tuesdays = weekly(MONDAY + dt.timedelta(days=1))
    with pytest.raises(FieldErrors):
        await desk.repeat(store, ACTOR, alone.id, 1, draft, tuesdays, ZONE)
    await desk.repeat(store, ACTOR, alone.id, 1, draft, weekly(MONDAY, count=3), ZONE)
    found = await held(store, alone)
    assert (found[0].id, days(found)) == (alone.id, "07/12 14/12 21/12")
    with pytest.raises(Overtaken):
        await desk.repeat(store, ACTOR, alone.id, 2, draft, weekly(MONDAY), ZONE)


async def test_of_two_who_change_a_series_at_once_nobody_doubles_an_occurrence(
    store: Store, draft: Draft, first: Meeting
) -> None:
    found = await held(store, first)

    async def to(day: dt.date, meeting: Meeting) -> object:
        moved = dataclasses.replace(draft, starts_at=at(day), ends_at=at(day, "09:30"))
        return await desk.change(store, ACTOR, meeting.id, 1, moved, "all", None, ZONE)

    results = await asyncio.gather(
        to(MONDAY + dt.timedelta(days=1), found[0]),
        to(MONDAY + WEEK + dt.timedelta(days=2), found[1]),
        return_exceptions=True,
    )
    failed = [one for one in results if isinstance(one, BaseException)]
    # Who came second looked at a meeting that has moved meanwhile.
    assert [type(one) for one in failed] == [Overtaken]
    assert days(await held(store, first)) in (
        "08/12 15/12 22/12 29/12 05/01",
        "09/12 16/12 23/12 30/12 06/01",
    )


async def test_where_somebody_is_taken_an_occurrence_waits_for_another_time(
    store: Store, draft: Draft
) -> None:
    other = dataclasses.replace(
        draft,
        title="Họp tỉnh",
        starts_at=at(MONDAY + WEEK),
        ends_at=at(MONDAY + WEEK, "10:00"),
        sites=("site-c", "site-b"),
        chair_site_id="site-c",
    )
    held_first = await meetings.schedule(store, ACTOR, "meeting-0", other)
    first = await desk.schedule(store, ACTOR, "meeting-1", draft, weekly(MONDAY, count=3), ZONE)
    found = await held(store, first)
    assert [one.status for one in found] == ["scheduled", "postponed", "scheduled"]
    assert "chờ xếp giờ mới" in found[1].status_reason
    await meetings.cancel(store, ACTOR, held_first.id, None, "Bão")
    waiting = found[1]
    span = waiting.starts_at, waiting.ends_at
    again = await meetings.move(store, ACTOR, waiting.id, 1, *span, "Đã trống")
    assert again.status == "scheduled"


async def test_who_changes_a_series_is_asked_about_their_own_occurrence(
    store: Store, draft: Draft, first: Meeting
) -> None:
    other = dataclasses.replace(draft, starts_at=at(MONDAY, "14:00"), ends_at=at(MONDAY, "15:00"))
    await meetings.schedule(store, ACTOR, "meeting-0", other)
    with pytest.raises(Clashing) as clashing:
        await desk.change(store, ACTOR, first.id, 1, other, "all", None, ZONE)
    seen = Override(seal_of(clashing.value.clashes), "Chung một cuộc")
    await desk.change(store, ACTOR, first.id, 1, other, "all", None, ZONE, override=seen)
    found = await held(store, first)
    assert {f"{one.starts_at.astimezone(ZONE):%H:%M} {one.status}" for one in found} == {
        "14:00 scheduled"
    }


@dataclasses.dataclass(frozen=True)
class TwoUnits:
    """A commune with a briefing of four Mondays, and a province above it."""

    upper: Actor
    lower: Actor
    draft: Draft
    meetings: list[Meeting]


@pytest.fixture
async def two_units(store: Store, country: Country) -> TwoUnits:
    actors = []
    for login, unit in (("tinh", country.province), ("xa", country.muong_cha)):
        clerk = Account(f"acc-{login}", login, "Lò Thị Thư", "secretary", unit)
        await store.accounts.add(clerk, "hash")
        actors.append(of_account(clerk, NOW, "192.0.2.1"))
    await store.sites.add_many([site(country.muong_cha, "x"), site(country.province, "h")])
    draft = draft_of(
        country.muong_cha, "commune", ("site-x", "site-h"), at(MONDAY), dt.timedelta(minutes=30)
    )
    first = await desk.schedule(store, actors[1], "meeting-1", draft, weekly(MONDAY, count=4), ZONE)
    return TwoUnits(actors[0], actors[1], draft, await held(store, first))


async def take_over(store: Store, two: TwoUnits, unit_id: str, scope: str) -> Meeting:
    """The province makes the second meeting its own, or that and those that follow."""
    found = two.meetings[1]
    draft = dataclasses.replace(
        Draft.of(found), title="Họp của tỉnh", host_unit_id=unit_id, chair_site_id="site-h"
    )
    if scope == "one":
        return await meetings.change(store, two.upper, found.id, found.version, draft)
    return await desk.change(
        store, two.upper, found.id, found.version, draft, "following", None, ZONE
    )


async def test_a_unit_ends_no_meeting_of_another_by_its_series(
    store: Store, country: Country, two_units: TwoUnits
) -> None:
    two, first = two_units, two_units.meetings[0]
    taken = await take_over(store, two, country.province, "one")
    one = await store.series.of_meeting(taken.id)
    assert one is not None
    assert one.state == "left"
    with pytest.raises(NotOfTheSeries):
        await desk.end(store, two.upper, taken.id, None, "all", "Bão", ZONE)
    noted = dataclasses.replace(Draft.of(first), note="Mang con dấu", chair_name="Ông Xã")
    await desk.change(store, two.lower, first.id, 1, noted, "all", None, ZONE)
    assert await store.meetings.get(taken.id) == taken
    await desk.end(store, two.lower, first.id, None, "all", "Xã dừng", ZONE)
    assert await store.meetings.get(taken.id) == taken
    after = await held(store, first)
    assert [meeting.status for meeting in after] == [
        "cancelled", "scheduled", "cancelled", "cancelled"
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["planned", "extra"])
async def test_a_meeting_that_was_taken_over_before_leaves_when_it_is_settled(
    store: Store, country: Country, two_units: TwoUnits, state: Any
) -> None:
    """Its row was written by a hub that knew of no leaving."""
    two, first = two_units, two_units.meetings[0]
    taken = await take_over(store, two, country.province, "one")
    one = await store.series.of_meeting(taken.id)
    assert one is not None
    async with store.work(HOUSE) as work:
        await work.series.put_occurrence(dataclasses.replace(one, state=state))
    await desk.end(store, two.lower, first.id, None, "all", "Xã dừng", ZONE)
    assert await store.meetings.get(taken.id) == taken


async def test_a_part_that_another_unit_hosts_is_changed_by_that_unit_alone(
    store: Store, country: Country, two_units: TwoUnits
) -> None:
    two, first = two_units, two_units.meetings[0]
    taken = await take_over(store, two, country.province, "following")
    before = await held(store, first)
    assert [one.host_unit_id for one in before] == [country.muong_cha, *[country.province] * 3]
    noted = dataclasses.replace(Draft.of(first), note="Mang con dấu")
    for scope in ("all", "following"):
        with pytest.raises(HostedElsewhere):
            await desk.change(store, two.lower, first.id, 1, noted, scope, None, ZONE)
        with pytest.raises(HostedElsewhere):
            await desk.end(store, two.lower, first.id, None, scope, "Xã dừng", ZONE)
    assert await held(store, first) == before
    await desk.end(store, two.upper, taken.id, None, "following", "Tỉnh dừng", ZONE)
    statuses = [one.status for one in await held(store, first)]
    assert statuses == ["scheduled", *["cancelled"] * 3]


async def test_a_higher_host_gives_no_way_to_who_took_its_room_unasked(
    store: Store, country: Country, two_units: TwoUnits
) -> None:
    """The commune's briefings hold the province's room, and its own."""
    two = two_units
    clerk, lower = two.upper, two.meetings
    alone = draft_of(
        country.province, "province", ("site-h", "site-k"), at(MONDAY - WEEK), dt.timedelta(hours=1)
    )
    await store.sites.add_many([site(country.province, "k")])
    first = await desk.schedule(
        store, clerk, "meeting-2", alone, weekly(MONDAY - WEEK, count=3), ZONE
    )
    made = await held(store, first)
    assert [one.status for one in made] == ["scheduled"] * 3
    told = await store.precedence.in_the_way(NOW, meeting_id=lower[0].id)
    assert [(one.kind, one.other_id) for one in told] == [("higher", made[1].id)]


async def test_a_higher_host_still_waits_for_rooms_that_are_not_its_own(
    store: Store, country: Country, two_units: TwoUnits
) -> None:
    """The commune holds its own room by right."""
    both = draft_of(
        country.province, "province", ("site-h", "site-x"), at(MONDAY - WEEK), dt.timedelta(hours=1)
    )
    first = await desk.schedule(
        store, two_units.upper, "meeting-2", both, weekly(MONDAY - WEEK, count=3), ZONE
    )
    statuses = [one.status for one in await held(store, first)]
    assert statuses == ["scheduled", "postponed", "postponed"]


async def test_no_series_is_put_off_for_a_technician_or_a_line_but_each_is_told(
    store: Store, country: Country, two_units: TwoUnits
) -> None:
    """The commune's briefings fill the province's line, and one cares for a site of each."""
    phone: dict[str, Any] = {"technician_name": "Lò Văn A", "technician_phone": "0912 345 678"}
    await store.sites.add_many([site(country.province, "k", streams=2, **phone)])
    (own,) = await store.sites.get_many(["site-x"])
    await store.sites.update(dataclasses.replace(own, **phone))
    begin = at(MONDAY - WEEK)
    alone = draft_of(country.province, "province", ("site-k",), begin, dt.timedelta(hours=1))
    lower = two_units.meetings
    wide = dataclasses.replace(two_units.draft, sites=("site-x", "site-y"), chair_site_id="site-x")
    await store.sites.add_many([site(country.muong_cha, "y")])
    await desk.change(store, two_units.lower, lower[0].id, 1, wide, "all", None, ZONE)
    weeks = weekly(MONDAY - WEEK, count=3)
    first = await desk.schedule(store, two_units.upper, "meeting-2", alone, weeks, ZONE)
    made = await held(store, first)
    assert [one.status for one in made] == ["scheduled"] * 3
    assert await shared_by(store, made[0], ZONE) == []
    for one, other in zip(made[1:], lower, strict=False):
        told = await shared_by(store, one, ZONE)
        assert {(row.kind, row.meeting_id, row.other_id) for row in told} == {
            ("shared", one.id, other.id)
        }
        kinds = {row.clash.need.resource.kind for row in told if row.clash is not None}
        assert kinds == {"technician", "line"}
    days = await clashes_by_day(store, alone, [MONDAY], ZONE, {one.id for one in made})
    assert {clash.need.resource.kind for clash in days[MONDAY]} == {"technician", "line"}
