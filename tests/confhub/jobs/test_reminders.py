"""Sites that did not answer are reminded by mail, once for each moment."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.answers.given import Given
from confhub.answers.reminders import quiet_of
from confhub.desks import meetings
from confhub.desks.answers import giving
from confhub.desks.mail import reminding
from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import HOUSE, MEETING, A, B, Hub, move, send_out, subjects
from tests.confhub.mail.test_message import parts_of
from tests.confhub.store.country import NOW

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
DUE = NOW + 30 * HOUR
DAY_BEFORE, HOUR_BEFORE = DUE - 24 * HOUR, DUE - HOUR
REMINDER = "Nhắc trả lời giấy mời"


class _Dies(Exception):
    """A hub is killed here."""


async def begin(store: Store, hub: Hub, box: Box, draft: Draft) -> None:
    """The meeting has that deadline, and its sites were invited by mail."""
    await meetings.change(store, HOUSE, MEETING, 1, dataclasses.replace(draft, answer_by=DUE))
    await send_out(store)
    await look(hub, NOW)
    assert sorted(box.recipients()) == [A, B]
    box.mails.clear()


async def look(hub: Hub, at: dt.datetime, *, sends: bool = True) -> None:
    hub.now = at
    await hub.runner._plan()
    await (hub.work() if sends else hub.plan())


async def answer(store: Store, site_id: str = "site-b") -> None:
    await giving.answer(store, HOUSE, MEETING, site_id, 0, Given("attending"))


async def test_the_silent_are_reminded_once_at_each_moment(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await begin(store, hub, box, draft)
    await look(hub, DAY_BEFORE - MINUTE)
    assert not box.mails
    for at in (DAY_BEFORE, DAY_BEFORE + 5 * MINUTE):
        await look(hub, at)
        assert box.recipients() == [B]  # who presides need not be asked
    told = parts_of(box.mails[0][1])[1]
    assert subjects(box) == [REMINDER]
    assert "Xin trả lời trước: 14:00" in told
    assert "/answer" in told
    await look(hub, HOUR_BEFORE)
    assert subjects(box) == [REMINDER] * 2
    await look(hub, DUE + HOUR)
    assert len(box.mails) == 2


async def test_who_answered_is_not_reminded_and_who_must_confirm_again_is(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await begin(store, hub, box, draft)
    await answer(store)
    await look(hub, DAY_BEFORE)
    assert not box.mails
    await move(store, 24)  # has the usual deadline
    deadline = await store.deadlines.find(MEETING)
    assert deadline is not None
    await look(hub, DAY_BEFORE + MINUTE)
    assert subjects(box) == ["Thay đổi cuộc họp"] * 2
    await look(hub, deadline.due_at - HOUR)
    assert (subjects(box)[2:], box.recipients()[2:]) == ([REMINDER], [B])


async def test_another_deadline_alone_is_told_to_the_silent(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await begin(store, hub, box, draft)
    for version, hours in ((2, 2), (3, 4)):
        later = dataclasses.replace(draft, answer_by=DUE + hours * HOUR)
        await meetings.change(store, HOUSE, MEETING, version, later)
        await hub.work()
        # Who presides is not asked, and by the second time the other one has answered.
        assert (box.recipients(), subjects(box)) == ([B], ["Hạn trả lời mới"])
        if version == 2:
            text = parts_of(box.mails[0][1])[1]
            assert "Xin trả lời trước: 16:00" in text
            assert "(trước đây: 14:00" in text
            await answer(store)


async def test_a_reminder_that_waits_is_dropped_by_the_answer_and_kept_by_other_changes(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await begin(store, hub, box, draft)
    await look(hub, DAY_BEFORE, sends=False)
    changed = dataclasses.replace(draft, answer_by=DUE, note="Mang báo cáo")
    await meetings.change(store, HOUSE, MEETING, 2, changed)
    await look(hub, DAY_BEFORE + MINUTE)
    assert (box.recipients(), subjects(box)) == ([B], [REMINDER])
    assert "Mang báo cáo" in parts_of(box.mails[0][1])[1]
    await look(hub, HOUR_BEFORE, sends=False)
    assert (await hub.mail_of("b")).state == "waiting"
    await answer(store)
    await hub.work()
    assert len(box.mails) == 1


@pytest.mark.parametrize("end", ["cancel", "hold_over"])
async def test_nobody_is_reminded_of_what_is_off(
    store: Store, hub: Hub, box: Box, draft: Draft, end: str
) -> None:
    await begin(store, hub, box, draft)
    await look(hub, DAY_BEFORE, sends=False)
    await getattr(meetings, end)(store, HOUSE, MEETING, 2, "Bão")
    await look(hub, HOUR_BEFORE)
    assert REMINDER not in subjects(box)


async def test_nobody_is_reminded_where_links_went_out_by_other_ways_or_just_now(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    chosen = dataclasses.replace(draft, answer_by=DUE)
    await meetings.change(store, HOUSE, MEETING, 1, chosen)
    await look(hub, NOW)
    await look(hub, DAY_BEFORE)
    assert not box.mails
    hub.now = HOUR_BEFORE - MINUTE
    await send_out(store)
    await hub.work()
    await look(hub, HOUR_BEFORE)
    assert REMINDER not in subjects(box)


async def test_who_dies_between_two_steps_leaves_the_moment_to_the_next(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await begin(store, hub, box, draft)
    actor = dataclasses.replace(HOUSE, now=DAY_BEFORE)

    async def dies() -> None:
        async with store.work(actor) as work:
            assert await reminding.is_due(work, MEETING, quiet_of(""))
            await reminding.remind(work, MEETING, "", 10, 60)
            raise _Dies

    with pytest.raises(_Dies):
        await dies()
    for number in range(2):  # two hubs that look at once
        async with store.work(actor) as work:
            is_due = await reminding.is_due(work, MEETING, quiet_of(""))
            assert is_due == (number == 0)
            if is_due:
                await reminding.remind(work, MEETING, "", 10, 60)
    await look(hub, DAY_BEFORE + MINUTE)
    assert (box.recipients(), subjects(box)) == ([B], [REMINDER])
