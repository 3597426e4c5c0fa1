"""The hosting unit asks, the technical centre answers: over both databases."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from confhub.desks import agreements as desk
from confhub.desks import meetings
from confhub.desks.mail.sending import send_out
from confhub.desks.planning import series
from confhub.errors import ConfhubError, Conflict, FieldErrors, Forbidden, NotFound
from confhub.jobs.agreements import AGREEMENTS
from confhub.jobs.runner import Runner
from confhub.meetings.meeting import Meeting
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import Agreement, AnsweredMeanwhile, NotNow, Said
from confhub.planning.recurrence import Rule as Recurrence
from confhub.store import Store
from tests.confhub.store.country import Country, account, draft_of, site
from tests.living_links import living_links
from tests.on_record import waiting

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
NOW = dt.datetime(2026, 11, 25, 9, tzinfo=ZONE)  # a Wednesday; an answer is due on Thursday evening
STARTS = dt.datetime(2026, 12, 2, 8, tzinfo=ZONE)
SITES = ("site-a", "site-b")
LATE = dt.datetime(2026, 11, 26, 18, tzinfo=ZONE)


class House:
    """A commune whose meetings the province's technicians confirm."""

    def __init__(self, store: Store, country: Country) -> None:
        self.store = store
        self.host = country.muong_cha
        self.centre = country.province
        self.clerk = account(self.host, "thuky")
        self.engineers = [
            account(self.centre, name, role="technician") for name in ("kythuat", "kythuat2")
        ]
        self.boss = account(self.centre, "quantri", role="admin")
        self.small_boss = account(self.host, "quantrixa", role="admin")
        self.now = NOW

    def by(self, who: Account) -> Actor:
        self.now += SECOND  # what is done at one moment has no order on record
        return of_account(who, self.now)

    @property
    def secretary(self) -> Actor:
        return self.by(self.clerk)

    @property
    def engineer(self) -> Actor:
        return self.by(self.engineers[0])

    async def plan(self, meeting_id: str = "meeting-1", at: dt.datetime = STARTS) -> Meeting:
        draft = draft_of(self.host, "commune", SITES, at, HOUR)
        return await meetings.schedule(self.store, self.secretary, meeting_id, draft)

    async def now_stands(self, meeting_id: str = "meeting-1") -> Agreement:
        found = await self.store.agreements.find(meeting_id)
        assert found is not None
        return found

    async def say(self, said: Said, meeting_id: str = "meeting-1") -> Agreement:
        version = (await self.now_stands(meeting_id)).version
        return await desk.answer(self.store, self.engineer, meeting_id, version, said)

    async def move(self, at: dt.datetime, meeting_id: str = "meeting-1") -> Meeting:
        version = (await self.store.meetings.get(meeting_id)).version
        return await meetings.move(
            self.store, self.secretary, meeting_id, version, at, at + HOUR, "Đổi giờ"
        )

    async def pass_until(self, now: dt.datetime) -> None:
        """What hubs do by themselves by then."""
        self.now = now
        runner = Runner(self.store, AGREEMENTS, lambda: self.now, "hub-1")
        await runner._plan()
        while await runner.do_next():
            pass

    async def links(self, meeting_id: str = "meeting-1") -> int:
        return len(await living_links(self.store, meeting_id))


@pytest.fixture
async def house(store: Store, country: Country) -> House:
    made = House(store, country)
    await store.sites.add_many([site(made.host, code) for code in ("a", "b")])
    for one in (made.clerk, *made.engineers, made.boss, made.small_boss):
        await store.accounts.add(one, "hash")
    await desk.set_rule(store, made.by(made.boss), made.host, Rule(made.host, made.centre))
    return made


async def actions(store: Store, meeting_id: str = "meeting-1") -> list[str]:
    lines = await store.audit.recent(99, meeting_id)
    return [one.action for one in lines if one.action.startswith("agreement.")][::-1]


async def test_a_new_meeting_asks_and_its_links_wait_for_the_answer(
    store: Store, house: House
) -> None:
    await house.plan()
    asked = await house.now_stands()
    assert (asked.state, asked.centre_id, asked.asked_by) == ("asked", house.centre, "acc-thuky")
    assert asked.due_at == dt.datetime(2026, 11, 26, 17, 30, tzinfo=ZONE)
    assert await house.links() == 0
    with pytest.raises(Conflict):
        await send_out(store, house.secretary, "meeting-1", "https://hop.example.gov.vn")
    found, count = await store.agreements.of_centres([house.centre], NOW, 0, 10)
    assert [one.meeting.id for one in found] == ["meeting-1"]
    assert count == 1
    await house.say(Said("confirm"))
    assert await house.links() == len(SITES)
    assert (await store.agreements.of_centres([house.centre], NOW, 0, 10))[1] == 0
    assert await store.agreements.states(["meeting-1", "none"]) == {"meeting-1": "confirmed"}
    assert await actions(store) == ["agreement.asked", "agreement.confirmed"]
    told = [one for one in await waiting(store, house.now) if one.topic == "agreements"]
    assert [one.payload["what"] for one in told] == ["asked", "confirmed"]


