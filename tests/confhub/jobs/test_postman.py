"""Mail from a meeting's change to a server that takes it, refuses it, or breaks off."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import links, meetings
from confhub.desks.mail import sending as desk
from confhub.errors import Conflict
from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.jobs.mail_world import (
    HOUR,
    HOUSE,
    MEETING,
    ORIGIN,
    TOKENS,
    A,
    B,
    Hub,
    move,
    send_out,
    subjects,
)
from tests.confhub.mail.test_message import parts_of
from tests.confhub.store.country import NOW


async def test_nothing_is_mailed_before_somebody_sends_the_links_out(
    store: Store, hub: Hub, box: Box
) -> None:
    await move(store)
    await hub.work()
    assert box.mails == []


async def test_each_site_gets_one_mail_with_its_own_link_and_nobodys_address_but_its_own(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    await send_out(store)  # by whoever presses once more
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    living = await store.links.living(MEETING, ["site-a", "site-b"])
    for to, data in box.mails:
        other, code = (B, "a") if to == A else (A, "b")
        _message, text, html, calendar = parts_of(data)
        for shown in (text, html):
            assert f"{ORIGIN}/join/{TOKENS.sign(living[f'site-{code}'])}" in shown
        assert other not in data.decode() + text + html + calendar.to_ical().decode()
    sent = await hub.mail_of("a")
    assert (sent.state, sent.address, sent.settled_at) == ("sent", A, NOW)
    assert "site-c" not in await store.mail.latest(MEETING)


async def test_each_change_is_told_to_who_knows_of_the_meeting(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await send_out(store)
    await hub.work()
    box.mails.clear()
    await move(store)
    await hub.work()
    assert subjects(box) == ["Thay đổi cuộc họp"] * 2
    meeting = await store.meetings.get(MEETING)
    events = [parts_of(data)[3].walk("VEVENT")[0] for _to, data in box.mails]
    assert {(one["UID"], one["SEQUENCE"]) for one in events} == {(f"{MEETING}@confhub", 1)}
    assert {one["DTSTART"].dt for one in events} == {meeting.starts_at}
    box.mails.clear()
    await meetings.hold_over(store, HOUSE, MEETING, 2, "Bão")
    await hub.work()
    assert subjects(box) == ["Hoãn họp"] * 2
    box.mails.clear()
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await hub.work()
    assert subjects(box) == ["Hủy họp"] * 2
    assert {parts_of(data)[3]["METHOD"] for _to, data in box.mails} == {"CANCEL"}


async def test_what_no_site_must_know_is_not_mailed(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await send_out(store)
    await hub.work()
    box.mails.clear()
    noted = dataclasses.replace(draft, note="Mang theo số liệu")
    await meetings.change(store, HOUSE, MEETING, 1, noted)
    await hub.work()
    assert box.mails == []


async def test_who_comes_is_invited_and_who_goes_is_told_so(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    fewer = dataclasses.replace(draft, sites=("site-a", "site-c"))
    await meetings.change(store, HOUSE, MEETING, 1, fewer)
    await send_out(store)
    await hub.work()
    assert box.recipients() == [A]
    box.mails.clear()
    await meetings.change(store, HOUSE, MEETING, 2, draft)
    await hub.work()
    assert (box.recipients(), subjects(box)) == ([B], ["Giấy mời họp"])
    box.mails.clear()
    await meetings.change(store, HOUSE, MEETING, 3, fewer)
    await hub.work()
    assert (box.recipients(), subjects(box)) == ([B], ["Thôi mời họp"])


async def test_a_new_link_is_mailed_and_a_revoked_one_is_not(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    box.mails.clear()
    old = (await store.links.living(MEETING, ["site-a"]))["site-a"]
    new = await links.renew(store, HOUSE, MEETING, old.id)
    await hub.work()
    ((to, data),) = box.mails
    assert to == A
    assert TOKENS.sign(new) in parts_of(data)[1]
    box.mails.clear()
    await links.revoke(store, HOUSE, MEETING, new.id)
    await move(store)
    await hub.work()
    assert box.recipients() == [B]


async def test_of_two_changes_before_a_mail_goes_only_the_last_is_told(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.plan()
    await move(store)
    await hub.plan()
    await move(store)
    await hub.work()
    assert subjects(box) == ["Giấy mời họp"] * 2
    meeting = await store.meetings.get(MEETING)
    event = parts_of(box.mails[0][1])[3].walk("VEVENT")[0]
    assert event["DTSTART"].dt == meeting.starts_at


async def test_an_agenda_that_changes_while_the_first_mail_waits_is_in_it(
    store: Store, hub: Hub, box: Box, draft: Draft
) -> None:
    await send_out(store)
    await hub.plan()
    noted = dataclasses.replace(draft, note="Mang theo số liệu")
    await meetings.change(store, HOUSE, MEETING, 1, noted)
    await hub.work()
    assert subjects(box) == ["Giấy mời họp"] * 2
    assert all("Mang theo số liệu" in parts_of(data)[1] for _to, data in box.mails)


async def test_a_meeting_that_was_called_off_before_its_first_mail_is_not_mailed(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.plan()
    await meetings.cancel(store, HOUSE, MEETING, None, "Bão")
    await hub.work()
    assert box.mails == []


async def test_a_refusal_keeps_the_words_of_the_server_and_others_get_theirs(
    store: Store, hub: Hub, box: Box
) -> None:
    box.answers_to[A] = ["550 5.1.1 No such mailbox"]
    await send_out(store)
    await hub.work()
    refused = await hub.mail_of("a")
    assert (refused.state, refused.error) == ("refused", "550 5.1.1 No such mailbox")
    assert box.recipients() == [B]
    await hub.later(48 * HOUR)
    assert box.recipients() == [B]


async def test_a_refused_mail_is_sent_again_by_hand_to_the_address_of_today(
    store: Store, hub: Hub, box: Box
) -> None:
    box.answers_to[A] = ["550 5.1.1 No such mailbox"]
    await send_out(store)
    await hub.work()
    await store.sites.update(
        dataclasses.replace(await store.sites.get("site-a"), email="moi@dienbien.gov.vn")
    )
    assert await desk.send_again(store, HOUSE, MEETING, "", 60) == 1
    with pytest.raises(Conflict):
        await desk.send_again(store, HOUSE, MEETING, "site-a", 60)
    await hub.work()
    assert box.recipients() == [B, "moi@dienbien.gov.vn"]
    assert subjects(box)[1] == "Giấy mời họp"
    assert await desk.send_again(store, HOUSE, MEETING, "", 60) == 0


async def test_a_refusal_for_now_is_tried_again_after_growing_pauses_and_given_up_in_the_end(
    store: Store, hub: Hub, box: Box
) -> None:
    box.answers_to[A] = ["451 4.7.1 Greylisted", "250 OK"]
    box.answers_to[B] = ["452 4.2.2 Mailbox full"]
    await send_out(store)
    await hub.work()
    assert box.mails == []
    waiting = await hub.mail_of("a")
    assert (waiting.state, waiting.error) == ("waiting", "451 4.7.1 Greylisted")
    assert NOW < waiting.next_at <= NOW + dt.timedelta(minutes=1)
    await hub.later(dt.timedelta(minutes=1))
    assert box.recipients() == [A]
    await hub.later(dt.timedelta(minutes=2))
    given_up = await hub.mail_of("b")
    assert (given_up.state, given_up.error) == ("refused", "452 4.2.2 Mailbox full")


async def test_a_mail_that_the_server_does_not_like_is_refused(
    store: Store, hub: Hub, box: Box
) -> None:
    box.answers_data[A] = ["554 5.7.1 Looks like spam"]
    await send_out(store)
    await hub.work()
    assert (await hub.mail_of("a")).error == "554 5.7.1 Looks like spam"
    assert box.recipients() == [B]


async def test_a_connection_cut_in_data_loses_nothing_and_is_known_by_the_message_id(
    store: Store, hub: Hub, box: Box
) -> None:
    box.cuts = ["before", "after"]
    await send_out(store)
    await hub.work()
    assert {(await hub.mail_of(code)).state for code in "ab"} == {"waiting"}
    assert len(box.mails) == 1  # of this one nobody heard that it arrived
    await hub.later(dt.timedelta(minutes=1))
    assert {(await hub.mail_of(code)).state for code in "ab"} == {"sent"}
    ids = [parts_of(data)[0]["Message-ID"] for _to, data in box.mails]
    assert (len(ids), len(set(ids))) == (3, 2)


async def test_while_no_server_answers_everything_waits_and_costs_no_try(
    store: Store, draft: Draft, box: Box
) -> None:
    async with mail_server_of(box) as port:
        pass  # nobody listens there now
    hub = Hub(store, port)
    await send_out(store)
    for _ in range(5):
        await hub.work()
    assert hub.postman.outcomes["trouble"] == 5
    assert {mail.state for mail in (await store.mail.latest(MEETING)).values()} == {"waiting"}
    backlog = await store.mail.backlog(NOW + HOUR)
    assert (backlog.waiting, backlog.late_s(NOW + HOUR)) == (2, 3600.0)
    box.answers_to["*"] = ["451 4.7.1 Greylisted", "451 4.7.1 Greylisted", "250 OK"]
    async with mail_server_of(box, port=port):
        await hub.work()
        waiting = await hub.mail_of("a")
        assert (waiting.state, waiting.tries) == ("waiting", 1)
        await hub.later(dt.timedelta(minutes=1))  # the first pause
    assert sorted(box.recipients()) == [A, B]


@pytest.mark.parametrize("answer", ["550 5.7.1 Sender unknown", "421 4.3.2 Going down"])
async def test_a_server_that_takes_no_mail_of_the_hub_refuses_no_site(
    store: Store, hub: Hub, box: Box, answer: str
) -> None:
    box.answer_from = answer
    await send_out(store)
    await hub.work()
    assert {mail.state for mail in (await store.mail.latest(MEETING)).values()} == {"waiting"}
    assert hub.postman.outcomes["refused"] == 0
    box.answer_from = "250 OK"
    await hub.work()
    assert len(box.mails) == 2


@pytest.mark.parametrize("step", ["answers_to", "answers_data"])
async def test_a_server_that_goes_away_over_one_sites_mail_holds_up_no_others(
    store: Store, hub: Hub, box: Box, step: str
) -> None:
    getattr(box, step)[A] = ["421 4.7.0 Too many mails to this one"]
    await send_out(store)
    await hub.work()
    assert box.recipients() == [B]
    waiting = await hub.mail_of("a")
    assert (waiting.state, waiting.tries) == ("waiting", 1)
    for _ in range(40):
        await hub.later(HOUR)
    assert (await hub.mail_of("a")).state == "refused"


async def test_what_waited_until_the_meeting_was_over_does_not_go_out(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.plan()
    await hub.later(72 * HOUR)
    assert box.mails == []
    assert (await hub.mail_of("a")).error == "Chưa gửi được thì cuộc họp đã kết thúc."


async def test_a_claim_of_a_hub_that_died_ends_and_a_late_outcome_of_it_is_refused(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.plan()
    (dead,) = await store.mail.claim(NOW, NOW + HOUR, 1)
    await hub.work()
    assert len(box.mails) == 1
    await hub.later(HOUR)
    assert sorted(box.recipients()) == [A, B]
    assert not await store.mail.sent(dead, "ai@khac.vn", NOW)
    assert not await store.mail.refused(dead, "ai@khac.vn", "no", NOW)
    assert (await store.mail.latest(MEETING))[dead.site_id].state == "sent"


async def test_a_change_while_a_mail_is_in_hand_is_told_as_a_change(
    store: Store, hub: Hub, box: Box
) -> None:
    """It may have arrived, so the next one says what is different."""
    await send_out(store)
    await hub.plan()
    (one,) = await store.mail.claim(NOW, NOW + HOUR, 1)
    await move(store)
    await hub.plan()
    assert await store.mail.sent(one, A, NOW)
    await hub.work()
    said = dict(zip(box.recipients(), subjects(box), strict=True))
    told = (await store.sites.get(one.site_id)).email
    assert said[told] == "Thay đổi cuộc họp"
    assert sorted(said) == [A, B]
