"""A meeting in several sittings through its use cases and its job, over both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from confhub.answers.given import Given
from confhub.desks import meetings as desk
from confhub.desks.answers import giving
from confhub.desks.mail.about import letter_about
from confhub.desks.planning import series as series_desk
from confhub.desks.planning.clashes import clashes_of
from confhub.desks.planning.slots import slots_of
from confhub.errors import Conflict, FieldErrors
from confhub.jobs.overruns import is_over
from confhub.meetings.admission import check_open, sitting_at
from confhub.meetings.calendar import Wanted, Within, edges
from confhub.meetings.meeting import Meeting
from confhub.meetings.overtime import REOPEN_WITHIN
from confhub.meetings.ownership import Fence, Hub
from confhub.meetings.schedule import Draft
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.planning.conflicts import Clashing
from confhub.planning.recurrence import Rule
from confhub.planning.series import SittingsInSeries
from confhub.store import Store
from tests.confhub.meetings.sittings import MONDAY, ZONE, at, sittings_on
from tests.confhub.store.country import Country, draft_of, site
from tests.living_links import living_links

NOW = at(-10, 9)
HOUR = dt.timedelta(hours=1)
SITES = ("site-a", "site-b")
HOUSE = Actor(NOW)


def actor(now: dt.datetime = NOW) -> Actor:
    return of_account(Account("acc-1", "thuky", "Lò Thị Thư", "secretary", ""), now, "192.0.2.1")


def over_days(draft: Draft, *days: int) -> Draft:
    sittings = sittings_on(*days)
    span = sittings[0].starts_at, sittings[-1].ends_at
    return dataclasses.replace(draft, starts_at=span[0], ends_at=span[1], sittings=sittings)


@pytest.fixture
async def draft(store: Store, country: Country) -> Draft:
    await store.sites.add_many([site(country.cha_nua, code) for code in ("a", "b")])
    secretary = Account("acc-1", "thuky", "Lò Thị Thư", "secretary", country.province)
    await store.accounts.add(secretary, "hash")
    return draft_of(country.province, "province", SITES, at(0, 8), HOUR)


@pytest.fixture
async def council(store: Store, draft: Draft) -> Meeting:
    return await desk.schedule(store, actor(), "meeting-1", over_days(draft, 0, 1, 2))


async def room_of(store: Store, boot: str) -> Fence:
    taken = await store.ownership.take("meeting-1", Hub("hub-1", boot), 600.0)
    assert isinstance(taken, Fence)
    return taken


async def test_it_is_one_meeting_with_one_link_for_each_site(
    store: Store, council: Meeting
) -> None:
    assert await store.meetings.get("meeting-1") == council
    assert len(await living_links(store, "meeting-1")) == len(SITES)


async def test_between_its_sittings_others_meet(
    store: Store, council: Meeting, draft: Draft
) -> None:
    night = dataclasses.replace(draft, starts_at=at(0, 18), ends_at=at(0, 20))
    assert await clashes_of(store, night, ZONE) == []
    await desk.schedule(store, actor(), "meeting-2", night)
    second = dataclasses.replace(draft, starts_at=at(1, 16), ends_at=at(1, 18))
    with pytest.raises(Clashing) as found:
        await desk.schedule(store, actor(), "meeting-3", second)
    assert {clash.holder.starts_at for clash in found.value.clashes} == {at(1, 14)}


async def test_a_sitting_on_a_taken_day_clashes(
    store: Store, council: Meeting, draft: Draft
) -> None:
    with pytest.raises(Clashing) as found:
        await desk.schedule(store, actor(), "meeting-2", over_days(draft, 2, 3))
    assert {clash.starts_at for clash in found.value.clashes} == {at(2, 8), at(2, 14)}


async def test_free_days_are_proposed_for_all_sittings(
    store: Store, council: Meeting, draft: Draft
) -> None:
    found = await slots_of(store, over_days(draft, 0, 1), "", at(0, 7), ZONE)
    assert [slot.starts_at for slot in found] == [at(3, 8), at(7, 8), at(8, 8)]


async def test_a_day_is_held_ended_and_the_next_one_begins(store: Store, council: Meeting) -> None:
    room = await room_of(store, "aaaa")
    assert await desk.start(store, HOUSE, room, "key-1")
    await desk.end(store, Actor(at(0, 17)), room, "key-2")
    between = await store.meetings.get("meeting-1")
    assert between.status == "scheduled"
    assert [one.is_over for one in between.all_sittings[:3]] == [True, True, False]
    assert await desk.start(store, HOUSE, await room_of(store, "aaaa"), "key-3")
    assert (await store.meetings.get("meeting-1")).status == "live"
    acts = [line.action for line in await store.audit.recent(9, "meeting-1")]
    assert sorted(acts)[-2:] == ["meeting.scheduled", "meeting.sitting_ended"]
    assert len(await living_links(store, "meeting-1")) == len(SITES)


async def test_the_end_of_a_sitting_is_taken_back(store: Store, council: Meeting) -> None:
    room, end = await room_of(store, "aaaa"), at(0, 15)
    await desk.start(store, HOUSE, room, "key-1")
    await desk.end(store, Actor(end), room, "key-2")
    between = await store.meetings.get("meeting-1")
    soon, late = end + dt.timedelta(minutes=2), end + dt.timedelta(minutes=6)
    assert await desk.reopenable(store, between, soon) == end + REOPEN_WITHIN
    assert await desk.reopenable(store, between, late) is None
    with pytest.raises(Conflict):
        await desk.reopen(store, actor(late), "meeting-1")
    live = await desk.reopen(store, actor(soon), "meeting-1", between.version)
    assert (live.status, sitting_at(live, soon).starts_at) == ("live", at(0, 14))
    check_open(live, soon, early_min=30, zone=ZONE)
    assert await desk.reopen(store, actor(soon), "meeting-1", between.version) == live
    await desk.end(store, Actor(at(0, 17)), room, "key-3")
    again = await store.meetings.get("meeting-1")
    assert [one.is_over for one in again.all_sittings[:3]] == [True, True, False]


async def test_a_day_that_nobody_ended_ends_by_itself(store: Store, council: Meeting) -> None:
    await desk.start(store, HOUSE, await room_of(store, "aaaa"), "key-1")
    live = await store.meetings.get("meeting-1")
    assert [one.id for one in await store.meetings.live_past(at(0, 17))] == ["meeting-1"]
    empty = {"is_held": False, "is_site_inside": False}
    assert not is_over(live, at(0, 18, 59), **empty)
    assert is_over(live, at(0, 19), **empty)
    async with store.work(Actor(at(0, 19))) as work:
        assert await desk.end_forgotten(work, "meeting-1")
    assert (await store.meetings.get("meeting-1")).status == "scheduled"


@pytest.mark.parametrize("days", [(0,), ()], ids=["two left", "one left"])
async def test_without_the_days_ahead_it_has_ended(
    store: Store, council: Meeting, draft: Draft, days: tuple[int, ...]
) -> None:
    room = await room_of(store, "aaaa")
    await desk.start(store, HOUSE, room, "key-1")
    await desk.end(store, Actor(at(0, 17)), room, "key-2")
    meeting = await store.meetings.get("meeting-1")
    left = over_days(draft, 0)
    if not days:
        first = left.sittings[0]
        left = dataclasses.replace(left, ends_at=first.ends_at, sittings=())
    await desk.change(store, actor(at(0, 18)), "meeting-1", meeting.version, left)
    assert (await store.meetings.get("meeting-1")).status == "ended"


async def test_a_later_letter_says_when_the_doors_open_next(store: Store, council: Meeting) -> None:
    said: Any = {"letter_id": "letter-1", "origin": "", "early_min": 30}
    async with store.work(Actor(at(0, 18))) as work:
        assert (await letter_about(work, council, at(0, 18), **said)).opens_at == at(1, 7, 30)
        assert (await letter_about(work, council, NOW, **said)).opens_at == at(0, 7, 30)
        # As the door does, not before the middle of a break.
        early: dict[str, Any] = {**said, "early_min": 170}
        found = await letter_about(work, council, at(0, 11, 30), **early)
        assert found.opens_at == at(0, 12, 30)


async def test_all_move_together_and_a_day_alone_by_the_form(
    store: Store, council: Meeting, draft: Draft
) -> None:
    moved = await desk.move(
        store, actor(), "meeting-1", council.version, at(7, 8), at(7, 11), "Bão"
    )
    assert moved.hours[-1] == (at(9, 14), at(9, 17))
    changed = await desk.change(
        store, actor(), "meeting-1", moved.version, over_days(draft, 7, 8, 10)
    )
    assert changed.hours[-1] == (at(10, 14), at(10, 17))
    line = (await store.audit.recent(1, "meeting-1"))[0]
    assert len(line.changes["sittings"][1]) == 6


async def test_the_calendar_has_it_on_its_days_only(
    store: Store, draft: Draft, country: Country
) -> None:
    await desk.schedule(store, actor(), "meeting-1", over_days(draft, 0, 2))
    wanted = Wanted(seen=(Within(country.province),), on=MONDAY, now=NOW)
    days = [edges(MONDAY + dt.timedelta(days=n), ZONE) for n in range(4)]
    assert [one.total for one in await store.calendar.days(days, wanted, 9)] == [1, 0, 1, 0]
    week = await store.calendar.page(at(2, 0), at(3, 0), wanted, 0, 9)
    assert [one.meeting.id for one in week.meetings] == ["meeting-1"]


async def test_a_series_has_no_sittings(store: Store, draft: Draft) -> None:
    rule = Rule("week", MONDAY, count=3, weekdays=(0,))
    with pytest.raises(SittingsInSeries):
        await series_desk.schedule(store, actor(), "meeting-1", over_days(draft, 0, 1), rule, ZONE)
    first = await series_desk.schedule(store, actor(), "meeting-1", draft, rule, ZONE)
    assert first is not None
    stored = await store.meetings.get("meeting-1")
    with pytest.raises(FieldErrors):
        await desk.change(store, actor(), stored.id, stored.version, over_days(draft, 0, 1))


async def test_sites_answer_again_where_another_day_than_the_first_changes(
    store: Store, council: Meeting, draft: Draft
) -> None:
    given, by = Given("attending"), Actor(NOW)

    async def waits() -> list[dt.datetime]:
        found = await store.answers.wanted(["site-b"], NOW, at(9, 0), 9)
        return [one.starts_at for one in found]

    assert await waits() == [at(0, 8)]
    await giving.answer(store, HOUSE, "meeting-1", "site-b", 0, given)
    first = await store.answers.find("meeting-1", "site-b")
    assert first is not None
    assert first.sittings == council.sittings
    assert await waits() == []
    due = await store.deadlines.find("meeting-1")
    changed = await desk.change(store, actor(), "meeting-1", 1, over_days(draft, 0, 1, 4))
    assert not first.is_for(changed)
    assert await waits() == [at(0, 8)]
    found = await store.deadlines.find("meeting-1")
    assert found is not None
    assert due is not None
    assert (found.due_at, found.sittings) == (due.due_at, changed.sittings)
    room = await room_of(store, "aaaa")
    assert await desk.start(store, by, room, "key-1")
    await desk.end(store, Actor(at(0, 17)), room, "key-2")
    await giving.answer(store, Actor(at(0, 18)), "meeting-1", "site-b", 1, given)
    between = await store.meetings.get("meeting-1")
    evening = dataclasses.replace(actor(), now=at(0, 18))
    span = at(2, 8), at(2, 11)
    moved = await desk.move(store, evening, "meeting-1", between.version, *span, "Bão")
    again = await store.answers.wanted(["site-b"], at(0, 18), at(9, 0), 9)
    assert [one.starts_at for one in again] == [at(2, 8)]
    later = await store.deadlines.find("meeting-1")
    assert later is not None
    assert at(0, 18) < later.due_at < at(2, 8)
    assert later.starts_at == moved.starts_at == at(0, 8)
