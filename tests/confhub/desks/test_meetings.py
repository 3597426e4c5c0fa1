"""The schedule's use cases, over both databases."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import pytest

from confhub.desks import links
from confhub.desks import meetings as desk
from confhub.errors import Conflict, Gone, Unavailable
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.changes import NoMoreChanges, Overtaken
from confhub.meetings.meeting import Meeting
from confhub.meetings.overtime import REOPEN_WITHIN
from confhub.meetings.ownership import Fence, Hub
from confhub.meetings.schedule import Draft
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.store import LinkStore, Store
from tests.confhub.store.country import NOW, Country, draft_of, site
from tests.living_links import living_links
from tests.on_record import waiting

HOUR = dt.timedelta(hours=1)
SITES = ("site-a", "site-b")
HOUSE = Actor(NOW)
HANG_S = 60.0


def secretary(unit_id: str) -> Account:
    return Account("acc-1", "thuky", "Lò Thị Thư", "secretary", unit_id)


ACTOR = of_account(secretary(""), NOW, "192.0.2.1")


@pytest.fixture
async def draft(store: Store, country: Country) -> Draft:
    await store.sites.add_many([site(country.district, code) for code in ("a", "b")])
    await store.accounts.add(secretary(country.province), "hash")
    return draft_of(country.district, "district", SITES, NOW + HOUR, HOUR)


@pytest.fixture
async def planned(store: Store, draft: Draft) -> Meeting:
    return await desk.schedule(store, ACTOR, "meeting-1", draft)


@pytest.fixture
async def room(store: Store, planned: Meeting) -> Fence:
    """Held by this hub."""
    taken = await store.ownership.take(planned.id, Hub("hub-1", "aaaa"), 600.0)
    assert isinstance(taken, Fence)
    return taken


async def acts(store: Store) -> list[str]:
    """What is on record of the meeting, the first first; just that was told, in this order."""
    lines = [line.action for line in reversed(await store.audit.recent(99, "meeting-1"))]
    assert len(await waiting(store, NOW + HOUR)) == len(lines)
    return sorted(lines)


async def test_a_new_meeting_comes_with_links_record_and_news(
    store: Store, planned: Meeting
) -> None:
    assert await store.meetings.get(planned.id) == planned
    links = await living_links(store, planned.id)
    assert [link.site_id for link in links] == list(SITES)
    assert {link.expires_at for link in links} == {planned.ends_at + OPEN_AFTER_END}
    [line] = await store.audit.recent(9, planned.id)
    assert (line.action, line.account_id, line.address) == (
        "meeting.scheduled",
        "acc-1",
        "192.0.2.1",
    )
    [told] = await waiting(store, NOW)
    assert told.payload == {"meeting_id": planned.id, "what": "changed"}


async def test_a_meeting_whose_links_cannot_be_made_is_not_made_either(
    store: Store, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(LinkStore, "ensure", away)
        with pytest.raises(Unavailable):
            await desk.schedule(store, ACTOR, "meeting-1", draft)
    assert await acts(store) == []
    planned = await desk.schedule(store, ACTOR, "meeting-1", draft)
    assert len(await living_links(store, planned.id)) == len(SITES)


async def test_a_change_on_an_older_version_says_what_to_do(
    store: Store, planned: Meeting, draft: Draft
) -> None:
    other = dataclasses.replace(draft, title="Khác")
    await desk.change(store, ACTOR, planned.id, planned.version, other)
    with pytest.raises(Overtaken) as overtaken:
        await desk.cancel(store, ACTOR, planned.id, planned.version, "Bão")
    assert "Xin xem lại" in overtaken.value.message
    with pytest.raises(Overtaken):
        await desk.hold_over(store, ACTOR, planned.id, planned.version, "Bão")
    assert (await store.meetings.get(planned.id)).status == "scheduled"
    assert await acts(store) == ["meeting.changed", "meeting.scheduled"]


async def test_a_cancelled_meeting_is_not_ended_nor_an_ended_one_cancelled(
    store: Store, planned: Meeting, room: Fence
) -> None:
    await desk.cancel(store, ACTOR, planned.id, planned.version, "Bão")
    with pytest.raises(Conflict):
        await desk.end(store, HOUSE, room, "key-1")
    assert not await desk.start(store, HOUSE, room, "key-2")
    async with store.work(HOUSE) as work:
        assert not await desk.end_forgotten(work, planned.id)
    stored = await store.meetings.get(planned.id)
    assert (stored.status, stored.status_reason) == ("cancelled", "Bão")
    assert await acts(store) == ["meeting.cancelled", "meeting.scheduled"]


async def test_an_end_keeps_the_meeting_from_being_cancelled(
    store: Store, planned: Meeting, room: Fence
) -> None:
    assert await desk.start(store, HOUSE, room, "key-1")
    await desk.end(store, HOUSE, room, "key-2")
    with pytest.raises(NoMoreChanges):
        await desk.cancel(store, ACTOR, planned.id, None, "Bão")
    assert (await store.meetings.get(planned.id)).status == "ended"


async def test_of_a_cancel_and_an_end_at_once_one_is_done(
    store: Store, planned: Meeting, room: Fence
) -> None:
    await desk.start(store, HOUSE, room, "key-1")
    async with asyncio.timeout(HANG_S):
        done = await asyncio.gather(
            desk.cancel(store, ACTOR, planned.id, None, "Bão"),
            desk.end(store, HOUSE, room, "key-2"),
            return_exceptions=True,
        )
    assert [isinstance(one, NoMoreChanges | Conflict) for one in done].count(True) == 1
    stored = await store.meetings.get(planned.id)
    won = "cancelled" if isinstance(done[1], Conflict) else "ended"
    assert stored.status == won
    assert await acts(store) == sorted(["meeting.scheduled", "meeting.live", f"meeting.{won}"])


async def test_a_start_and_an_end_that_are_tried_again_are_on_record_once(
    store: Store, planned: Meeting, room: Fence
) -> None:
    for _ in range(2):
        assert await desk.start(store, HOUSE, room, "key-1")
    for _ in range(2):
        await desk.end(store, HOUSE, room, "key-2")
    await desk.end(store, HOUSE, room, "key-3")
    assert await acts(store) == ["meeting.ended", "meeting.live", "meeting.scheduled"]


async def test_links_follow_a_meeting_that_moves_or_is_made_longer(
    store: Store, planned: Meeting
) -> None:
    before = [link.id for link in await living_links(store, planned.id)]
    start, finish = planned.starts_at + HOUR, planned.ends_at + HOUR
    held = await desk.hold_over(store, ACTOR, planned.id, planned.version, "Bão")
    moved = await desk.move(store, ACTOR, planned.id, held.version, start, finish, "Bão tan")
    assert (moved.status, moved.postponed_from) == ("scheduled", planned.starts_at)
    longer = await desk.extend(store, ACTOR, planned.id, 15)
    after = await living_links(store, planned.id)
    assert [link.id for link in after] == before
    assert {link.expires_at for link in after} == {longer.ends_at + OPEN_AFTER_END}


async def test_a_later_end_that_is_asked_for_again_is_the_same_one(
    store: Store, planned: Meeting
) -> None:
    seen = planned.ends_at
    longer = await desk.extend(store, ACTOR, planned.id, 15, seen)
    assert longer.ends_at == seen + dt.timedelta(minutes=15)
    assert await desk.extend(store, ACTOR, planned.id, 15, seen) == longer
    for other, minutes in ((ACTOR, 30), (HOUSE, 15)):  # another step; somebody else's
        with pytest.raises(Overtaken):
            await desk.extend(store, other, planned.id, minutes, seen)
    assert (await acts(store)).count("meeting.extended") == 1
    await desk.extend(store, ACTOR, planned.id, 15, longer.ends_at)
    await desk.extend(store, ACTOR, planned.id, 15)  # a page from before says no end
    assert (await acts(store)).count("meeting.extended") == 3


async def test_a_link_that_is_renewed_or_revoked_again_stays_as_it_became(
    store: Store, planned: Meeting
) -> None:
    old = (await living_links(store, planned.id))[0]
    new = await links.renew(store, ACTOR, planned.id, old.id)
    assert await links.renew(store, ACTOR, planned.id, old.id) == new
    with pytest.raises(Gone):  # somebody else learns that the link is another one by now
        await links.renew(store, HOUSE, planned.id, old.id)
    revoked = await links.revoke(store, ACTOR, planned.id, new.id)
    assert await links.revoke(store, ACTOR, planned.id, new.id) == revoked
    lines = await acts(store)
    assert [lines.count(f"link.{act}") for act in ("renewed", "revoked")] == [1, 1]


async def test_an_end_is_taken_back_by_its_record(
    store: Store, planned: Meeting, room: Fence
) -> None:
    await desk.start(store, HOUSE, room, "key-1")
    await desk.end(store, HOUSE, room, "key-2")
    late = dataclasses.replace(ACTOR, now=NOW + HOUR)
    with pytest.raises(Conflict):
        await desk.reopen(store, late, planned.id)
    over = await store.meetings.get(planned.id)
    assert await desk.reopenable(store, over, late.now) is None
    assert await desk.reopenable(store, over, NOW) == NOW + REOPEN_WITHIN
    with pytest.raises(Overtaken):
        await desk.reopen(store, ACTOR, planned.id, over.version - 1)
    soon = dataclasses.replace(ACTOR, now=NOW + dt.timedelta(minutes=1))
    live = await desk.reopen(store, soon, planned.id, over.version)
    assert live.status == "live"
    assert await desk.reopen(store, soon, planned.id, over.version) == live
    with pytest.raises(Conflict):
        await desk.reopen(store, HOUSE, planned.id)
    assert await desk.reopenable(store, live, NOW) is None
    assert (await acts(store)).count("meeting.reopened") == 1
