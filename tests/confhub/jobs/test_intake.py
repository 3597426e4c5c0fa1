"""An invitation's life by mail: out by SMTP, back by IMAP from a real mail store."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from confhub.desks import links
from confhub.desks.mail import intake as desk
from confhub.errors import Conflict
from confhub.mail.intake.read import read
from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.imap_server import ImapBox
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import HOUR, HOUSE, MEETING, Hub, move, send_out
from tests.confhub.jobs.mailbox import ANSWERS, Reader, answer_of, answer_to, mail_to
from tests.confhub.mail.intake.samples import bounce, mail
from tests.confhub.mail.letters import HUB
from tests.confhub.mail.test_message import parts_of


async def test_an_invitation_is_answered_moved_countered_and_comes_back(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    message = message_from_bytes(mail_to(box, "a"), policy=policy.default)
    assert re.fullmatch(r"hop\+[0-9a-z]{32}@dienbien\.gov\.vn", message["Reply-To"].strip("<> "))
    said = ("END:VEVENT", "COMMENT:Đồng chí Chung dự\r\nEND:VEVENT")
    inbox.put(answer_to(mail_to(box, "a"), said))
    inbox.put(mail("Content-Type: text/plain\r\n\r\nMua hàng", to=HUB))  # somebody else's
    await reader.read()
    first = await answer_of(store, "a")
    assert first is not None
    assert (first.answer, first.standing, first.remark) == (
        "accepted",
        "counts",
        "Đồng chí Chung dự",
    )
    assert await answer_of(store, "b") is None
    counted = await store.answers.find(MEETING, "site-a")
    assert counted is not None
    assert (counted.given.state, counted.by.way) == ("attending", "mail")
    assert (len(inbox.messages()), len(inbox.messages("Done")), inbox.unread()) == (1, 1, 1)

    # An answer to the time before the move comes late, one to the new time proposes another.
    before = mail_to(box, "b")
    await move(store)
    await hub.later(HOUR)
    inbox.put(answer_to(before, ("ACCEPTED", "DECLINED")))
    await reader.read()
    assert await answer_of(store, "b") is None
    (past,) = await store.replies.open(MEETING)
    assert (past.site_id, past.standing, past.answer) == ("site-b", "past", "declined")
    hub.now += HOUR
    inbox.put(
        answer_to(
            mail_to(box, "b"),
            ("METHOD:REPLY", "METHOD:COUNTER"),
            ("=ACCEPTED", "=TENTATIVE"),
            ("20261125T010203Z", "20261126T010203Z"),
            ("END:VEVENT", "DTSTART:20261203T020000Z\r\nDTEND:20261203T040000Z\r\nEND:VEVENT"),
        )
    )
    await reader.read()
    counter = await answer_of(store, "b")
    assert counter is not None
    assert (counter.kind, counter.standing) == ("counter", "open")
    assert counter.starts_at is not None
    assert f"{counter.starts_at:%H:%M}" == "02:00"
    sent = len(box.mails)
    await desk.settle(store, replace(HOUSE, now=hub.now), MEETING, counter.id, 60)
    await hub.work()  # the time that stands is told once more
    assert len(box.mails) == sent + 1
    assert await answer_of(store, "b") is None

    # The last mail to the first site comes back.
    its_id = parts_of(mail_to(box, "a"))[0]["Message-ID"].strip("<>")
    inbox.put(bounce(its_id))
    await reader.read()
    refused = await hub.mail_of("a")
    assert refused.state == "refused"
    assert "550 no such user" in refused.error
    acts = {one.action for one in await store.audit.recent(50, MEETING, thing="meeting")}
    assert {"mail.answered", "mail.came_back", "mail.seen_to"} <= acts
    assert dict(reader.outcomes) == {
        "taken": 4,
        "known": 0,
        "foreign": 1,
        "revoked": 0,
        "unread": 0,
        "too_many": 0,
        "trouble": 0,
    }


async def test_who_has_no_token_or_a_revoked_one_answers_nothing(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    own, other = answer_to(mail_to(box, "a")), answer_to(mail_to(box, "b"))
    token = re.search(rb"hop\+([0-9a-z]{32})@", own)
    assert token is not None
    forged = own.replace(token[1], token[1][:16] + b"a" * 16)
    inbox.put(forged)
    inbox.put(own.replace(b"UID:meeting-1", b"UID:meeting-2"))  # of another meeting
    await reader.read()
    assert reader.outcomes["foreign"] == 2
    living = await store.links.living(MEETING, ["site-a"])
    await links.revoke(store, HOUSE, MEETING, living["site-a"].id)
    inbox.put(own)
    inbox.put(other.replace(b"From:", b"X-From:"))  # of whom it says it is makes no difference
    await reader.read()
    assert reader.outcomes["revoked"] == 1
    assert await answer_of(store, "a") is None
    assert await answer_of(store, "b") is not None
    assert len(inbox.messages()) == 3


async def test_the_address_decides_whose_answer_it_is_whatever_it_cites_or_holds(
    store: Store, hub: Hub, box: Box
) -> None:
    hub.postman._sites.sender = replace(hub.postman._sites.sender, takes_answers=True)
    await send_out(store)
    await hub.work()
    others = mail_to(box, "a")
    its_id = parts_of(others)[0]["Message-ID"]

    async def take(data: bytes) -> str:
        incoming, digest = read(data, dt.UTC), hashlib.sha256(data).hexdigest()
        return await desk.take_in(store, replace(HOUSE, now=hub.now), incoming, digest, ANSWERS)

    # Whoever got a copy knows its Message-ID, and answers nothing by it.
    said = answer_to(others, ("ORGANIZER", "X-ORGANIZER"))
    lines = said.partition(b"Content-Type:")
    cited = f"To: {HUB}\r\nIn-Reply-To: {its_id}\r\nReferences: {its_id}\r\n".encode()
    assert await take(cited + b"".join(lines[1:])) == "foreign"
    # The example that is attached is another site's invitation.
    own = answer_to(mail_to(box, "b"), ("ACCEPTED", "DECLINED"))
    head, _, calendar = own.partition(b"Content-Type:")
    attached = (
        b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n--B\r\nContent-Type:%s\r\n'
        b"--B\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--B--\r\n" % (calendar, others)
    )
    assert await take(head + attached) == "taken"
    answers = await store.answers.of_sites(MEETING, ["site-a", "site-b"])
    assert {site: one.given.state for site, one in answers.items()} == {"site-b": "declined"}
    # A report of an invitation from before, which was named by its address's token.
    link_id = (await hub.mail_of("a")).link_id
    assert await take(bounce(f"{ANSWERS.sign(link_id)}.1@dienbien.gov.vn")) == "taken"
    assert (await hub.mail_of("a")).state == "refused"


async def test_a_program_that_writes_on_and_on_is_taken_in_so_often(
    store: Store, hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_A_DAY", 3)
    hub.postman._sites.sender = replace(hub.postman._sites.sender, takes_answers=True)
    await send_out(store)
    await hub.work()
    to = parts_of(mail_to(box, "a"))[0]["Reply-To"].strip("<> ")

    async def take(data: bytes) -> str:
        incoming, digest = read(data, dt.UTC), hashlib.sha256(data).hexdigest()
        return await desk.take_in(store, replace(HOUSE, now=hub.now), incoming, digest, ANSWERS)

    def words(number: int) -> bytes:
        return mail(f"Content-Type: text/plain\r\n\r\nDa nhan {number}", to=to)

    assert [await take(words(number)) for number in range(4)] == ["taken"] * 3 + ["too_many"]
    assert await take(answer_to(mail_to(box, "a"))) == "taken"  # an answer comes through
    hub.now += 24 * HOUR
    assert await take(words(4)) == "taken"


async def test_a_reply_is_seen_to_once(
    store: Store, hub: Hub, draft: Draft, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    to = parts_of(mail_to(box, "a"))[0]["Reply-To"].strip("<> ")
    inbox.put(mail("Content-Type: text/plain; charset=utf-8\r\n\r\nXin đến muộn", to=to))
    await reader.read()
    (words,) = await store.replies.open(MEETING)
    assert (words.kind, words.remark, words.site_id) == ("words", "Xin đến muộn", "site-a")
    await desk.settle(store, HOUSE, MEETING, words.id, 60)
    assert await store.replies.open(MEETING) == []
    with pytest.raises(Conflict):
        await desk.settle(store, HOUSE, MEETING, words.id, 60)
