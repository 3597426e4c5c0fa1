"""An invitation's life by mail: out by SMTP, back by IMAP from a real mail store."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from confhub.config import Settings
from confhub.desks import links
from confhub.desks.mail import intake as desk
from confhub.errors import Conflict
from confhub.jobs.imap import ImapLine, ImapServer, ImapTrouble, imap_server
from confhub.jobs.intake import MOST_TRIES, Intake
from confhub.mail.intake.read import read
from confhub.mail.replies import MailReply
from confhub.meetings.schedule import Draft
from confhub.pauses import Pauses
from confhub.store import Store
from tests.confhub.jobs.imap_server import LOGIN, ImapBox, dovecot
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import HOUR, HOUSE, MEETING, TOKENS, Hub, move, send_out
from tests.confhub.mail.intake.samples import bounce, mail
from tests.confhub.mail.letters import HUB
from tests.confhub.mail.test_message import parts_of
from tests.confhub.store.country import NOW

ANSWERS = TOKENS.answers


@pytest.fixture(scope="module")
def started() -> Iterator[ImapBox]:
    with dovecot() as box:
        yield box


@pytest.fixture
def inbox(started: ImapBox) -> ImapBox:
    started.empty()
    return started


def server_of(inbox: ImapBox, **changed: object) -> ImapServer:
    given = {
        "imap_host": "127.0.0.1",
        "imap_port": inbox.port,
        "imap_tls": "off",
        "imap_ca": inbox.authority,
        "imap_login": LOGIN,
        "imap_password_file": inbox.password_file,
        "mail_from": HUB,
        "imap_timeout_s": 30,
    }
    server = imap_server(Settings(**given | changed))  # type: ignore[arg-type]
    assert server is not None
    return server


class Reader(Intake):
    """Reads what is there, whenever it is told to."""

    def __init__(self, store: Store, hub: Hub, server: ImapServer) -> None:
        super().__init__(
            store,
            ImapLine(server),
            TOKENS.answers,
            lambda: hub.now,
            poll_s=60,
            pauses=Pauses(first_s=10.0, last_s=10.0),
        )

    async def read(self) -> None:
        while await self.look():
            pass


@pytest.fixture
def reader(store: Store, hub: Hub, inbox: ImapBox) -> Reader:
    hub.postman._sender = replace(hub.postman._sender, takes_answers=True)
    return Reader(store, hub, server_of(inbox, imap_done_folder="Done"))


def answer_to(data: bytes, *changed: tuple[str, str]) -> bytes:
    """What a calendar program sends back to an invitation, as it makes it of what it got: the
    organizer's address, the UID and the SEQUENCE are the invitation's."""
    _message, _text, _html, calendar = parts_of(data)
    event = calendar.walk("VEVENT")[0]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{event['UID']}",
        f"SEQUENCE:{event['SEQUENCE']}",
        "DTSTAMP:20261125T010203Z",
        f"ORGANIZER:{event['ORGANIZER']}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:{event['ATTENDEE']}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    text = "\r\n".join(lines)
    for old, new in changed:
        text = text.replace(old, new)
    to = str(event["ORGANIZER"]).removeprefix("mailto:")
    return mail(f"Content-Type: text/calendar; charset=utf-8\r\n\r\n{text}", to=to)


def mail_to(box: Box, code: str) -> bytes:
    """The last mail to a site."""
    return [data for to, data in box.mails if to.startswith(f"{code}@")][-1]


async def answer_of(store: Store, code: str) -> MailReply | None:
    return (await store.replies.latest(MEETING)).get(f"site-{code}")


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


class Dying(ImapLine):
    """Dies at one of its steps, as a hub does that is killed there."""

    die_at = 0

    def put_away(self, uid: int) -> bool:
        if self.die_at == 1:
            raise Killed
        is_done = super().put_away(uid)
        if self.die_at == 2:
            raise Killed
        return is_done


class Killed(BaseException):
    pass


@pytest.mark.parametrize("die_at", [1, 2])
async def test_who_dies_between_two_steps_takes_nothing_in_twice(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader, die_at: int
) -> None:
    await send_out(store)
    await hub.work()
    inbox.put(answer_to(mail_to(box, "a")))
    dying = Reader(store, hub, reader._line.server)
    dying._line = Dying(reader._line.server)
    dying._line.die_at = die_at
    with pytest.raises(Killed):
        await dying.read()
    await reader.read()
    assert reader.outcomes["taken"] == 0  # the lease of who died
    hub.now += HOUR
    await reader.read()
    assert await answer_of(store, "a") is not None
    assert len(await store.replies.of_site(MEETING, "site-a")) == 1
    assert (len(inbox.messages()), len(inbox.messages("Done"))) == (0, 1)
    assert reader.outcomes["known"] == (1 if die_at == 1 else 0)


async def test_the_address_decides_whose_answer_it_is_whatever_it_cites_or_holds(
    store: Store, hub: Hub, box: Box
) -> None:
    hub.postman._sender = replace(hub.postman._sender, takes_answers=True)
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


async def test_other_numbers_of_the_same_messages_are_known(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    inbox.empty("Answers")
    stays = Reader(store, hub, server_of(inbox, imap_folder="Answers"))
    inbox.put(answer_to(mail_to(box, "a")), "Answers")
    await stays.read()
    assert (inbox.unread("Answers"), len(inbox.messages("Answers"))) == (0, 1)
    inbox.make_anew("Answers")
    await stays.read()
    assert (stays.outcomes["taken"], stays.outcomes["known"]) == (1, 1)
    assert await stays.look() is False
    assert await store.mailbox.read_at(stays.box_id) == hub.now


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_the_connection_is_encrypted_and_the_server_proves_itself(
    store: Store, hub: Hub, inbox: ImapBox, tls: str
) -> None:
    port = inbox.tls_port if tls == "tls" else inbox.port
    good = Reader(store, hub, server_of(inbox, imap_tls=tls, imap_port=port))
    await good.read()
    assert good.outcomes["trouble"] == 0
    bad = Reader(store, hub, server_of(inbox, imap_tls=tls, imap_port=port, imap_ca=""))
    await bad.read()
    assert bad.outcomes["trouble"] == 1


async def test_a_server_that_is_away_is_trouble_and_the_mailbox_anybodys(
    store: Store, hub: Hub, inbox: ImapBox, reader: Reader
) -> None:
    away = Reader(store, hub, replace(reader._line.server, port=1))
    away.box_id = reader.box_id
    assert await away.look() is False
    assert away.outcomes["trouble"] == 1
    await reader.read()
    assert await store.mailbox.read_at(reader.box_id) == NOW


class Refusing(ImapLine):
    """Of a server that does not hand over what is damaged."""

    damaged = frozenset[int]()

    def message(self, uid: int) -> bytes:
        if uid in self.damaged:
            raise ImapTrouble("NO [UNAVAILABLE] the message is damaged")
        return super().message(uid)


async def test_a_message_that_cannot_be_had_keeps_none_behind_it(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    for code in ("a", "b"):
        inbox.put(answer_to(mail_to(box, code)))
    line = Refusing(reader._line.server)
    line.open()
    line.damaged = frozenset(line.uids(0, 1))
    line.close()
    reader._line = line
    for _ in range(MOST_TRIES):
        assert await reader.look() is False
        assert await answer_of(store, "b") is None
    assert await reader.look() is False  # none is left
    assert await answer_of(store, "b") is not None
    assert await answer_of(store, "a") is None
    found = {name: count for name, count in reader.outcomes.items() if count}
    assert found == {"trouble": MOST_TRIES, "unread": 1, "taken": 1}
    assert (len(inbox.messages()), inbox.unread()) == (1, 1)


async def test_a_folder_that_the_server_refuses_keeps_no_answer_from_being_read(
    store: Store, hub: Hub, box: Box, inbox: ImapBox
) -> None:
    hub.postman._sender = replace(hub.postman._sender, takes_answers=True)
    await send_out(store)
    await hub.work()
    for code in ("a", "b"):
        inbox.put(answer_to(mail_to(box, code)))
    refused = Reader(store, hub, server_of(inbox, imap_done_folder="x" * 300))
    await refused.read()
    assert refused.outcomes["taken"] == 2
    assert refused.outcomes["trouble"] == 0
    assert (len(inbox.messages()), inbox.unread()) == (2, 0)
    assert await store.mailbox.read_at(refused.box_id) == hub.now


class Waiting(ImapLine):
    """Of a server that is slow."""

    def __init__(self, server: ImapServer) -> None:
        super().__init__(server)
        self.asked, self.answers = threading.Event(), threading.Event()

    def message(self, uid: int) -> bytes:
        self.asked.set()
        self.answers.wait()
        return super().message(uid)


class Faulty(ImapLine):
    def open(self) -> int:
        raise RuntimeError("a fault of ours")


async def test_who_stops_or_fails_leaves_the_mailbox_to_others_at_once(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    inbox.put(answer_to(mail_to(box, "a")))
    line = Waiting(reader._line.server)
    stopping, failing = (Reader(store, hub, line.server) for _ in range(2))
    stopping._line = line
    look = asyncio.create_task(stopping.look())
    await asyncio.to_thread(line.asked.wait)
    look.cancel()
    line.answers.set()
    with pytest.raises(asyncio.CancelledError):
        await look
    failing._line = Faulty(line.server)
    assert await failing.look() is False
    await reader.read()
    assert reader.outcomes["taken"] == 1


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
