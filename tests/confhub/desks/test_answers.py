"""Sites answer to their invitations: over both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.answers.answer import Answer, AnsweredElsewhere, NoAnswerNow, Reply
from confhub.answers.deadline import usual
from confhub.answers.given import Attendee, Given, State
from confhub.desks import links, meetings
from confhub.desks.answers import giving as desk
from confhub.desks.answers.deadlines import due
from confhub.desks.mail.planning import plan
from confhub.desks.mail.sending import send_out
from confhub.errors import FieldErrors, Forbidden, Gone, NotFound
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.meetings.schedule import Draft
from confhub.people.account import Role
from confhub.people.actor import Actor, of_account
from confhub.store import Store
from confhub.units.unit import NewUnit
from tests.confhub.store.country import NOW, Country, account, draft_of, site
from tests.living_links import living_links
from tests.on_record import waiting

HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)
STARTS = NOW + 72 * HOUR
MAI = Attendee("Lò Thị Mai", "Chủ tịch UBND xã")
BUN = Attendee("Tòng Văn Bun", "Phó Chủ tịch", "substitute", "Chủ tịch đi công tác")
COMING = Given("attending", (MAI, BUN), "Quàng Văn Sơn", "0912 345 678", remark="Đến sớm")
NOT_COMING = Given("declined", remark="Bão về")


class House:
    """A province invites its own room, a commune's and the centre's."""

    def __init__(self, store: Store, country: Country) -> None:
        self.store = store
        self.country = country
        self.now = NOW
        self.known: set[str] = set()

    async def by(self, unit_id: str, role: Role = "secretary") -> Actor:
        who = account(unit_id, f"{role[:3]}.{unit_id}"[:12], role=role)
        if who.id not in self.known:
            await self.store.accounts.add(who, "hash")
            self.known.add(who.id)
        self.now += SECOND
        return of_account(who, self.now)

    @property
    def stranger(self) -> Actor:
        self.now += SECOND
        return Actor(self.now, address="203.0.113.7")

    async def plan(self) -> Meeting:
        draft = draft_of(self.country.province, "province", SITES, STARTS, HOUR)
        draft = dataclasses.replace(draft, agenda=(AgendaItem("Khai mạc"), AgendaItem("Bàn")))
        made = await meetings.schedule(
            self.store, await self.by(self.country.province), "meeting-1", draft
        )
        return await self.store.meetings.get(made.id)

    async def move(self) -> Meeting:
        stands = await self.store.meetings.get("meeting-1")
        actor, at = await self.by(self.country.province), STARTS + 24 * HOUR
        await meetings.move(self.store, actor, stands.id, stands.version, at, at + HOUR, "Bão")
        return await self.store.meetings.get("meeting-1")

    async def reply(self, reply: Reply, site_id: str = "site-xa") -> str:
        self.now += SECOND
        async with self.store.work(Actor(self.now)) as work:
            told = await work.mail.letters_of("meeting-1")
            return await desk.record_reply(work, "meeting-1", site_id, reply, told)

    async def stands(self, site_id: str = "site-xa") -> Answer | None:
        return await self.store.answers.find("meeting-1", site_id)


SITES = ("site-tinh", "site-xa", "site-tw")


@pytest.fixture
async def house(store: Store, country: Country) -> House:
    made = House(store, country)
    units = (country.province, country.muong_cha, country.centre)
    rooms = [site(unit_id, code) for unit_id, code in zip(units, ("tinh", "xa", "tw"), strict=True)]
    mailed = [dataclasses.replace(one, email=f"{one.code}@hop.example.gov.vn") for one in rooms]
    await store.sites.add_many(mailed)
    await made.plan()
    return made


async def test_an_answer_is_stored_whole_with_one_line_on_record(
    store: Store, house: House
) -> None:
    item = (await store.meetings.get("meeting-1")).agenda[1].id
    given = dataclasses.replace(COMING, items=(item,), has_documents=True)
    actor = await house.by(house.country.muong_cha, "site")
    made = await desk.answer(store, actor, "meeting-1", "site-xa", 0, given)
    assert await house.stands() == made
    assert (made.given, made.by.way, made.starts_at) == (given, "account", STARTS)
    again = await desk.answer(store, actor, "meeting-1", "site-xa", 0, given)  # pressed twice
    assert again == made
    (line,) = [one for one in await store.audit.recent(9, "meeting-1") if one.action[0] == "a"]
    assert (line.action, line.detail, line.account_id) == (
        "answer.given",
        "site-xa",
        actor.account_id,
    )
    assert list(line.changes["state"]) == [None, "attending"]
    told = [one.payload for one in await waiting(store, house.now) if one.topic == "answers"]
    assert told == [{"meeting_id": "meeting-1", "site_id": "site-xa", "state": "attending"}]


async def test_another_answer_says_on_record_what_changed(store: Store, house: House) -> None:
    actor = await house.by(house.country.muong_cha)
    await desk.answer(store, actor, "meeting-1", "site-xa", 0, COMING)
    actor = await house.by(house.country.muong_cha)
    alone = dataclasses.replace(COMING, people=(BUN,))
    await desk.answer(store, actor, "meeting-1", "site-xa", 1, alone)
    line = (await store.audit.recent(9, "meeting-1"))[0]
    assert set(line.changes) == {"people", "way"}
    old, new = line.changes["people"]
    assert [one[0] for one in old] == [MAI.name, BUN.name]
    assert [one[0] for one in new] == [BUN.name]
    stands = await house.stands()
    assert stands is not None
    assert stands.given.people == (BUN,)


async def test_who_looked_at_an_older_answer_overwrites_nothing(store: Store, house: House) -> None:
    actor = await house.by(house.country.muong_cha)
    for version in (0, 1):
        given = dataclasses.replace(COMING, remark=str(version))
        await desk.answer(store, actor, "meeting-1", "site-xa", version, given)
    for version in (0, 1, 7):
        with pytest.raises(AnsweredElsewhere):
            await desk.answer(store, actor, "meeting-1", "site-xa", version, NOT_COMING)
    stands = await house.stands()
    assert stands is not None
    for version in (1, 2):
        with pytest.raises(AnsweredElsewhere):
            async with store.work(Actor(NOW)) as work:
                await work.answers.put(dataclasses.replace(stands, version=version))


async def test_who_may_answer_for_whom(store: Store, house: House, country: Country) -> None:
    beside = NewUnit("commune", "Xã Khác", country.province)
    await store.units.add_many([beside])
    nobody = await house.by(beside.id)
    with pytest.raises(NotFound):
        await desk.answer(store, nobody, "meeting-1", "site-xa", 0, COMING)
    commune = await house.by(country.muong_cha)
    with pytest.raises(Forbidden):
        await desk.answer(store, commune, "meeting-1", "site-tinh", 0, COMING)
    with pytest.raises(NotFound):
        await desk.answer(store, commune, "meeting-1", "site-none", 0, COMING)
    host = await house.by(country.province)
    above = await desk.answer(store, host, "meeting-1", "site-xa", 0, COMING)
    assert (above.by.way, above.by.unit_id) == ("behalf", country.province)
    with pytest.raises(Forbidden):  # in the seat of a unit above the host only its own people sit
        await desk.answer(store, host, "meeting-1", "site-tw", 0, COMING)
    room = await house.by(country.province, "site")
    with pytest.raises(Forbidden):  # a room speaks for itself alone
        await desk.answer(store, room, "meeting-1", "site-xa", 1, NOT_COMING)
    own = await desk.answer(store, room, "meeting-1", "site-tinh", 0, COMING)
    assert (own.by.way, own.by.unit_id) == ("account", "")


async def test_whoever_holds_the_link_answers_for_its_site_alone(
    store: Store, house: House
) -> None:
    link = next(one for one in await living_links(store, "meeting-1") if one.site_id == "site-xa")
    made = await desk.answer_by_link(store, house.stranger, link.id, 0, COMING)
    assert (made.site_id, made.by.way, made.by.account_id) == ("site-xa", "link", "")
    await links.revoke(store, await house.by(house.country.province), "meeting-1", link.id)
    with pytest.raises(Gone):
        await desk.answer_by_link(store, house.stranger, link.id, 1, NOT_COMING)
    assert await house.stands() == made


async def test_bad_answers_and_answers_to_what_is_over_are_refused(
    store: Store, house: House
) -> None:
    actor = await house.by(house.country.muong_cha)
    for given in (Given("declined"), dataclasses.replace(COMING, items=("item-of-others",))):
        with pytest.raises(FieldErrors):
            await desk.answer(store, actor, "meeting-1", "site-xa", 0, given)
    late = dataclasses.replace(actor, now=STARTS + 2 * HOUR)
    with pytest.raises(NoAnswerNow):
        await desk.answer(store, late, "meeting-1", "site-xa", 0, COMING)
    host = await house.by(house.country.province)
    await meetings.cancel(store, host, "meeting-1", None, "Bão")
    with pytest.raises(NoAnswerNow):
        await desk.answer(store, actor, "meeting-1", "site-xa", 0, COMING)
    assert await house.reply(Reply("attending", "", house.now)) == "closed"
    assert await house.stands() is None


async def test_an_answer_stays_when_the_meeting_moves_and_is_confirmed_again(
    store: Store, house: House
) -> None:
    actor = await house.by(house.country.muong_cha)
    first = await desk.answer(store, actor, "meeting-1", "site-xa", 0, COMING)
    moved = await house.move()
    assert await house.stands() == first
    assert not first.is_for(moved)
    actor = await house.by(house.country.muong_cha)
    again = await desk.answer(store, actor, "meeting-1", "site-xa", 1, COMING)
    assert again.is_for(moved)


async def test_replies_by_mail_in_any_order(store: Store, house: House) -> None:
    actor = await house.by(house.country.muong_cha)
    await desk.answer(store, actor, "meeting-1", "site-xa", 0, COMING)
    house.now += HOUR
    newer, older = (Reply(state, "", house.now - ago) for state, ago in REPLIES)
    assert await house.reply(newer) == "kept"
    assert await house.reply(older) == "older"
    assert await house.reply(newer) == "older"
    stands = await house.stands()
    assert stands is not None
    assert (stands.given.state, stands.given.people) == ("declined", (MAI, BUN))
    assert await house.reply(newer, "site-none") == "not_invited"


REPLIES: tuple[tuple[State, dt.timedelta], ...] = (
    ("declined", 5 * SECOND),
    ("attending", 60 * SECOND),
)


async def test_a_reply_to_the_time_before_is_not_one_to_the_new_time(
    store: Store, house: House
) -> None:
    host = await house.by(house.country.province)
    await send_out(store, host, "meeting-1", "https://hop.example.gov.vn")
    async with store.work(Actor(house.now)) as work:
        assert await plan(work, "meeting-1", "", 10, 60) == ""
    before = await store.meetings.get("meeting-1")
    moved = await house.move()
    reply = Reply("attending", "", house.now, before.version - 1)
    assert await house.reply(reply) == "kept"
    stands = await house.stands()
    assert stands is not None
    assert (stands.starts_at, stands.is_for(moved)) == (STARTS, False)
    now = Reply("attending", "", house.now, moved.version - 1)
    assert await house.reply(now) == "kept"
    late = Reply("declined", "", house.now + SECOND, before.version - 1)
    assert await house.reply(late) == "older"
    assert (await house.stands() or stands).is_for(moved)


async def test_what_waits_for_a_site_is_asked_of_both_databases(store: Store, house: House) -> None:
    async def waits(*site_ids: str) -> list[tuple[str, str]]:
        found = await store.answers.wanted(site_ids, NOW, STARTS + 48 * HOUR, 9)
        return [(one.meeting_id, one.site_id) for one in found]

    assert await waits("site-xa", "site-tinh") == [("meeting-1", "site-xa")]
    actor = await house.by(house.country.muong_cha)
    await desk.answer(store, actor, "meeting-1", "site-xa", 0, COMING)
    assert await waits("site-xa") == []
    await house.move()
    assert await waits("site-xa") == [("meeting-1", "site-xa")]


async def test_the_deadline_stays_while_the_start_and_the_choice_do(
    store: Store, house: House
) -> None:
    zone = NOW.tzinfo or dt.UTC

    async def until() -> dt.datetime | None:
        return await due(store, await store.meetings.get("meeting-1"), zone)

    async def change(answer_by: dt.datetime | None) -> None:
        stands = await store.meetings.get("meeting-1")
        draft = dataclasses.replace(Draft.of(stands), answer_by=answer_by)
        actor = await house.by(house.country.province)
        await meetings.change(store, actor, stands.id, stands.version, draft)

    first = await until()
    assert first is not None
    assert NOW < first < STARTS
    house.now = first + HOUR  # what has passed does not come again
    await change(None)
    assert await until() == first
    await change(STARTS - HOUR)
    assert await until() == STARTS - HOUR
    (line, *_) = await store.audit.recent(1, "meeting-1")
    assert line.changes["answer_by"] == (None, (STARTS - HOUR).astimezone(dt.UTC).isoformat())
    await house.move()
    stands = await store.meetings.get("meeting-1")
    assert stands.answer_by is None
    late = await until()
    assert late is not None
    assert house.now < late <= stands.starts_at
    actor = await house.by(house.country.province)
    await meetings.cancel(store, actor, stands.id, stands.version, "Bão")
    assert await until() is None
    assert await store.deadlines.find("meeting-1") is None


async def test_a_meeting_of_an_older_program_has_the_usual_deadline(
    store: Store, house: House
) -> None:
    meeting, zone = await store.meetings.get("meeting-1"), NOW.tzinfo or dt.UTC
    async with store.work(Actor(NOW)) as work:
        await work.deadlines.drop("meeting-1")
    calendar = await store.special_days.calendar()
    assert await due(store, meeting, zone) == usual(meeting.starts_at, None, calendar, zone)