async def test_where_no_rule_holds_nobody_is_asked(
    store: Store, house: House, country: Country
) -> None:
    draft = draft_of(country.province, "province", SITES, STARTS, HOUR)
    await meetings.schedule(store, Actor(NOW), "meeting-2", draft)
    assert await store.agreements.find("meeting-2") is None
    assert await house.links("meeting-2") == len(SITES)


async def test_a_change_of_text_asks_nobody_and_another_time_asks_again(
    store: Store, house: House
) -> None:
    planned = await house.plan()
    await house.say(Said("confirm"))
    draft = dataclasses.replace(draft_of(house.host, "commune", SITES, STARTS, HOUR), title="Khác")
    await meetings.change(store, house.secretary, planned.id, planned.version, draft)
    assert (await house.now_stands()).state == "confirmed"
    await house.move(STARTS + DAY)
    again = await house.now_stands()
    assert (again.state, again.starts_at) == ("asked", STARTS + DAY)
    assert await house.links() == len(SITES)  # they were sent: they live with the meeting


async def test_the_proposed_time_is_taken_without_asking_again(store: Store, house: House) -> None:
    await house.plan()
    span = (STARTS + 2 * HOUR, STARTS + 3 * HOUR)
    await house.say(Said("propose", "Máy chủ bận đến 9 giờ", *span))
    seen = await store.agreements.to_be_seen_to([house.host], NOW, 9)
    assert [one.agreement.reason for one in seen] == ["Máy chủ bận đến 9 giờ"]
    assert await house.links() == 0
    await house.move(span[0])
    agreed = await house.now_stands()
    assert (agreed.state, agreed.starts_at, agreed.ends_at) == ("confirmed", *span)
    assert await house.links() == len(SITES)
    assert (await actions(store))[-1] == "agreement.accepted"
    line = next(
        one
        for one in await store.audit.recent(99, "meeting-1")
        if one.action == "agreement.proposed"
    )
    assert set(line.changes) == {"starts_at", "ends_at"}


async def test_what_was_declined_may_be_asked_again_once_or_moved(
    store: Store, house: House
) -> None:
    await house.plan()
    declined = await house.say(Said("decline", "Bảo trì máy chủ"))
    again = await desk.ask_again(store, house.secretary, "meeting-1", declined.version)
    assert again.state == "asked"
    # The button was pressed twice.
    once_more = await desk.ask_again(store, house.secretary, "meeting-1", declined.version)
    assert once_more == await house.now_stands()
    with pytest.raises(NotNow):
        await desk.ask_again(store, house.secretary, "meeting-1", again.version)
    await house.say(Said("decline", "Bảo trì máy chủ"))
    await house.move(STARTS + DAY)
    assert (await house.now_stands()).state == "asked"


async def test_who_calls_a_meeting_off_takes_the_question_back(store: Store, house: House) -> None:
    planned = await house.plan()
    await meetings.hold_over(store, house.secretary, planned.id, planned.version, "Chưa rõ")
    assert (await house.now_stands()).state == "taken_back"
    with pytest.raises(NotNow):
        await house.say(Said("confirm"))
    await house.move(STARTS)  # its own time again
    assert (await house.now_stands()).state == "asked"
    version = (await store.meetings.get(planned.id)).version
    await meetings.hold_over(store, house.secretary, planned.id, version, "Chưa rõ")
    await desk.set_rule(store, house.by(house.boss), house.host, Rule(house.host, None))
    await house.move(STARTS + DAY)  # nobody is asked any more
    await house.move(STARTS)
    assert (await house.links(), (await house.now_stands()).state) == (2, "taken_back")
    await meetings.cancel(store, house.secretary, planned.id, None, "Thôi")
    assert (await house.now_stands()).state == "taken_back"


