"""Who reads what comes back by mail, when it is told to, and answers as programs write them."""

from __future__ import annotations

from sqlalchemy import select

from confhub.config import Settings
from confhub.jobs.imap import ImapLine, ImapServer, imap_server
from confhub.jobs.intake import Intake
from confhub.mail.replies import MailReply
from confhub.pauses import Pauses
from confhub.store import Store
from confhub.store import tables as t
from tests.confhub.jobs.imap_server import LOGIN, ImapBox
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import MEETING, TOKENS, Hub
from tests.confhub.mail.intake.samples import mail
from tests.confhub.mail.letters import HUB
from tests.confhub.mail.test_message import parts_of

ANSWERS = TOKENS.answers


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


async def replies_of(store: Store, code: str) -> list[MailReply]:
    """What came from a site, the last first."""
    c = t.mail_reply.c
    query = select(t.mail_reply).where(c.meeting_id == MEETING, c.site_id == f"site-{code}")
    async with store._database.read() as connection:
        rows = await connection.execute(query.order_by(c.received_at.desc(), c.id))
    return [MailReply(**row._mapping) for row in rows]


async def answer_of(store: Store, code: str) -> MailReply | None:
    """The last that counts, or proposes a time."""
    for one in await replies_of(store, code):
        if one.standing == "counts" or (one.standing, one.kind) == ("open", "counter"):
            return one
    return None
