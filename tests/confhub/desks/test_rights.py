"""No use case does anything for who has no right to it, whatever calls it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from confhub import desks
from confhub.answers.answer import Reply
from confhub.answers.given import Given
from confhub.answers.reminders import quiet_of
from confhub.desks import accounts, grants, meetings, people, rights, steps
from confhub.desks.answers import deadlines
from confhub.desks.mail import about, following
from confhub.desks.papers import reading
from confhub.desks.papers.uploading import Looked
from confhub.desks.planning import booking, clashes, slots
from confhub.desks.registry import plans
from confhub.errors import FieldErrors, Forbidden, NotFound
from confhub.imports.unit_edits import Edit
from confhub.letters.forms import LetterForm
from confhub.letters.issued import Template, Wanted
from confhub.mail.intake.found import Incoming, Words
from confhub.meetings.feed import Feed
from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence, RoomTaken
from confhub.meetings.schedule import Draft
from confhub.meetings.tokens import JoinTokens
from confhub.meetings.working_days import SpecialDay
from confhub.papers.paper import Limits, Shown, Upload
from confhub.people.actor import Actor, of_account
from confhub.people.api_token import ApiToken
from confhub.people.grant import Grant, post_of
from confhub.people.person import Person, person_of
from confhub.planning.agreement.rule import Rule as AgreementRule
from confhub.planning.agreement.states import Agreement, Said
from confhub.planning.blocking import Blocking
from confhub.planning.pattern import Pattern
from confhub.planning.recurrence import weekly
from confhub.store import Store
from confhub.units.unit import NewUnit
from tests.confhub.letters.samples import TYPED
from tests.confhub.store.country import NOW, Country, account, meeting, site
from tests.on_record import waiting

# They change nothing, or are asked within a use case.
NO_USE_CASES = {
    "accounts.reset_within",
    "grants.colleagues",
    "meetings.reopenable",
    "agreements.check_released",
    "agreements.confirm_many",  # each by itself, and tells of those that are not one's own
    "agreements.follow",
    "agreements.follow_moves",
    "answers.giving.answer_by_link",  # whoever holds the link speaks for its site
    "answers.giving.record_posted",  # within the posting by who plans the meeting
    "letters.forms.form_of",
    "mail.notices.asking_about",
    "mail.notices.still_told",
    "mail.planning.plan_again",
    "mail.planning.plan_reminders",
    "planning.handing_over.going_on",
    "planning.leaving.check_heir",
    "planning.leaving.check_host_heir",
    "papers.keeping.open_version_by_link",  # whoever holds the link reads for its site
    "planning.series.house_of",
    "planning.series.require_hosts",
    "planning.series.rule_after",
    "planning.series.settle_some",
    "planning.series.still_to_do",
    "registry.writing.write",  # within an import that asked
    "sites.technicians",
}
REFUSED = (Forbidden, NotFound)


def use_cases() -> Iterator[tuple[str, Callable[..., Any]]]:
    for found in pkgutil.walk_packages(desks.__path__, "confhub.desks."):
        module = importlib.import_module(found.name)
        # which use cases ask
        asked = (
            rights,
            steps,
            plans,
            booking,
            clashes,
            slots,
            about,
            following,
            deadlines,
            reading,
        )
        if module in asked:
            continue
        for name, call in vars(module).items():
            if not inspect.iscoroutinefunction(call) or name.startswith("_"):
                continue
            full = f"{found.name.removeprefix('confhub.desks.')}.{name}"
            if call.__module__ == module.__name__ and full not in NO_USE_CASES:
                yield full, call


@dataclasses.dataclass
class World:
    """One of everything, by the names that use cases give what they take."""

    store: Store
    values: dict[str, Any]

    def take(self, call: Callable[..., Any], given: int = 2) -> dict[str, Any]:
        named = list(inspect.signature(call).parameters.values())[given:]
        return {one.name: self.values[one.name] for one in named if one.default is one.empty}

    async def written(self) -> tuple[object, ...]:
        lines = await self.store.audit.recent(99)
        return len(lines), len(await waiting(self.store, NOW))


@pytest.fixture
async def world(store: Store, country: Country) -> World:
    clerk = account(country.province)
    await store.accounts.add(clerk, "hash")
    room = site(country.province, "a")
    await store.sites.add(room)
    planned = meeting(country.province, (room.id,))
    await store.meetings.add(planned)
    (link,) = await store.links.ensure(planned, planned.ends_at)
    chair = Person("person-1", "Lò Thị Mai", unit_id=country.province)
    await store.address_book.add(chair)
    names = [one.name for one in dataclasses.fields(Draft) if one.name != "advice"]
    feed = Feed("feed-1", clerk.id, "0" * 64, NOW, country.province)
    await store.feeds.add(feed)
    given = Grant("grant-1", clerk.id, "site", country.province)
    values: dict[str, Any] = {
        "action": "room.locked",
        "after": "",
        "by": "",
        "account": dataclasses.replace(clerk, name="Ai đó"),
        "account_id": clerk.id,
        "draft": dataclasses.replace(
            Draft(**{name: getattr(planned, name) for name in names}),
            starts_at=planned.ends_at,  # when its sites are free
            ends_at=planned.ends_at + dt.timedelta(hours=1),
        ),
        "edit": Edit("rename", country.province, name="Tỉnh mới"),
        "days": (NOW.date(), NOW.date()),
        "digest": "0" * 64,
        "early_min": 60,
        "ends_at": planned.ends_at,
        "feed": dataclasses.replace(feed, id="feed-2", account_id="nobody", secret_hash="1" * 64),
        "feed_id": feed.id,
        "given": Given("attending"),
        "grant": dataclasses.replace(given, source=post_of(clerk)),
        "grant_id": clerk.id,
        "incoming": Incoming(Words("Xã dự")),
        "issued": True,
        "key": "again-and-again",
        "language": "en",
        "file": "csv",
        "first": 1,
        "letter": Wanted(TYPED, (), Template("letter-1", "0" * 64)),
        "letter_id": "job-1",
        "limit": 10,
        "link_id": link.id,
        "meeting_id": planned.id,
        "member_id": "s-site-a",
        "meeting_ids": [planned.id],
        "minutes": 15,
        "new_id": "",
        "letter_form": LetterForm({"place": "Nậm Pồ"}),
        "old_id": room.id,
        "origin": "https://hop.example.gov.vn",
        "password_hash": "hash",
        "person": person_of(clerk),
        "person_id": chair.id,
        "quiet": quiet_of(""),
        "reason": "Bão",
        "replaces": "hash",
        "reply": Reply("attending", "", NOW),
        "reply_id": "reply-1",
        "room": Fence(planned.id, 1),
        "rule": weekly(planned.starts_at.date()),
        "scope": "following",
        "series_id": "series-1",
        "series_ids": ["series-1"],
        "sign_in_id": "sign-in-1",
        "silent": dt.timedelta(0),
        "site": room,
        "site_id": room.id,
        "stay": Attendance(planned.id, "s-site-a", NOW),
        "starts_at": planned.starts_at,
        "streams": 40,
        "unit_id": country.province,
        "tokens": JoinTokens(b"k" * 32).answers,
        "said": Said("confirm"),
        "told": (),
        "chosen": [(planned.id, 1)],
        "wanted": AgreementRule(country.province, country.province),
        "version": planned.version,
        "what": "job",
        "zone": ZoneInfo("Asia/Ho_Chi_Minh"),
    }
    pattern = Pattern("pattern-1", country.province, "sites", "Mười xã", (room.id,))
    await store.patterns.add(pattern)
    values |= {"pattern": pattern, "pattern_id": pattern.id}
    span = (NOW, NOW + dt.timedelta(hours=1))
    cut = Blocking("cut-1", "site", "power_cut", "Cắt điện", *span, "UTC", site_id=room.id)
    await store.blockings.add(dataclasses.replace(cut, id="cut-0"))
    values |= {"blocking": cut, "blocking_id": "cut-0"}
    values |= {"data": b"x", "on": NOW.date(), "day": NOW.date()}
    span = (planned.starts_at, planned.ends_at)
    due = planned.ends_at
    await store.agreements.add(Agreement(planned.id, country.province, *span, NOW, due, due))
    upload = Upload("upload-1", planned.id, clerk.id, "a.pdf", 10, Shown(), NOW)
    await store.papers.add_upload(upload)
    values |= {"upload": upload, "upload_id": upload.id, "limits": Limits(10, 10, 10, ("pdf",))}
    values |= {"looked": Looked("0" * 64, "pdf", False), "refusal": "paper_kind"}
    values |= {"paper_id": "paper-1", "shown": Shown(), "number": 1}
    token = ApiToken(
        "token-1",
        country.province,
        "nobody",
        "Một cửa",
        "0" * 64,
        ("read_units",),
        NOW,
        NOW + dt.timedelta(days=1),
    )
    kept = dataclasses.replace(token, id="token-0", account_id=clerk.id, secret_hash="1" * 64)
    await store.api_tokens.add(kept)
    values |= {"api_token": token, "token_id": kept.id}
    values["special"] = SpecialDay(NOW.date(), is_off=True, name="Nghỉ bù")
    return World(store, values)


@pytest.mark.parametrize(("name", "call"), [pytest.param(*one, id=one[0]) for one in use_cases()])
async def test_a_use_case_asks_whether_its_actor_may(
    name: str, call: Callable[..., Any], world: World
) -> None:
    first, *_ = inspect.signature(call).parameters
    before = await world.written()
    nobody = Actor(NOW, account_id="nobody")
    if first == "work":
        with pytest.raises(Forbidden):
            async with world.store.work(nobody) as work:
                await call(work, **world.take(call, given=1))
    else:
        assert list(inspect.signature(call).parameters)[:2] == ["store", "actor"]
        expected = RoomTaken if "room" in inspect.signature(call).parameters else REFUSED
        with pytest.raises(expected):
            await call(world.store, nobody, **world.take(call))
    assert await world.written() == before


async def test_a_right_that_ended_a_moment_ago_gives_nothing(world: World) -> None:
    clerk = await world.store.accounts.get(world.values["account_id"])
    actor, draft = of_account(clerk, NOW), world.values["draft"]
    await meetings.schedule(world.store, actor, "meeting-2", draft)
    await grants.end(world.store, Actor(NOW), clerk.id, NOW)
    with pytest.raises(Forbidden):
        await meetings.schedule(world.store, actor, "meeting-3", draft)
    with pytest.raises(NotFound):  # nor does it see the meeting any more
        await meetings.cancel(world.store, actor, "meeting-2", None, "Bão")


@pytest.mark.parametrize("used", [accounts.add, accounts.change, meetings.schedule])
async def test_the_rights_of_who_acts_are_asked_once_in_a_use_case(
    world: World, used: Callable[..., Any]
) -> None:
    chief = dataclasses.replace(account(world.values["account"].unit_id, "chief"), role="admin")
    await world.store.accounts.add(chief, "hash")
    if used is not accounts.change:
        new = dataclasses.replace(world.values["account"], id="new", login="new")
        world.values |= {"account": new, "meeting_id": "new"}
    with asked(world.store) as statements:
        await used(world.store, of_account(chief, NOW), **world.take(used))
    asked_for = [values for text, values in statements if "account_grant" in text]
    assert sum("chief" in str(values) for values in asked_for) == 1


@contextmanager
def asked(store: Store) -> Iterator[list[tuple[str, Collection[object]]]]:
    """Every statement from now on, with its parameters."""
    statements: list[tuple[str, Collection[object]]] = []

    def note(_c: object, _cursor: object, text: str, values: object, *_rest: object) -> None:
        assert isinstance(values, Collection)
        statements.append((text, values))

    engine = store.accounts._database._engine.sync_engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_who_is_only_invited_sees_the_meeting_and_changes_nothing(
    world: World, country: Country
) -> None:
    """A site's account of an invited unit is told that it may not; a foreign one, nothing."""
    for number, unit_id in enumerate((country.province, country.centre)):
        guest = account(unit_id, f"khach.{number}", role="site")
        await world.store.accounts.add(guest, "hash")
        refused = Forbidden if unit_id == country.province else NotFound
        with pytest.raises(refused):
            await meetings.extend(world.store, of_account(guest, NOW), "meeting-1", 15)