async def test_of_two_answers_at_once_one_stands_and_the_other_is_told(
    store: Store, house: House
) -> None:
    await house.plan()
    one, other = (house.by(who) for who in house.engineers)
    answers = await asyncio.gather(
        desk.answer(store, one, "meeting-1", 1, Said("confirm")),
        desk.answer(store, other, "meeting-1", 1, Said("decline", "Bận")),
        return_exceptions=True,
    )
    refused = [one for one in answers if isinstance(one, BaseException)]
    assert [type(one) for one in refused] == [AnsweredMeanwhile]
    (stands,) = [one for one in answers if isinstance(one, Agreement)]
    assert await house.now_stands() == stands
    # Sent again by who was heard, since the answer was lost: nothing more is done.
    said = Said("confirm") if stands.state == "confirmed" else Said("decline", "Bận")
    winner = one if stands.answered_by == one.account_id else other
    assert await desk.answer(store, winner, "meeting-1", 1, said) == stands
    assert len(await actions(store)) == 2


async def test_an_answer_to_a_time_that_has_changed_is_not_taken(
    store: Store, house: House
) -> None:
    await house.plan()
    await house.move(STARTS + DAY)
    with pytest.raises(AnsweredMeanwhile):
        await desk.answer(store, house.engineer, "meeting-1", 1, Said("confirm"))


async def test_several_are_confirmed_at_once_each_by_itself(store: Store, house: House) -> None:
    for number in (1, 2, 3):
        await house.plan(f"meeting-{number}", STARTS + number * 2 * HOUR)
    await house.say(Said("decline", "Bận"), "meeting-2")
    chosen = [("meeting-1", 1), ("meeting-2", 1), ("none", 1), ("meeting-3", 1)]
    done, refused = await desk.confirm_many(store, house.engineer, chosen)
    assert done == 2
    kinds: dict[str, type[ConfhubError]] = {one: type(why) for one, why in refused}
    assert kinds == {"meeting-2": AnsweredMeanwhile, "none": NotFound}


async def test_what_went_to_another_centre_meanwhile_holds_up_no_other(
    store: Store, house: House, country: Country
) -> None:
    for number in (1, 2):
        await house.plan(f"meeting-{number}", STARTS + number * 2 * HOUR)
    known = await house.now_stands("meeting-1")
    other = dataclasses.replace(known, centre_id=country.centre, version=2)
    await store.agreements.update(other)
    chosen = [("meeting-1", 1), ("meeting-2", 1)]
    done, refused = await desk.confirm_many(store, house.engineer, chosen)
    assert (done, [(one, type(why)) for one, why in refused]) == (1, [("meeting-1", NotFound)])
    assert (await house.now_stands("meeting-1")) == other
    assert (await house.now_stands("meeting-2")).state == "confirmed"


async def test_only_the_centre_answers_and_only_who_plans_asks_again(
    store: Store, house: House
) -> None:
    await house.plan()
    own_engineer = account(house.host, "kythuatxa", role="technician")
    await store.accounts.add(own_engineer, "hash")
    for who in (house.clerk, own_engineer):
        with pytest.raises(NotFound):
            await desk.answer(store, house.by(who), "meeting-1", 1, Said("confirm"))
    declined = await house.say(Said("decline", "Bận"))
    with pytest.raises(Forbidden):
        await desk.ask_again(store, house.engineer, "meeting-1", declined.version)


async def test_the_centre_is_reminded_once_and_silence_holds_nobody_up(
    store: Store, house: House
) -> None:
    await house.plan()
    await house.pass_until(NOW + HOUR)
    assert await actions(store) == ["agreement.asked"]
    assert await store.agreements.reminded([house.centre], house.now) == 0
    for minutes in (0, 10):
        await house.pass_until(
            dt.datetime(2026, 11, 26, 7, 35, tzinfo=ZONE) + minutes * dt.timedelta(minutes=1)
        )
    assert await actions(store) == ["agreement.asked", "agreement.reminded"]
    assert await store.agreements.reminded([house.centre], house.now) == 1
    assert await store.agreements.reminded([house.host], house.now) == 0
    assert (await house.now_stands()).is_urgent(house.now)
    await house.pass_until(LATE)
    assert (await house.now_stands()).state == "lapsed"
    assert await store.agreements.reminded([house.centre], house.now) == 0
    assert await house.links() == len(SITES)
    seen = await store.agreements.to_be_seen_to([house.host], LATE, 9)
    assert [one.agreement.state for one in seen] == ["lapsed"]
    assert (await store.agreements.of_centres([house.centre], LATE, 0, 9))[1] == 1
    await house.say(Said("confirm"))  # late is better than never
    assert (await house.now_stands()).state == "confirmed"


