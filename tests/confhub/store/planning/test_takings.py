"""Who is taken when, by the schedule as it is stored."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from functools import partial

import pytest

from confhub.config import Settings
from confhub.meetings.meeting import MeetingStatus
from confhub.meetings.times import LONGEST
from confhub.planning.shared.along import room_of, technician_of
from confhub.planning.shared.capacity import Load
from confhub.planning.takings import Need, Resource, needs_of
from confhub.store import Store
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from confhub.store.planning.along import sharing
from confhub.store.planning.takings import LONGEST_TAKING
from tests.confhub.store.country import NOW, Country, account, meeting, site

HOUR = dt.timedelta(hours=1)
SITES = ("site-a", "site-b", "site-c")


@pytest.fixture
async def host(store: Store, country: Country) -> str:
    await store.sites.add_many([site(country.district, code) for code in "abc"])
    return country.district


async def taken(
    store: Store, needs: Sequence[Need], start: dt.datetime, end: dt.datetime
) -> set[str]:
    takings = await store.takings.during(needs, start, end, start.date())
    return {one.holder.id for need in needs for one in takings.of(need, start, end)}


@pytest.mark.parametrize(
    ("status", "takes_time"),
    [
        ("scheduled", True),
        ("live", True),
        ("postponed", False),
        ("draft", False),
        ("cancelled", False),
        ("ended", False),
    ],
)
async def test_a_site_is_taken_by_some_statuses_only(
    store: Store, host: str, status: MeetingStatus, takes_time: bool
) -> None:
    await store.meetings.add(meeting(host, SITES[:2], status=status))
    needs = needs_of(meeting(host, SITES[1:]))
    found = await taken(store, needs, NOW + HOUR / 2, NOW + 2 * HOUR)
    assert found == ({"meeting-1"} if takes_time else set())
    assert await taken(store, needs_of(meeting(host, SITES[2:])), NOW, NOW + HOUR) == set()
    assert await taken(store, needs, NOW + HOUR, NOW + 2 * HOUR) == set()


async def test_chairs_and_presiding_sites_are_found_without_a_site_in_common(
    store: Store, host: str
) -> None:
    held = meeting(host, SITES[:1], chair_name="Ông Hùng")
    await store.meetings.add(held)
    asked = meeting(host, SITES[1:], chair_name="ong hung")
    assert await taken(store, needs_of(asked), NOW, NOW + HOUR) == {held.id}
    elsewhere = meeting(host, SITES[1:], chair_site_id=SITES[0])
    assert await taken(store, needs_of(elsewhere), NOW, NOW + HOUR) == {held.id}


async def test_a_meeting_that_began_long_ago_and_goes_on_is_found(store: Store, host: str) -> None:
    assert LONGEST < LONGEST_TAKING / 2
    long = meeting(host, SITES, starts_at=NOW - LONGEST_TAKING + HOUR, ends_at=NOW + HOUR)
    await store.meetings.add(long)
    assert await taken(store, needs_of(long), NOW, NOW + HOUR) == {long.id}


async def test_loads_are_the_meetings_that_hold_the_time_by_their_sites(
    store: Store, host: str
) -> None:
    for one in (
        meeting(host, SITES),
        meeting(host, SITES[:1], id="own"),
        meeting(host, SITES, id="called-off", status="cancelled"),
        meeting(host, SITES, id="later", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR),
    ):
        await store.meetings.add(one)
    assert await store.takings.loads(NOW, NOW + HOUR, "own") == [Load(NOW, NOW + HOUR, 3)]


async def test_who_shares_is_looked_for_among_those_who_meet_then(
    settings: Settings, store: Store, country: Country
) -> None:
    """Of a province's line, a room and a technician, with sites below it that do not meet."""
    phone = {"technician_phone": "0912 345 678"}
    await store.sites.add_many(
        [
            site(country.province, "hall", streams=2, room="Phòng số 2"),
            site(country.province, "twin", room="phòng số 2"),
            *(site(country.muong_cha, code, **phone) for code in "def"),
            site(country.centre, "g", **phone),
        ]
    )
    wanted = {
        Resource("line", "site-hall"),
        room_of(country.province, "Phòng số 2"),
        technician_of("0912.345.678"),
    }
    database = Database(database_url(settings))
    try:

        async def of(*near: str) -> dict[str, set[str]]:
            found = await database.read_aside(
                lambda connection: sharing(connection, database, wanted, near, NOW.date())
            )
            return {one: {share.resource.kind for share in shares} for one, shares in found.items()}

        assert await of() == {}
        assert await of("site-d", "site-g") == {
            "site-d": {"line", "technician"},
            "site-g": {"technician"},
        }
        assert await of("site-hall", "site-twin") == {
            "site-hall": {"line", "room"},
            "site-twin": {"room"},
        }
    finally:
        await database.close()


@pytest.mark.parametrize("seed", range(3))
async def test_who_shares_is_who_takes_along_what_is_wanted(
    settings: Settings, store: Store, country: Country, seed: int
) -> None:
    """Against all that the sites near by take along, of which the wanted is kept."""
    chance = random.Random(seed)
    hung = account(country.centre, "hung")
    await store.accounts.add(hung, "hash")
    units = (country.centre, country.province, country.muong_cha)
    sites = [
        site(
            chance.choice(units),
            f"n{number}",
            room=chance.choice(("", "Phòng 1", "phong 1", "Hội trường")),
            technician_phone=chance.choice(("", "0912 345", "0912.345", "0913")),
            technician_id=chance.choice(("", "", hung.id)),
            streams=chance.choice((None, 3)),
        )
        for number in range(40)
    ]
    await store.sites.add_many(sites)
    on = NOW.date()
    every = await store.takings.along([one.id for one in sites], on)
    resources = sorted({share.resource for shares in every.values() for share in shares})
    database = Database(database_url(settings))
    try:
        for _ in range(12):
            wanted = set(chance.sample(resources, chance.randint(1, 5)))
            near = {one.id for one in chance.sample(sites, 25)}
            found = await database.read_aside(
                partial(sharing, database=database, wanted=wanted, near=near, on=on)
            )
            kept = {
                one: {share.resource for share in every.get(one, ()) if share.resource in wanted}
                for one in near
            }
            assert {one: {share.resource for share in shares} for one, shares in found.items()} == {
                one: some for one, some in kept.items() if some
            }
    finally:
        await database.close()