async def test_nobody_invites_rooms_out_of_their_tree(
    store: Store, world: World, country: Country
) -> None:
    clerk = account(country.muong_cha, "thuky.muongcha")
    await store.accounts.add(clerk, "hash")
    rooms = [
        site(unit_id, code)
        for unit_id, code in ((country.muong_cha, "own"), (country.centre, "up"))
    ]
    foreign = NewUnit("commune", "Xã Khác", country.province)
    await store.units.add_many([foreign])
    await store.sites.add_many([*rooms, site(foreign.id, "beside")])
    sites = [room.id for room in rooms]
    draft = dataclasses.replace(
        world.values["draft"],
        host_unit_id=country.muong_cha,
        chair_site_id=sites[0],
        sites=tuple(sites),
    )
    planned = await meetings.schedule(store, of_account(clerk, NOW), "meeting-2", draft)
    wider = dataclasses.replace(draft, sites=(*sites, "site-beside"))
    with pytest.raises(FieldErrors) as refused:
        await meetings.change(store, of_account(clerk, NOW), "meeting-2", planned.version, wider)
    assert set(refused.value.fields) == {"site_ids"}
    elsewhere = dataclasses.replace(draft, host_unit_id=country.province)
    with pytest.raises(Forbidden):
        await meetings.change(
            store, of_account(clerk, NOW), "meeting-2", planned.version, elsewhere
        )


async def test_who_tells_of_oneself_says_no_title(world: World) -> None:
    clerk = await world.store.accounts.get(world.values["account_id"])
    told = dataclasses.replace(person_of(clerk), title="Chủ tịch", phone="0215 3 825 111")
    await people.change_person(world.store, of_account(clerk, NOW), told)
    person = await world.store.accounts.person(clerk.id)
    assert (person.title, person.phone) == ("", told.phone)
