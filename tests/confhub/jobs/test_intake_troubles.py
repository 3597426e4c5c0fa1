"""Hubs that die or stop over a mailbox, servers that refuse, messages that cannot be read."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace

import pytest

from confhub.desks.mail import intake as desk
from confhub.jobs import imap
from confhub.jobs.imap import TROUBLES, ImapLine, ImapServer, ImapTrouble
from confhub.jobs.intake import MOST_TRIES
from confhub.mail.intake.mime import MOST_BYTES
from confhub.store import Store
from tests.confhub.jobs.imap_server import ImapBox
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import HOUR, HOUSE, MEETING, Hub, send_out
from tests.confhub.jobs.mailbox import (
    ANSWERS,
    Reader,
    answer_of,
    answer_to,
    mail_to,
    replies_of,
    server_of,
)
from tests.confhub.mail.intake.samples import mail
from tests.confhub.mail.letters import HUB
from tests.confhub.store.country import NOW


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
    assert len(await replies_of(store, "a")) == 1
    assert (len(inbox.messages()), len(inbox.messages("Done"))) == (0, 1)
    assert reader.outcomes["known"] == (1 if die_at == 1 else 0)


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


async def test_an_answer_to_a_link_that_is_no_more_is_nobodys(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    to = HUB.replace("@", f"+{ANSWERS.sign('link000000000009')}@")
    inbox.put(mail("Content-Type: text/plain\r\n\r\nXin", to=to))
    inbox.put(answer_to(mail_to(box, "a")))
    await reader.read()
    assert (reader.outcomes["foreign"], reader.outcomes["taken"]) == (1, 1)
    assert reader.outcomes["trouble"] == 0


async def test_an_answer_too_large_to_be_read_is_on_record_and_stays_in_the_mailbox(
    store: Store, hub: Hub, box: Box, inbox: ImapBox, reader: Reader
) -> None:
    await send_out(store)
    await hub.work()
    inbox.put(answer_to(mail_to(box, "a")) + b" " * MOST_BYTES)
    inbox.put(answer_to(mail_to(box, "b")))
    await reader.read()
    assert (reader.outcomes["unread"], reader.outcomes["taken"]) == (1, 1)
    (kept,) = await store.replies.open(MEETING)
    assert (kept.site_id, kept.kind, kept.remark) == ("site-a", "unread", "too_large")
    assert kept.sender
    assert (len(inbox.messages()), inbox.unread()) == (1, 1)
    await desk.settle(store, replace(HOUSE, now=hub.now), MEETING, kept.id, 60)
    assert await store.replies.open(MEETING) == []


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
    hub.postman._sites.sender = replace(hub.postman._sites.sender, takes_answers=True)
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


def test_who_waits_for_a_greeting_stops_when_told_to(inbox: ImapBox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        line = ImapLine(server_of(inbox, imap_port=port, imap_timeout_s=600))
        told: list[BaseException] = []

        def wait() -> None:
            try:
                line.open()
            except TROUBLES as error:
                told.append(error)

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        way, _ = silent.accept()
        with way:
            line.abort()
            waiting.join(60.0)
    assert told
    line.close()


def test_the_numbers_of_a_large_mailbox_are_asked_for_in_ranges(
    inbox: ImapBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_RANGE", 2)
    line = ImapLine(server_of(inbox))
    for _ in range(7):
        inbox.put(mail("Content-Type: text/plain\r\n\r\nXin"))
    assert line.open()
    uids = line.uids(0, 100)
    assert len(uids) == 7
    assert line.uids(0, 5) == uids[:5]
    assert line.uids(uids[4], 100) == uids[5:]
    assert line.uids(uids[-1], 100) == []
    line.close()


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
