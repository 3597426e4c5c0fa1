"""A use case's transaction: all or nothing, once, also where the answer to its commit is lost."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from confhub.bus.news import MeetingNews
from confhub.errors import Conflict, Unavailable
from confhub.meetings.meeting import Attendance, Meeting
from confhub.meetings.ownership import Fence, Hub
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.store import AuditEntry, Store, Work
from tests.confhub.store.country import NOW, Country, found_country, meeting, site
from tests.confhub.store.lost_answers import CommitLine
from tests.living_links import living_links
from tests.on_record import waiting

SITES = ("site-a", "site-b")
SECRETARY = Account("acc-1", "thuky", "Lò Thị Thư", "secretary", "unit")
ACTOR = of_account(SECRETARY, NOW, "192.0.2.1")
HANG_S = 60.0
Scheduling = Callable[[Store, Meeting], Awaitable[bool]]


@pytest.fixture
async def planned(store: Store, country: Country) -> Meeting:
    """A meeting that is not in the store yet, of sites that are."""
    await store.sites.add_many([site(country.district, code) for code in ("a", "b")])
    return meeting(country.district, SITES)


async def schedule(store: Store, planned: Meeting, key: str | None = None) -> bool:
    """As a use case does; False if it was done before."""
    async with store.work(ACTOR, key) as work:
        if work.done:
            return False
        await _write(work, planned)
    return True


async def schedule_aside(store: Store, planned: Meeting) -> bool:
    """As a use case of thousands of rows does."""

    async def write(work: Work) -> bool:
        await _write(work, planned)
        return True

    return await store.work_aside(ACTOR, write)


async def _write(work: Work, planned: Meeting) -> None:
    await work.meetings.add(planned)
    await work.links.ensure(planned, planned.ends_at)
    await work.audit("meeting.scheduled", subject=planned.id, detail=planned.title)
    await work.tell("meetings", MeetingNews(planned.id, "changed"))


async def assert_scheduled_once(store: Store, planned: Meeting) -> None:
    assert await store.meetings.get(planned.id) == planned
    assert [link.site_id for link in await living_links(store, planned.id)] == list(SITES)
    line = AuditEntry(
        NOW, "acc-1", "meeting.scheduled", planned.id, planned.title, address="192.0.2.1"
    )
    assert await store.audit.recent(9, planned.id) == [line]
    (told,) = await waiting(store, NOW)
    assert (told.topic, told.made_at) == ("meetings", NOW)
    assert msgspec.convert(told.payload, MeetingNews) == MeetingNews(planned.id, "changed")


async def assert_nothing_is_stored(store: Store) -> None:
    assert await store.meetings.live_past(NOW) == []
    assert await store.audit.recent(9) == []
    assert await waiting(store, NOW) == []


async def test_a_change_its_record_and_what_it_tells_are_stored_together(
    store: Store, planned: Meeting
) -> None:
    assert await schedule(store, planned)
    await assert_scheduled_once(store, planned)


async def test_done_under_a_key_is_what_was_sent_by_who_sent_it(store: Store) -> None:
    async def done(sent: object, actor: Actor = ACTOR) -> bool:
        async with store.work(actor, "key-1", sent=sent) as work:
            if not work.done:
                await work.audit("meeting.scheduled")
            return work.done

    assert not await done(("một", NOW))
    assert await done(("một", NOW))
    assert await done(("một", NOW), dataclasses.replace(ACTOR, now=NOW + dt.timedelta(hours=1)))
    assert not await done(("hai", NOW))
    assert not await done(("một", NOW), Actor(NOW, account_id="acc-2"))
    assert len(await store.audit.recent(9)) == 3


async def test_nothing_of_a_work_that_fails_is_stored(store: Store, planned: Meeting) -> None:
    async def fail_last() -> None:
        async with store.work(ACTOR) as work:
            await work.meetings.add(planned)
            await work.audit("meeting.scheduled", subject=planned.id)
            await work.tell("meetings", MeetingNews(planned.id, "changed"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail_last()
    await assert_nothing_is_stored(store)
    assert await schedule(store, planned)


async def test_a_work_sees_what_it_changed_and_others_only_when_it_is_through(
    store: Store, planned: Meeting
) -> None:
    async with store.work(ACTOR) as work:
        await work.meetings.add(planned)
        assert (await work.meetings.get(planned.id)).title == planned.title
        assert await store.meetings.between(planned.starts_at, planned.ends_at) == []
    assert await store.meetings.get(planned.id) == planned


async def test_a_work_that_goes_on_after_its_failure_stores_nothing(
    store: Store, planned: Meeting
) -> None:
    await schedule(store, planned)
    other = dataclasses.replace(planned, title="Khác")

    async def go_on() -> None:
        async with store.work(ACTOR) as work:
            await work.audit("meeting.changed", subject=planned.id)
            with pytest.raises(Conflict):
                await work.meetings.add(other)

    with pytest.raises((RuntimeError, Unavailable)):
        await go_on()
    await assert_scheduled_once(store, planned)


async def test_a_work_done_twice_under_one_key_is_done_once(store: Store, planned: Meeting) -> None:
    assert await schedule(store, planned, "key-1")
    assert not await schedule(store, planned, "key-1")
    await assert_scheduled_once(store, planned)


async def test_of_works_at_once_under_one_key_one_is_done(store: Store, planned: Meeting) -> None:
    async with asyncio.timeout(HANG_S):
        done = await asyncio.gather(*(schedule(store, planned, "key-1") for _ in range(4)))
    assert sorted(done) == [False, False, False, True]
    await assert_scheduled_once(store, planned)


async def test_who_delivers_is_woken_by_what_is_told_only(store: Store, planned: Meeting) -> None:
    woken: list[bool] = []
    store.on_told(lambda: woken.append(True))
    async with store.work(Actor(NOW)) as work:
        await work.audit("house.kept")
    assert woken == []
    await schedule(store, planned)
    assert woken == [True]


# The answer to a commit is lost -------------------------------------------------------------


@pytest.fixture
async def planned_far(far: Store) -> Meeting:
    country = await found_country(far)
    await far.sites.add_many([site(country.district, code) for code in ("a", "b")])
    return meeting(country.district, SITES)


either = pytest.mark.parametrize("how", [schedule, schedule_aside])


@either
async def test_a_commit_whose_answer_is_lost_is_found(
    far: Store, line: CommitLine, planned_far: Meeting, how: Scheduling
) -> None:
    line.lose_answer()
    assert await how(far, planned_far)
    assert line.broken == 1
    await assert_scheduled_once(far, planned_far)


@either
async def test_a_commit_that_never_arrived_is_said_to_have_failed(
    far: Store, line: CommitLine, planned_far: Meeting, how: Scheduling
) -> None:
    line.lose_commit()
    with pytest.raises(Unavailable):
        await how(far, planned_far)
    assert line.broken == 1
    await assert_nothing_is_stored(far)
    assert await how(far, planned_far)
    await assert_scheduled_once(far, planned_far)


async def test_a_commit_aside_is_left_open_only_while_the_database_is_away(
    far: Store, line: CommitLine, planned_far: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confhub.store.database.database.RESOLVE_WITHIN_S", 0.5)
    line.lose_answer(stays_down=True)
    with pytest.raises(Unavailable):
        await schedule_aside(far, planned_far)
    line.mend()
    await assert_scheduled_once(far, planned_far)


async def test_who_tries_again_after_a_lost_answer_finds_the_work_done(
    far: Store, line: CommitLine, planned_far: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confhub.store.database.database.RESOLVE_WITHIN_S", 0.5)
    line.lose_answer(stays_down=True)
    with pytest.raises(Unavailable):
        await schedule(far, planned_far, "key-1")
    line.mend()
    assert not await schedule(far, planned_far, "key-1")
    await assert_scheduled_once(far, planned_far)


async def test_a_stay_whose_answer_is_lost_is_found_by_its_second_try(
    far: Store, line: CommitLine, planned_far: Meeting
) -> None:
    await far.meetings.add(planned_far)
    fence = await far.ownership.take(planned_far.id, Hub("hub-1", "aaaa"), 600.0)
    assert isinstance(fence, Fence)
    stay = Attendance(planned_far.id, "s-a", NOW)
    line.lose_answer()
    with pytest.raises(Unavailable):
        await far.rooms.joined(fence, stay)
    await far.rooms.joined(fence, stay)
    assert await far.rooms.attendance(planned_far.id) == [stay]
