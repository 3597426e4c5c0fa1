"""People are mailed of times to be confirmed: once of each version, in their own language."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from confhub.answers.reminders import quiet_of
from confhub.config import Settings
from confhub.desks import agreements as desk
from confhub.desks import grants, meetings
from confhub.desks.letters.papers import Papers
from confhub.desks.planning import series
from confhub.jobs.agreements import AGREEMENTS
from confhub.jobs.mailing import notices
from confhub.jobs.postman import Postman
from confhub.jobs.runner import Runner
from confhub.jobs.smtp import SmtpLine, mail_server
from confhub.mail.notice import Notice
from confhub.meetings.tokens import JoinTokens
from confhub.pauses import Pauses
from confhub.people.account import Account
from confhub.people.grant import Grant, post_of
from confhub.people.person import Person
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import Said
from confhub.planning.recurrence import Rule as Recurrence
from confhub.store import Store
from tests.confhub.desks.test_agreements import DAY, HOUR, SITES, STARTS, ZONE, House
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.mail.letters import HUB, sender
from tests.confhub.store.country import Country, draft_of, site

ORIGIN = "https://hop.example.gov.vn"
CLERK, ONE, TWO = "thuky@dienbien.gov.vn", "an@dienbien.gov.vn", "binh@dienbien.gov.vn"
MINUTE = dt.timedelta(minutes=1)


class Post:
    """A house whose hub sends mail, when it is told to, by the house's clock."""

    def __init__(self, house: House, box: Box, port: int) -> None:
        self.house, self.box = house, box
        server = mail_server(
            Settings(
                mail_host="127.0.0.1",
                mail_port=port,
                mail_tls="off",
                mail_from=HUB,
                mail_timeout_s=5,
            )
        )
        assert server is not None
        self.postman = Postman(
            house.store,
            SmtpLine(server),
            replace(sender(), origin=ORIGIN),
            JoinTokens(b"k" * 32),
            Papers(house.store, self.now),
            self.now,
            pauses=Pauses(first_s=60.0, last_s=3600.0),
            most_tries=3,
        )
        kinds = [*AGREEMENTS, notices(quiet_of("22:00-06:00"))]
        self.runner = Runner(house.store, kinds, self.now, "hub-1")

    def now(self) -> dt.datetime:
        return self.house.now

    async def come(self, at: dt.datetime | None = None) -> list[tuple[str, str]]:
        """Whom what was mailed by then, which is a minute later."""
        self.house.now = at or self.house.now + MINUTE
        await self.plan()
        if at is None:
            self.house.now += MINUTE
        while await self.postman.send_next():
            pass
        await self.postman._line.close()
        found = sorted((to, _subject(data)) for to, data in self.box.mails)
        self.last, self.box.mails = list(self.box.mails), []
        return found

    async def plan(self) -> None:
        await self.runner._plan()
        while await self.runner.do_next():
            pass

    async def notices(self) -> Sequence[Notice]:
        return await self.house.store.notices.of_meeting("meeting-1")

    def text(self, to: str) -> str:
        (data,) = (data for whom, data in self.last if whom == to)
        text, _html = message_from_bytes(data, policy=policy.default).iter_parts()
        return str(text.get_content())


def _subject(data: bytes) -> str:
    return str(message_from_bytes(data, policy=policy.default)["Subject"]).partition(":")[0]


async def _reach(store: Store, who: Account, email: str) -> None:
    await store.accounts.set_person(
        Person(who.id, who.name, unit_id=who.unit_id, email=email, phone="0215 3 825 111")
    )


@pytest.fixture
async def house(store: Store, country: Country) -> House:
    made = House(store, country)
    made.engineers[1] = dataclasses.replace(made.engineers[1], language="en")
    await store.sites.add_many([site(made.host, code) for code in ("a", "b")])
    for one in (made.clerk, *made.engineers, made.boss, made.small_boss):
        await store.accounts.add(one, "hash")
    told = (made.clerk, CLERK), (made.engineers[0], ONE), (made.engineers[1], TWO)
    for who, email in (*told, (made.boss, "quantri@dienbien.gov.vn")):
        await _reach(store, who, email)
    await desk.set_rule(store, made.by(made.boss), made.host, Rule(made.host, made.centre))
    return made


