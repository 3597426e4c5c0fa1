"""What was mailed is mailed again by hand, as far as it is true still."""

from __future__ import annotations

import dataclasses

import pytest

from confhub.desks import links, meetings
from confhub.desks.mail import planning
from confhub.desks.mail import sending as desk
from confhub.errors import Conflict
from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box
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
from tests.confhub.mail.test_message import parts_of

NO_MAILBOX = "550 5.1.1 No such mailbox"


async def again(store: Store, site_id: str = "") -> int:
    return await desk.send_again(store, HOUSE, MEETING, site_id, 60)


async def test_what_was_sent_goes_once_more_also_where_the_meeting_is_planned_meanwhile(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await send_out(store)
    await hub.work()
    box.mails.clear()
    assert await again(store, "site-a") == 1
    noted = dataclasses.replace(draft, note="Mang theo số liệu")
    await meetings.change(store, HOUSE, MEETING, 1, noted)
    await hub.work()
    assert (box.recipients(), subjects(box)) == ([A], ["Giấy mời họp"])
    assert "Mang theo số liệu" in parts_of(box.mails[0][1])[1]
    await hub.work()
    assert len(box.mails) == 1


async def test_a_site_hears_of_a_meeting_so_often_within_a_while_and_at_once_that_it_is_off(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    for _ in range(planning.MOST_WITHIN - 1):
        assert await again(store, "site-a") == 1
        await hub.work()
    assert box.recipients().count(A) == planning.MOST_WITHIN
    assert await again(store, "site-a") == 1
    await hub.work()
    with pytest.raises(Conflict):  # one waits
        await again(store, "site-a")
    for _ in range(3):
        await move(store)
        await hub.work()
    assert (box.recipients().count(A), box.recipients().count(B)) == (planning.MOST_WITHIN, 4)
    await hub.later(planning.PAUSE)
    assert box.recipients().count(A) == planning.MOST_WITHIN + 1
    assert subjects(box)[-1] == "Thay đổi cuộc họp"
    for _ in range(planning.MOST_WITHIN):
        await again(store, "site-a")
        await hub.work()
    sent = len(box.mails)
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await hub.work()
    assert subjects(box)[sent:] == ["Hủy họp"] * 2


async def test_what_was_sent_does_not_go_once_more_where_there_is_something_newer(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    box.mails.clear()
    await move(store)
    assert await again(store, "site-a") == 1  # before the change was planned
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    assert subjects(box) == ["Thay đổi cuộc họp"] * 2


async def test_once_more_is_dropped_where_the_link_is_revoked_before_it_went(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    box.mails.clear()
    await again(store, "site-a")
    link = (await store.links.living(MEETING, ["site-a"]))["site-a"]
    await links.revoke(store, HOUSE, MEETING, link.id)
    await move(store)
    await hub.work()
    assert box.recipients() == [B]
    with pytest.raises(Conflict):
        await again(store, "site-a")


async def test_nobody_is_invited_again_to_a_meeting_that_is_off(
    store: Store, hub: Hub, box: Box
) -> None:
    box.answers_to[A] = [NO_MAILBOX]
    await send_out(store)
    await hub.work()
    await meetings.hold_over(store, HOUSE, MEETING, 1, "Bão")
    await hub.work()
    box.mails.clear()
    for site_id in ("site-a", "site-b"):  # refused, sent
        with pytest.raises(Conflict):
            await again(store, site_id)
    assert await again(store) == 0
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await hub.work()
    box.mails.clear()
    for site_id in ("site-a", "site-b"):
        with pytest.raises(Conflict):
            await again(store, site_id)
    assert await again(store) == 0
    await hub.work()
    assert box.mails == []
    assert (await hub.mail_of("a")).error == NO_MAILBOX  # it is told still why


async def test_who_was_taken_off_the_list_is_not_invited_again(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    box.answers_to[B] = [NO_MAILBOX]
    await send_out(store)
    await hub.work()
    fewer = dataclasses.replace(draft, sites=("site-a", "site-c"))
    await meetings.change(store, HOUSE, MEETING, 1, fewer)
    await hub.work()
    box.answers_to.clear()
    box.mails.clear()
    assert await again(store) == 0
    with pytest.raises(Conflict):
        await again(store, "site-b")
    await hub.work()
    assert box.mails == []


async def test_that_a_meeting_is_off_is_told_again_to_who_refused_to_hear_it(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    box.answers_to[A] = [NO_MAILBOX]
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await hub.work()
    box.answers_to.clear()
    box.mails.clear()
    assert await again(store) == 1
    await hub.work()
    assert (box.recipients(), subjects(box)) == ([A], ["Hủy họp"])


async def test_again_and_again_also_after_a_mail_that_was_dropped(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    await move(store)
    await hub.plan()
    await move(store, -1)  # as it was: what waits is dropped
    await hub.plan()
    box.mails.clear()
    for _ in range(2):
        assert await again(store, "site-a") == 1
        await hub.work()
    assert (box.recipients(), subjects(box)) == ([A, A], ["Giấy mời họp"] * 2)