async def test_a_rule_that_is_switched_off_frees_what_waits(store: Store, house: House) -> None:
    await house.plan()
    await desk.set_rule(store, house.by(house.boss), house.host, Rule(house.host, None))
    await house.pass_until(NOW + HOUR)
    assert (await house.now_stands()).state == "taken_back"
    assert await house.links() == len(SITES)


async def test_a_rule_holds_below_and_who_is_bound_by_it_cannot_switch_it_off(
    store: Store, house: House, country: Country
) -> None:
    with pytest.raises(Forbidden):  # the province said so of this unit
        await desk.set_rule(store, house.by(house.small_boss), house.host, None)
    await desk.set_rule(store, house.by(house.boss), house.host, None)
    rule = Rule(country.province, house.centre, 2)
    await desk.set_rule(store, house.by(house.boss), country.province, rule)
    await house.plan()
    assert (await house.now_stands()).due_at == dt.datetime(2026, 11, 27, 17, 30, tzinfo=ZONE)
    off = Rule(house.host, None)
    with pytest.raises(Forbidden):
        await desk.set_rule(store, house.by(house.small_boss), house.host, off)
    await desk.set_rule(store, house.by(house.boss), house.host, off)
    small_boss = house.by(house.small_boss)
    with pytest.raises(NotFound):
        await desk.set_rule(store, small_boss, country.province, Rule(country.province, None))
    lines = await store.audit.recent(9, house.host)
    assert [line.changes["mode"] for line in lines if line.action == "agreement.rule"] == [
        ("above", "off"),
        ("on", "above"),
        ("above", "on"),
    ]


@pytest.mark.parametrize(
    ("centre", "days", "field"), [("host", 1, ""), ("below", 1, "centre_id"), ("host", 0, "days")]
)
async def test_a_rule_that_cannot_be_is_refused_by_its_field(
    store: Store, house: House, centre: str, days: int, field: str
) -> None:
    boss, unit_id = house.by(house.boss), house.centre
    rule = Rule(unit_id, unit_id if centre == "host" else house.host, days)
    if not field:
        await desk.set_rule(store, boss, unit_id, rule)
        return
    with pytest.raises(FieldErrors) as refused:
        await desk.set_rule(store, boss, unit_id, rule)
    assert set(refused.value.fields) == {field}


async def test_a_meeting_that_another_unit_takes_over_is_put_to_the_centre_of_that_one(
    store: Store, house: House, country: Country
) -> None:
    boss = house.by(house.boss)
    await desk.set_rule(store, boss, country.province, Rule(country.province, None))
    planned = await house.plan()
    await house.say(Said("confirm"))
    draft = draft_of(country.province, "province", SITES, STARTS, HOUR)
    taken = await meetings.change(store, Actor(house.now), planned.id, planned.version, draft)
    assert (await house.now_stands()).state == "taken_back"
    assert (await store.agreements.answered_by_centres([house.centre], NOW, 9)) == []
    # Back in the commune, whose meetings are still confirmed: it is asked for like a new one.
    draft = draft_of(house.host, "commune", SITES, STARTS, HOUR)
    await meetings.change(store, Actor(house.now), planned.id, taken.version, draft)
    assert (await house.now_stands()).state == "asked"
    assert await house.links() == len(SITES)


async def test_a_meeting_that_was_put_off_before_there_was_a_rule_keeps_its_links(
    store: Store, house: House
) -> None:
    boss = house.by(house.boss)
    await desk.set_rule(store, boss, house.host, Rule(house.host, None))
    planned = await house.plan()
    assert await house.links() == len(SITES)
    await meetings.hold_over(store, house.secretary, planned.id, planned.version, "Chưa rõ")
    await desk.set_rule(store, boss, house.host, Rule(house.host, house.centre))
    await house.move(STARTS + DAY)
    asked = await house.now_stands()
    assert (asked.state, asked.holds_links) == ("asked", False)
    assert await house.links() == len(SITES)


async def test_each_meeting_of_a_series_is_asked_for(store: Store, house: House) -> None:
    weekly = Recurrence("week", STARTS.date(), weekdays=(STARTS.weekday(),), count=3)
    draft = draft_of(house.host, "commune", SITES, STARTS, HOUR)
    await series.schedule(store, house.secretary, "meeting-1", draft, weekly, ZONE)
    found, count = await store.agreements.of_centres([house.centre], NOW, 0, 10)
    assert count == 3
    assert {one.agreement.state for one in found} == {"asked"}
    assert await house.links() == 0
