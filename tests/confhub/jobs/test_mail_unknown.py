"""Mails of which nobody heard whether they arrived."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from confhub.desks import meetings
from confhub.desks.mail import sending
from confhub.jobs.postman import GRACE_S
from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.jobs.mail_world import (
    HOUSE,
    MEETING,
    A,
    B,
    Hub,
    move,
    send_out,
    subjects,
)
from tests.confhub.store.country import NOW

MINUTE = dt.timedelta(minutes=1)


async def cut_after_both(store: Store, hub: Hub, box: Box) -> None:
    """Both sites have their invitation, and nobody knows."""
    box.cuts = ["after", "after"]
    await send_out(store)
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    for code in "ab":
        mail = await hub.mail_of(code)
        assert (mail.state, mail.may_have_arrived) == ("waiting", True)
    box.mails.clear()


async def test_a_site_that_may_have_its_invitation_is_told_that_the_meeting_is_off(
    store: Store, hub: Hub, box: Box
) -> None:
    await cut_after_both(store, hub, box)
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    assert subjects(box) == ["Hủy họp"] * 2
    await hub.later(MINUTE)  # the invitation is not tried again
    assert len(box.mails) == 2


@pytest.mark.parametrize(
    "answer", ["421 4.3.2 Going down", "451 4.7.1 Greylisted", "550 5.1.1 No such mailbox"]
)
async def test_what_may_have_arrived_may_so_whatever_the_next_try_brings(
    store: Store, hub: Hub, box: Box, answer: str
) -> None:
    await cut_after_both(store, hub, box)
    box.answers_to["*"] = [answer]
    await hub.later(MINUTE)
    box.answers_to.clear()
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    assert subjects(box) == ["Hủy họp"] * 2


async def test_a_mail_goes_twice_at_most_where_nobody_hears_that_it_arrived(
    store: Store, hub: Hub, box: Box
) -> None:
    await cut_after_both(store, hub, box)
    box.cuts = ["after", "after"]
    await hub.later(MINUTE)
    assert sorted(box.recipients()) == [A, B]
    assert hub.postman.outcomes["unknown"] == 2
    mail = await hub.mail_of("a")
    assert (mail.state, mail.may_have_arrived) == ("refused", True)
    assert mail.error.startswith("Đã trao thư hai lần")
    box.mails.clear()
    await hub.later(48 * 60 * MINUTE - 2 * MINUTE)
    assert box.mails == []


async def test_what_was_given_up_is_sent_again_by_hand_be_it_an_invitation_or_a_cancellation(
    store: Store, hub: Hub, box: Box
) -> None:
    async def give_up_all() -> None:
        for _ in range(2):
            box.cuts = ["before", "before"]
            await hub.later(MINUTE)
        assert {(await hub.mail_of(code)).state for code in "ab"} == {"refused"}

    await send_out(store)
    await give_up_all()
    assert await sending.send_again(store, HOUSE, MEETING, "", 60) == 2
    await hub.work()
    assert subjects(box) == ["Giấy mời họp"] * 2
    box.mails.clear()
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await give_up_all()
    assert await sending.send_again(store, HOUSE, MEETING, "", 60) == 2
    await hub.work()
    assert subjects(box) == ["Hủy họp"] * 2


async def test_after_it_was_given_up_a_move_is_told_as_a_change(
    store: Store, hub: Hub, box: Box
) -> None:
    await cut_after_both(store, hub, box)
    box.cuts = ["before", "before"]
    await hub.later(MINUTE)
    await move(store)
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    assert subjects(box) == ["Thay đổi cuộc họp"] * 2


async def test_a_server_that_is_slow_to_answer_to_a_mail_has_a_time_of_its_own(
    store: Store, draft: Draft, box: Box
) -> None:
    box.holds = asyncio.Event()
    async with mail_server_of(box) as port:
        hub = Hub(store, port)
        line = hub.postman._line
        assert line.most_s >= 600  # RFC 5321, 4.5.3.2.6
        line.server = replace(line.server, data_answer_s=0.05)
        await send_out(store)
        await hub.plan()
        try:
            assert await hub.postman.send_next()
            # Long before a command's time is over.
            assert hub.postman.outcomes["unknown"] == 1
        finally:
            box.holds.set()
    (mail,) = [one for one in [await hub.mail_of("a"), await hub.mail_of("b")] if one.in_hand]
    assert (mail.state, mail.address) == ("waiting", "")
    assert mail.next_at <= NOW + MINUTE


async def test_nobody_else_takes_a_mail_before_the_server_may_have_answered(
    store: Store, hub: Hub
) -> None:
    lease = hub.postman._lease.total_seconds()
    assert lease >= hub.postman._line.most_s + GRACE_S
