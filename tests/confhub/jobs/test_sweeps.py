"""What is kept long enough is forgotten, a piece at a time, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from confhub.answers.answer import By, answered
from confhub.answers.given import Attendee, Given
from confhub.config import Settings
from confhub.jobs import sweeps
from confhub.jobs.runner import Runner
from confhub.mail.replies import MailReply
from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence, Hub
from confhub.meetings.room_event import RoomEvent
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.store import tables as t
from confhub.trail.check import FORGOTTEN
from tests.confhub.store.country import NOW, Country, meeting, site
from tests.living_links import living_links
from tests.on_record import room_events, waiting

DAY = dt.timedelta(days=1)
KEPT = Settings(audit_days=30, attendance_days=30, room_log_days=30, link_days=30)


async def sweep(store: Store, now: dt.datetime, settings: Settings = KEPT) -> None:
    runner = Runner(store, sweeps.sweeps(settings), lambda: now, "hub-1")
    await runner._plan()
    while await runner.do_next():
        pass


async def test_old_audit_lines_go_piece_by_piece(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "PIECE", 3)
    for day in range(10):
        await store.audit.write("act", subject=str(day), at=NOW + day * DAY)
    async with store.work(Actor(NOW)) as work:
        await work.seals.seal(NOW + 10 * DAY, 99)
    await sweep(store, NOW + 37.5 * DAY)
    acts = await store.audit.recent(99)
    assert [entry.subject for entry in acts if entry.action == "act"] == ["9", "8"]
    # 3, 3 and 2 of them; the rest is still chained to what went.
    assert [entry.action for entry in acts].count(FORGOTTEN) == 3
    assert (await store.seals.check()).is_whole


async def test_old_stays_go_and_open_ones_stay(store: Store, country: Country) -> None:
    await store.sites.add(site(country.district, "a"))
    await store.meetings.add(meeting(country.district, ("site-a",)))
    fence = await store.ownership.take("meeting-1", Hub("hub-1", "boot"), 60.0)
    assert isinstance(fence, Fence)
    for member, left in (("old", NOW), ("young", NOW + 20 * DAY)):
        await store.rooms.joined(fence, Attendance("meeting-1", member, NOW))
        await store.rooms.left(fence, member, left, "left")
    await store.rooms.joined(fence, Attendance("meeting-1", "inside", NOW))
    await sweep(store, NOW + 31 * DAY)
    stays = await store.rooms.attendance("meeting-1")
    assert [stay.member_id for stay in stays] == ["inside", "young"]


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
async def test_names_and_mails_go_with_a_meeting_long_over_and_what_was_answered_stays(
    store: Store, country: Country, monkeypatch: pytest.MonkeyPatch, days: int, kept: bool
) -> None:
    monkeypatch.setattr(sweeps, "PIECE", 3)
    await store.sites.add(site(country.district, "a"))
    planned = meeting(country.district, ("site-a",), status="ended")
    await store.meetings.add(planned)
    people = tuple(Attendee(f"Lò Thị Mai {number}") for number in range(7))
    given = Given("declined", people, "Quàng Văn Sơn", "0912 345 678", remark="Ốm")
    await store.answers.put(answered(None, planned, "site-a", given, By("link"), NOW))
    reply = MailReply("r1", "1" * 64, planned.id, "site-a", "words", "open", NOW, remark="Ốm")
    await store.replies.add(reply)
    await sweep(store, planned.ends_at + days * DAY)
    stands = await store.answers.find(planned.id, "site-a")
    assert stands is not None
    assert stands.given == (given if kept else Given("declined"))
    assert await store.replies.is_known(reply.digest) is kept


@pytest.mark.parametrize(
    ("status", "days", "living"),
    [("ended", 29, 1), ("ended", 31, 0), ("cancelled", 31, 0), ("postponed", 31, 1)],
)
async def test_links_of_meetings_long_over_open_nothing(
    store: Store, country: Country, status: str, days: int, living: int
) -> None:
    await store.sites.add(site(country.district, "a"))
    planned = meeting(country.district, ("site-a",), status=status)
    await store.meetings.add(planned)
    await store.links.ensure(planned, planned.ends_at)
    now = planned.ends_at + days * DAY
    await sweep(store, now)
    assert len(await living_links(store, planned.id)) == living


async def test_what_is_to_be_kept_for_ever_is_kept(store: Store) -> None:
    await store.audit.write("act", at=NOW)
    await sweep(store, NOW + 36_500 * DAY, Settings())
    assert len(await store.audit.recent(9)) == 1


async def test_settled_jobs_and_news_go_and_waiting_ones_stay(store: Store) -> None:
    async with store.work(Actor(NOW)) as work:
        await work.tell("meetings", {"meeting_id": "m1"})
        await work.tell("meetings", {"meeting_id": "m2"})
    first = (await store.outbox.claim(["meetings"], NOW, NOW + DAY, 1))[0]
    await store.outbox.delivered(first, NOW)
    for name in ("done", "waiting"):
        await store.jobs.add(name, name, {}, NOW, None)
    claim = await store.jobs.claim(["done"], NOW, NOW + DAY, "hub-1")
    assert claim is not None
    await store.jobs.finish(claim, NOW)
    await sweep(store, NOW + 8 * DAY)
    assert [told.payload for told in await waiting(store, NOW + 8 * DAY)] == [{"meeting_id": "m2"}]
    # One that is done and not forgotten would not be made again.
    await store.jobs.add("done", "done", {}, NOW, None)
    assert await store.jobs.claim(["done"], NOW + DAY, NOW + 2 * DAY, "hub-1") is not None
    assert await store.jobs.claim(["waiting"], NOW + DAY, NOW + 2 * DAY, "hub-1") is not None


@pytest.mark.parametrize(
    ("status", "days", "kept"),
    [("ended", 29, 7), ("ended", 31, 0), ("cancelled", 31, 0), ("live", 31, 7)],
)
async def test_the_log_of_a_room_goes_with_a_meeting_long_over(
    store: Store,
    country: Country,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    days: int,
    kept: int,
) -> None:
    monkeypatch.setattr(sweeps, "PIECE", 3)
    await store.sites.add(site(country.district, "a"))
    planned = meeting(country.district, ("site-a",), status=status)
    await store.meetings.add(planned)
    fence = await store.ownership.take(planned.id, Hub("hub-1", "boot"), 60.0)
    assert isinstance(fence, Fence)
    for seq in range(1, 8):
        await store.rooms.log(RoomEvent(planned.id, fence.epoch, seq, NOW, "hand", {"by": "s-a"}))
    await sweep(store, planned.ends_at + days * DAY)
    assert len(await room_events(store, planned.id)) == kept


async def test_hubs_that_are_gone_for_long_are_forgotten_and_hold_nothing(
    store: Store, country: Country
) -> None:
    await store.sites.add(site(country.district, "a"))
    await store.meetings.add(meeting(country.district, ("site-a",)))
    gone, here = Hub("hub-1", "gone"), Hub("hub-1", "here")
    assert isinstance(await store.ownership.take("meeting-1", gone, 0.0), Fence)
    await store.ownership.renew(here, 3600.0)
    now = dt.datetime.now(dt.UTC)
    await sweep(store, now + 6 * DAY, Settings())
    assert await known(store) == {gone.id, here.id}
    await store.ownership.renew(here, 30 * DAY.total_seconds())
    await sweep(store, now + 8 * DAY, Settings())
    assert await known(store) == {here.id}
    # It wakes up after all: the room is not its own any more.
    assert await store.ownership.renew(gone, 60.0) == {}
    assert await store.ownership.take("meeting-1", here, 60.0) == Fence("meeting-1", 2)


async def known(store: Store) -> set[str]:
    async with store._database.read() as connection:
        return set(await connection.scalars(select(t.hub.c.id)))