@pytest.fixture
async def post(house: House) -> AsyncIterator[Post]:
    box = Box()
    async with mail_server_of(box) as port:
        yield Post(house, box, port)


async def test_the_centre_is_asked_and_who_asked_is_told_the_answer(
    house: House, post: Post
) -> None:
    await house.plan()
    assert await post.come() == [(ONE, "Xin xác nhận giờ họp"), (TWO, "Please confirm a time")]
    told = post.text(ONE)
    assert f"{ORIGIN}/meetings/asked" in told
    assert "Xin trả lời trước: 17:30" in told
    assert "0215 3 825 111" in told  # of who asked
    assert "Please answer by: 17:30" in post.text(TWO)
    await house.say(Said("confirm"))
    assert await post.come() == [(CLERK, "Đã xác nhận giờ họp")]
    assert f"{ORIGIN}/meetings/meeting-1" in post.text(CLERK)
    assert await post.come() == []


async def test_why_a_time_was_declined_and_which_other_is_proposed_is_told(
    house: House, post: Post
) -> None:
    await house.plan()
    await post.come()
    await house.say(Said("decline", "Cắt điện cả ngày"))
    assert await post.come() == [(CLERK, "Không xác nhận được giờ họp")]
    assert "Cắt điện cả ngày" in post.text(CLERK)
    known = await house.now_stands()
    await desk.ask_again(house.store, house.secretary, "meeting-1", known.version)
    assert [to for to, _ in await post.come()] == [ONE, TWO]
    await house.say(Said("propose", "", STARTS + 2 * HOUR, STARTS + 3 * HOUR))
    assert await post.come() == [(CLERK, "Đề nghị giờ họp khác")]
    assert "Giờ đề nghị: 10:00–11:00" in post.text(CLERK)


async def test_a_time_that_is_asked_anew_is_told_once_and_not_the_old_one(
    house: House, post: Post
) -> None:
    await house.plan()
    await post.plan()
    await house.move(STARTS + HOUR)  # before the first mail went
    assert [to for to, _ in await post.come()] == [ONE, TWO]
    assert "09:00–10:00" in post.text(ONE)
    assert [one.state for one in await post.notices()].count("dropped") == 2
    for version in (1, 2):  # whoever plans once more, plans nothing
        await post.runner._store.jobs.add(
            f"job-{version}",
            "notices of a time",
            {"meeting_id": "meeting-1", "version": version, "what": "asked", "by": ""},
            house.now,
            None,
        )
    assert await post.come() == []
    assert len(await post.notices()) == 4


async def test_a_reminder_waits_for_the_end_of_the_quiet_hours(house: House, post: Post) -> None:
    house.now = dt.datetime(2026, 11, 25, 21, tzinfo=ZONE)
    # Due at the end of Thursday; of one that is due on its morning half of the night is over.
    await house.plan(at=dt.datetime(2026, 11, 26, 9, tzinfo=ZONE))
    await post.come()
    asked = await house.now_stands()
    assert asked.remind_at.astimezone(ZONE).hour == 7
    # As of a centre that was reminded at night by an older rule.
    await house.store.agreements.update(
        replace(asked, remind_at=asked.asked_at + 2 * HOUR, version=asked.version + 1)
    )
    night = dt.datetime(2026, 11, 25, 23, 30, tzinfo=ZONE)
    assert await post.come(night) == []
    assert (await house.now_stands()).reminded_at is not None
    assert await post.come(night + 6 * HOUR) == []
    morning = dt.datetime(2026, 11, 26, 6, 1, tzinfo=ZONE)
    assert await post.come(morning) == []  # planned now, gathered for some seconds
    assert [to for to, _ in await post.come(morning + MINUTE)] == [ONE, TWO]
    assert await post.come(morning + 10 * MINUTE) == []


