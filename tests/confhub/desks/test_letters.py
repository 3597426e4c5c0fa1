"""Letters are issued and numbered: over both databases."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import msgspec
import pytest

from confhub.desks import meetings
from confhub.desks.letters import issuing as desk
from confhub.errors import Conflict, FieldErrors, Forbidden, NotFound
from confhub.letters.invitation import Group
from confhub.letters.issued import Issued, Template, Wanted
from confhub.meetings.changes import NoMoreChanges
from confhub.people.account import Role
from confhub.people.actor import Actor, of_account
from confhub.store import Store
from tests.confhub.letters.samples import TYPED
from tests.confhub.store.country import NOW, Country, account, meeting, site

YEAR = NOW.year
LETTER = Wanted(
    msgspec.structs.replace(TYPED, number=""),
    (Group("Xã", (("Xã Mường Chà", "Phòng họp xã"),)),),
    Template("letter-1", "0" * 64),
)


async def by(store: Store, unit_id: str, role: Role = "secretary") -> Actor:
    who = account(unit_id, f"{role[:3]}.{unit_id}"[:12], role=role)
    if who.id not in {one.id for one in await store.accounts.list()}:
        await store.accounts.add(who, "hash")
    return of_account(who, NOW)


async def planned(store: Store, country: Country) -> None:
    await store.sites.add(site(country.province, "tinh"))
    await store.sites.add(site(country.muong_cha, "xa"))
    await store.meetings.add(meeting(country.province, ("site-tinh", "site-xa")))


async def numbers(store: Store) -> list[int]:
    return sorted(one.number for one in await store.letters.of_meeting("meeting-1"))


async def test_many_are_issued_at_once_and_some_fail_yet_no_number_is_missing_or_double(
    store: Store, country: Country
) -> None:
    await planned(store, country)
    actor = await by(store, country.province)
    await desk.issue(store, actor, "letter-first", "meeting-1", LETTER)
    typed = msgspec.structs.replace(LETTER.typed, subject="Khác")
    other = dataclasses.replace(LETTER, typed=typed)

    async def issue(number: int) -> Issued | Conflict:
        fails = number % 3 == 0  # once its number is taken: the id is another letter's
        try:
            key, wanted = ("letter-first", other) if fails else (f"letter-{number}", LETTER)
            return await desk.issue(store, actor, key, "meeting-1", wanted)
        except Conflict as error:
            assert fails
            return error

    done = await asyncio.gather(*(issue(number) for number in range(24)))
    issued = [one for one in done if isinstance(one, Issued)]
    assert len(issued) == 16
    assert sorted(one.number for one in issued) == list(range(2, 18))
    assert await numbers(store) == list(range(1, 18))
    register = await store.letters.register(country.province, YEAR)
    assert register is not None
    assert (register.first, register.last) == (1, 17)


async def test_an_issued_letter_is_kept_with_its_number_told_and_on_record(
    store: Store, country: Country
) -> None:
    await planned(store, country)
    actor = await by(store, country.province)
    issued = await desk.issue(store, actor, "letter-a", "meeting-1", LETTER)
    assert (issued.said, issued.day, issued.unit_id) == (
        "01/GM-UBND",
        NOW.date(),
        country.province,
    )
    again = await desk.issue(store, actor, "letter-a", "meeting-1", LETTER)  # sent twice
    assert again == issued
    assert await store.letters.of_meeting("meeting-1") == [issued]
    kept = await store.letters.kept("letter-a")
    assert kept.letter.number == "Số: 01/GM-UBND"
    assert kept.letter.dated == "Nậm Pồ, ngày 24 tháng 11 năm 2026"
    assert "Giấy mời số 01/GM-UBND" in kept.letter.annex_note
    assert kept.letter.annex == LETTER.annex
    assert kept.typed == LETTER.typed
    lines = [one for one in await store.audit.recent(99) if one.action == "letter.issued"]
    assert [(one.subject, one.detail) for one in lines] == [("meeting-1", "01/GM-UBND")]


async def test_a_letter_is_corrected_once_by_one_that_names_it(
    store: Store, country: Country
) -> None:
    await planned(store, country)
    actor = await by(store, country.province)
    await desk.issue(store, actor, "letter-a", "meeting-1", LETTER)
    wanted = dataclasses.replace(LETTER, corrects="letter-a")
    with pytest.raises(FieldErrors) as refused:
        await desk.issue(store, actor, "letter-b", "meeting-1", wanted)
    assert set(refused.value.fields) == {"closing"}
    closing = "Giấy mời này thay thế Giấy mời số 01/GM-UBND."
    typed = msgspec.structs.replace(wanted.typed, closing=closing)
    wanted = dataclasses.replace(wanted, typed=typed)
    assert (await desk.issue(store, actor, "letter-b", "meeting-1", wanted)).number == 2
    with pytest.raises(Conflict):
        await desk.issue(store, actor, "letter-c", "meeting-1", wanted)
    missing = dataclasses.replace(wanted, corrects="letter-x")
    with pytest.raises(NotFound):
        await desk.issue(store, actor, "letter-c", "meeting-1", missing)
    assert await numbers(store) == [1, 2]


async def test_each_year_has_a_register_by_the_calendar_of_the_house(
    store: Store, country: Country
) -> None:
    await planned(store, country)
    actor = await by(store, country.province)
    zone = dt.timezone(dt.timedelta(hours=7))
    for number, hour in enumerate((16, 17)):  # 23:00 and midnight where the users are
        at = dt.datetime(2026, 12, 31, hour, tzinfo=dt.UTC).astimezone(zone)
        late = dataclasses.replace(actor, now=at)
        await desk.issue(store, late, f"letter-{number}", "meeting-1", LETTER)
    found = [(one.year, one.number, one.day) for one in await store.letters.of_meeting("meeting-1")]
    assert found == [(2027, 1, dt.date(2027, 1, 1)), (2026, 1, dt.date(2026, 12, 31))]


async def test_only_who_may_change_the_meeting_issues_and_only_while_it_may_be_changed(
    store: Store, country: Country
) -> None:
    await planned(store, country)
    below = await by(store, country.muong_cha)
    with pytest.raises(Forbidden):
        await desk.issue(store, below, "letter-a", "meeting-1", LETTER)
    above = await by(store, country.centre)
    assert (await desk.issue(store, above, "letter-a", "meeting-1", LETTER)).number == 1
    await meetings.cancel(store, above, "meeting-1", None, "Bão")
    with pytest.raises(NoMoreChanges):
        await desk.issue(store, above, "letter-b", "meeting-1", LETTER)
    assert await numbers(store) == [1]


async def test_a_register_begins_once_and_before_the_first_letter(
    store: Store, country: Country
) -> None:
    await planned(store, country)
    admin = await by(store, country.province, "admin")
    with pytest.raises(FieldErrors):
        await desk.begin_register(store, admin, country.province, 0)
    await desk.begin_register(store, admin, country.province, 58)
    await desk.begin_register(store, admin, country.province, 58)  # sent twice
    with pytest.raises(Conflict):
        await desk.begin_register(store, admin, country.province, 60)
    secretary = await by(store, country.province)
    assert (await desk.issue(store, secretary, "letter-a", "meeting-1", LETTER)).number == 58
    with pytest.raises(Conflict):
        await desk.begin_register(store, admin, country.province, 58)
    with pytest.raises(NotFound):
        await desk.begin_register(store, secretary, country.province, 1)
    lines = [one for one in await store.audit.recent(99) if one.action == "register.begun"]
    assert [one.subject for one in lines] == [country.province]
