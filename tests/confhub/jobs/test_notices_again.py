"""Notices that went in one mail of which nobody heard what became go again in one, and what is not
told is not on record as told."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from email import message_from_bytes, policy

from confhub.desks import meetings
from confhub.desks.planning import series
from confhub.mail.notice import Notice
from confhub.planning.recurrence import Rule as Recurrence
from tests.confhub.desks.test_agreements import HOUR, SITES, STARTS, ZONE, House
from tests.confhub.jobs.test_notices import ONE, TWO, Post, house, post
from tests.confhub.store.country import draft_of
from tests.waiting import until

__all__ = ["house", "post"]


async def ask_four(house: House) -> list[str]:
    weekly = Recurrence("week", STARTS.date(), weekdays=(STARTS.weekday(),), count=4)
    draft = draft_of(house.host, "commune", SITES, STARTS, HOUR)
    await series.schedule(house.store, house.secretary, "meeting-1", draft, weekly, ZONE)
    found, _ = await house.store.agreements.of_centres([house.centre], house.now, 0, 10)
    return [one.meeting.id for one in found]


async def told_of(house: House, meetings: Sequence[str]) -> list[Notice]:
    return [one for id_ in meetings for one in await house.store.notices.of_meeting(id_)]


def marks(post: Post) -> set[str]:
    return {message_from_bytes(data, policy=policy.default)["Message-ID"] for _, data in post.last}


async def test_a_mail_that_may_have_arrived_is_repeated_as_one(house: House, post: Post) -> None:
    asked = await ask_four(house)
    post.box.cuts = ["after", "after"]
    assert [to for to, _ in await post.come()] == [ONE, TWO]
    before = marks(post)
    assert [to for to, _ in await post.come(house.now + HOUR)] == [ONE, TWO]
    assert post.text(ONE).count("Giao ban") == 4
    assert marks(post) == before
    assert {one.state for one in await told_of(house, asked)} == {"sent"}


async def test_a_hub_that_stops_while_a_mail_goes_repeats_one(house: House, post: Post) -> None:
    asked = await ask_four(house)
    house.now += dt.timedelta(minutes=1)
    await post.plan()
    house.now += dt.timedelta(minutes=1)
    post.box.holds = asyncio.Event()
    going = asyncio.create_task(post.postman.send_next())

    async def has_come() -> bool:
        return bool(post.box.mails)

    await until(has_come)
    going.cancel()
    await asyncio.wait([going])
    post.box.holds.set()
    post.box.mails.clear()
    assert [to for to, _ in await post.come(house.now + HOUR)] == [ONE, TWO]
    assert {one.state for one in await told_of(house, asked)} == {"sent"}


async def test_what_the_mail_leaves_out_is_not_told(house: House, post: Post) -> None:
    asked = await ask_four(house)
    house.now += dt.timedelta(minutes=1)
    await post.plan()
    by_account: dict[str, list[Notice]] = {}
    for one in await told_of(house, asked):
        by_account.setdefault(one.account_id, []).append(one)
    heads = {min(mine, key=lambda one: (one.next_at, one.id)).id for mine in by_account.values()}
    found = {id_: await house.store.notices.of_meeting(id_) for id_ in asked}
    off = next(id_ for id_, all_ in found.items() if not heads & {one.id for one in all_})
    kept = await house.store.meetings.get(off)
    await meetings.cancel(house.store, house.secretary, off, kept.version, "Bão")
    assert (ONE, "Xin xác nhận giờ họp") in await post.come()
    states = {(one.meeting_id == off, one.state) for one in await told_of(house, asked)}
    assert states == {(True, "dropped"), (False, "sent")}