async def test_silence_is_told_to_who_asked(house: House, post: Post) -> None:
    await house.plan()
    await post.come()
    at = dt.datetime(2026, 11, 26, 7, 31, tzinfo=ZONE)
    await post.come(at)
    assert [to for to, _ in await post.come(at + MINUTE)] == [ONE, TWO]
    assert await post.come(dt.datetime(2026, 11, 26, 18, tzinfo=ZONE)) == [
        (CLERK, "Chưa có trả lời về giờ họp")
    ]


async def test_a_series_comes_in_one_mail(house: House, post: Post) -> None:
    weekly = Recurrence("week", STARTS.date(), weekdays=(STARTS.weekday(),), count=4)
    draft = draft_of(house.host, "commune", SITES, STARTS, HOUR)
    await series.schedule(house.store, house.secretary, "meeting-1", draft, weekly, ZONE)
    assert [to for to, _ in await post.come()] == [ONE, TWO]
    assert post.text(ONE).count("Giao ban") == 4
    found, _ = await house.store.agreements.of_centres([house.centre], house.now, 0, 10)
    assert len(found) == 4
    chosen = [(one.meeting.id, one.agreement.version) for one in found]
    await desk.confirm_many(house.store, house.engineer, chosen)
    assert [to for to, _ in await post.come()] == [CLERK]
    assert post.text(CLERK).count("Giao ban") == 4


async def test_administrators_are_asked_where_there_is_nobody_else_with_an_address(
    house: House, post: Post
) -> None:
    for one in house.engineers:
        await house.store.accounts.update(dataclasses.replace(one, active=False))
    await house.plan()
    assert [to for to, _ in await post.come()] == ["quantri@dienbien.gov.vn"]


async def test_who_has_no_address_is_not_mailed_and_who_stands_in_is(
    house: House, post: Post
) -> None:
    await _reach(house.store, house.engineers[1], "")
    await house.plan()
    assert [to for to, _ in await post.come()] == [ONE]
    ends = house.now + 5 * DAY
    lent = Grant(
        "grant-1",
        house.small_boss.id,
        "secretary",
        house.host,
        None,
        ends,
        house.clerk.id,
        house.now,
        source=post_of(house.clerk),
    )
    await _reach(house.store, house.small_boss, "thay@dienbien.gov.vn")
    await grants.hand_over(house.store, house.secretary, lent)
    await house.say(Said("confirm"))
    assert [to for to, _ in await post.come()] == ["thay@dienbien.gov.vn", CLERK]


async def test_what_waits_is_not_told_once_the_meeting_is_off_or_confirmed(
    house: House, post: Post
) -> None:
    await house.plan()
    await post.plan()
    await meetings.cancel(house.store, house.secretary, "meeting-1", 1, "Bão")
    assert await post.come() == []
    assert {one.state for one in await post.notices()} == {"dropped"}


async def test_a_server_that_is_away_loses_no_notice(house: House, post: Post) -> None:
    await house.plan()
    post.box.answer_from = "451 later"
    assert await post.come() == []
    post.box.answer_from = "250 OK"
    assert [to for to, _ in await post.come()] == [ONE, TWO]
    assert (await house.store.notices.backlog(house.now)).waiting == 0


async def test_who_left_meanwhile_is_not_told_what_waited(house: House, post: Post) -> None:
    await house.plan()
    post.box.answer_from = "451 later"
    assert await post.come() == []
    gone, _stays = house.engineers
    await grants.end(house.store, house.by(house.boss), gone.id, house.now)
    post.box.answer_from = "250 OK"
    assert [to for to, _ in await post.come(house.now + DAY)] == [TWO]
    states = {one.state for one in await post.notices() if one.account_id == gone.id}
    assert states == {"dropped"}
