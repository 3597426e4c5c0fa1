"""A meeting of three sites, and a hub that mails them, for the tests of mail."""

from __future__ import annotations

import datetime as dt

import msgspec

from confhub.answers.reminders import quiet_of
from confhub.config import Settings
from confhub.desks import meetings
from confhub.desks.letters.papers import Papers
from confhub.desks.mail import sending as desk
from confhub.jobs.mailing import mailing, reminders
from confhub.jobs.postman import Postman
from confhub.jobs.runner import Runner
from confhub.jobs.smtp import SmtpLine, mail_server
from confhub.mail.letter import Mail
from confhub.meetings.schedule import Draft
from confhub.meetings.tokens import JoinTokens
from confhub.pauses import Pauses
from confhub.people.actor import Actor
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box
from tests.confhub.mail.letters import HUB, sender
from tests.confhub.mail.test_message import parts_of
from tests.confhub.store.country import NOW, Country, draft_of, site

HOUR = dt.timedelta(hours=1)
HOUSE = Actor(NOW)
MEETING = "meeting-1"
ORIGIN = "https://hop.example.gov.vn"
A, B = "a@dienbien.gov.vn", "b@dienbien.gov.vn"
TOKENS = JoinTokens(b"k" * 32)


class Hub:
    """Plans and sends as a hub does, when it is told to, by a clock of its own."""

    def __init__(self, store: Store, port: int, **settings: object) -> None:
        self.now = NOW
        self.store = store
        given = Settings(mail_host="127.0.0.1", mail_port=port, mail_tls="off", mail_from=HUB)
        given = msgspec.structs.replace(given, mail_timeout_s=5, **settings)
        server = mail_server(given)
        assert server is not None
        kinds = [mailing(60), *reminders(quiet_of(""), 60)]
        self.runner = Runner(store, kinds, lambda: self.now, "hub-1")
        self.postman = Postman(
            store,
            SmtpLine(server),
            sender(),
            TOKENS,
            Papers(store, lambda: self.now),
            lambda: self.now,
            pauses=Pauses(first_s=60.0, last_s=3600.0),
            most_tries=3,
        )

    async def plan(self) -> None:
        while await self.runner.do_next():
            pass

    async def work(self) -> None:
        """Until there is nothing to be done now."""
        await self.plan()
        while await self.postman.send_next():
            pass
        await self.postman._line.close()

    async def later(self, by: dt.timedelta) -> None:
        self.now += by
        await self.work()

    async def mail_of(self, code: str) -> Mail:
        return (await self.store.mail.latest(MEETING))[f"site-{code}"]


def subjects(box: Box) -> list[str]:
    """What each of the mails is, the first one first."""
    return [str(parts_of(data)[0]["Subject"]).partition(":")[0] for _to, data in box.mails]


async def schedule(store: Store, country: Country) -> Draft:
    """Of three sites, of which one has no address."""
    await store.sites.add_many(
        [
            site(country.district, "a", email=A),
            site(country.district, "b", email=B),
            site(country.district, "c"),
        ]
    )
    sites = ("site-a", "site-b", "site-c")
    draft = draft_of(country.district, "district", sites, NOW + 48 * HOUR, HOUR)
    await meetings.schedule(store, HOUSE, MEETING, draft)
    return draft


async def send_out(store: Store) -> None:
    await desk.send_out(store, HOUSE, MEETING, ORIGIN)


async def move(store: Store, hours: int = 1) -> None:
    meeting = await store.meetings.get(MEETING)
    by = hours * HOUR
    await meetings.move(
        store,
        HOUSE,
        MEETING,
        meeting.version,
        meeting.starts_at + by,
        meeting.ends_at + by,
        "Mưa lũ",
    )
