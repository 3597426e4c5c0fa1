"""Nobody is booked twice by oversight, over both databases."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from confhub.config import Settings
from confhub.desks import meetings as desk
from confhub.desks.planning.clashes import clashes_of
from confhub.desks.planning.slots import slots_of
from confhub.desks.registry.unit_line import set_streams
from confhub.errors import FieldErrors, Unavailable
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from confhub.planning.blocking import Blocking
from confhub.planning.conflicts import Clashing, Override, seal_of
from confhub.planning.takings import LOAD
from confhub.store import Store, open_store
from tests.confhub.store.country import NOW, REFORM, Country, draft_of, site

HOUR = dt.timedelta(hours=1)
SITES = ("site-a", "site-b", "site-c")
HOUSE = Actor(NOW)
HANG_S = 60.0
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
async def draft(store: Store, country: Country) -> Draft:
    await store.sites.add_many([site(country.district, code) for code in "abc"])
    return draft_of(country.district, "district", SITES[:2], NOW + HOUR, HOUR)


def with_sites(draft: Draft, *sites: str) -> Draft:
    return dataclasses.replace(draft, chair_site_id=sites[0], sites=sites)


async def test_who_is_taken_is_booked_again_only_with_a_reason_which_is_on_record(
    store: Store, draft: Draft
) -> None:
    await desk.schedule(store, HOUSE, "meeting-1", draft)
    other = with_sites(draft, SITES[2], SITES[1])
    with pytest.raises(Clashing) as told:
        await desk.schedule(store, HOUSE, "meeting-2", other)
    seal = seal_of(told.value.clashes)
    with pytest.raises(FieldErrors):
        await desk.schedule(store, HOUSE, "meeting-2", other, Override(seal))
    assert await store.audit.recent(9, "meeting-2") == []
    await desk.schedule(store, HOUSE, "meeting-2", other, Override(seal, "Họp khẩn"))
    lines = {one.action: one.detail for one in await store.audit.recent(9, "meeting-2")}
    assert lines["meeting.clash_accepted"] == "Họp khẩn (b; meeting-1)"


async def test_a_meeting_that_is_changed_or_moved_is_asked_as_a_new_one(
    store: Store, draft: Draft
) -> None:
    await desk.schedule(store, HOUSE, "meeting-1", draft)
    later = dataclasses.replace(draft, starts_at=NOW + 2.5 * HOUR, ends_at=NOW + 3 * HOUR)
    moved = await desk.schedule(store, HOUSE, "meeting-2", later)
    moved = await desk.change(store, HOUSE, moved.id, moved.version, later)
    with pytest.raises(Clashing):
        await desk.change(store, HOUSE, moved.id, moved.version, draft)
    span = (draft.starts_at, draft.ends_at)
    with pytest.raises(Clashing):
        await desk.move(store, HOUSE, moved.id, moved.version, *span, "Bão")
    held = await desk.hold_over(store, HOUSE, moved.id, moved.version, "Bão")
    # It waits for a time, so that it stands in nobody's way and nobody in its own.
    held = await desk.change(store, HOUSE, held.id, held.version, draft)
    longer = (draft.starts_at, later.starts_at)
    with pytest.raises(Clashing):
        await desk.move(store, HOUSE, held.id, held.version, *longer, "Bão tan")
    assert await clashes_of(store, later, dt.UTC) == []


async def test_hubs_are_filled_beyond_what_they_carry_only_with_a_reason_which_is_on_record(
    settings: Settings, store: Store, country: Country, draft: Draft
) -> None:
    """Of three who save at once, each a meeting of two sites, hubs that send five pictures carry
    two."""
    await store.sites.add_many([site(country.district, code) for code in "def"])
    measured = msgspec.structs.replace(settings, hub_sites=("hub-1=1",))
    pairs = [("a", "b"), ("c", "d"), ("e", "f")]
    wanted = [with_sites(draft, *(f"site-{code}" for code in pair)) for pair in pairs]
    hubs = [await open_store(measured) for _ in pairs]
    try:
        async with asyncio.timeout(HANG_S):
            done = await asyncio.gather(
                *(
                    desk.schedule(hub, HOUSE, f"meeting-{number}", one)
                    for number, (hub, one) in enumerate(zip(hubs, wanted, strict=True))
                ),
                return_exceptions=True,
            )
        (refused,) = (number for number, one in enumerate(done) if not isinstance(one, Meeting))
        told = done[refused]
        assert isinstance(told, Clashing)
        (clash,) = told.clashes
        assert (clash.need.resource, clash.taken, clash.need.holds) == (LOAD, 6, 5)
        free = await slots_of(hubs[0], wanted[refused], "", draft.starts_at, VIETNAM)
        assert min(one.starts_at for one in free) >= draft.ends_at
        (name, one), override = (f"meeting-{refused}", wanted[refused]), Override(seal_of([clash]))
        with pytest.raises(FieldErrors):
            await desk.schedule(hubs[0], HOUSE, name, one, override)
        override = dataclasses.replace(override, reason="Họp khẩn")
        await desk.schedule(hubs[0], HOUSE, name, one, override)
    finally:
        for hub in hubs:
            await hub.close()
    lines = {one.action: one.detail for one in await store.audit.recent(9, name)}
    assert lines["meeting.clash_accepted"] == "Họp khẩn (hub 6/5)"


@pytest.mark.parametrize(
    "shared", [{}, {"room": "Phòng số 2"}, {"technician_phone": "0912 345 678"}]
)
async def test_secretaries_who_save_at_once_never_book_a_site_twice(
    settings: Settings, store: Store, draft: Draft, shared: dict[str, Any]
) -> None:
    """Each through a hub of its own: of those who want a site, a room or a technician at one time,
    one gets it."""
    for room in await store.sites.get_many(SITES):
        await store.sites.update(dataclasses.replace(room, **shared))
    chance = random.Random(7)
    hours = [chance.randrange(2) for _ in range(6)]
    wanted = [
        dataclasses.replace(
            with_sites(draft, *chance.sample(SITES, 2)),
            starts_at=NOW + hour * HOUR,
            ends_at=NOW + (hour + chance.choice([1, 2])) * HOUR,
        )
        for hour in hours
    ]
    other_hub = await open_store(settings)
    try:
        async with asyncio.timeout(HANG_S):
            done = await asyncio.gather(
                *(
                    desk.schedule((store, other_hub)[n % 2], HOUSE, f"meeting-{n}", one)
                    for n, one in enumerate(wanted)
                ),
                return_exceptions=True,
            )
    finally:
        await other_hub.close()
    # Of a machine that is very busy some may not come to their turn in time: they book nothing.
    refused = {type(one) for one in done if isinstance(one, BaseException)}
    assert Clashing in refused
    assert refused <= {Clashing, Unavailable}
    held = await store.meetings.between(NOW, NOW + 9 * HOUR)
    assert {one.id for one in held} >= {one.id for one in done if isinstance(one, Meeting)} != set()
    for one in held:
        assert await clashes_of(store, one, dt.UTC, one.id) == []


async def test_rooms_technicians_and_lines_are_booked_twice_only_with_a_reason(
    store: Store, country: Country
) -> None:
    phone = {"technician_name": "Lò Văn A", "technician_phone": "0912 345 678"}
    await store.sites.add_many(
        [
            site(country.province, "hall", room="Phòng số 2", streams=3),
            site(country.province, "hall-2", room="PHÒNG SỐ 2"),
            site(country.muong_cha, "one", **phone),
            site(country.centre, "two", **phone | {"technician_phone": "0912.345.678"}),
            site(country.muong_cha, "three"),
            site(country.muong_cha, "four"),
        ]
    )

    def wanted(*codes: str) -> Draft:
        sites = tuple(f"site-{code}" for code in codes)
        return draft_of(country.centre, "central", sites, NOW + HOUR, HOUR)

    for number, (first, second, kind, said) in enumerate(
        [
            (("hall",), ("hall-2",), "room", "Phòng số 2"),
            (("one",), ("two",), "technician", "Lò Văn A"),
            (("three", "one"), ("four", "hall"), "line", "hall"),
        ]
    ):
        held = await desk.schedule(store, HOUSE, f"first-{number}", wanted(*first))
        draft = wanted(*second)
        with pytest.raises(Clashing) as told:
            await desk.schedule(store, HOUSE, f"second-{number}", draft)
        (clash,) = told.value.clashes
        # It is true of whatever is taken, where somebody only reads that it was refused.
        assert "nơi, người hoặc đường truyền không rảnh" in told.value.message
        assert (clash.need.resource.kind, clash.holder.id) == (kind, held.id)
        override = Override(seal_of(told.value.clashes), "Họp khẩn")
        made = await desk.schedule(store, HOUSE, f"second-{number}", draft, override)
        lines = {one.action: one.detail for one in await store.audit.recent(9, made.id)}
        assert said.lower() in lines["meeting.clash_accepted"].lower()
        for one in (held, made):
            await desk.cancel(store, HOUSE, one.id, one.version, "Xong")
    assert await clashes_of(store, wanted("hall", "one", "two", "three"), dt.UTC) == []


async def test_the_line_of_a_unit_is_full_by_figures_for_its_own_rooms_and_those_below(
    store: Store, country: Country
) -> None:
    await store.sites.add_many(
        [
            site(country.province, "hall"),
            site(country.muong_cha, "one"),
            site(country.muong_cha, "two"),
            site(country.centre, "outside"),
        ]
    )
    await set_streams(store, HOUSE, country.province, 2)

    def wanted(*codes: str) -> Draft:
        sites = tuple(f"site-{code}" for code in codes)
        return draft_of(country.centre, "central", sites, NOW + HOUR, HOUR)

    await desk.schedule(store, HOUSE, "meeting-1", wanted("hall", "outside"))
    assert await clashes_of(store, wanted("one"), dt.UTC) == []
    (clash,) = await clashes_of(store, wanted("one", "two"), dt.UTC)
    assert (clash.need.resource.kind, clash.need.holds, clash.taken) == ("line", 2, 3)
    assert (
        clash.need.label
        == (await store.units.names([country.province], NOW.date()))[country.province]
    )
    with pytest.raises(Clashing):
        await desk.schedule(store, HOUSE, "meeting-2", wanted("one", "two"))
    await set_streams(store, HOUSE, country.province, 3)
    await set_streams(store, HOUSE, country.province, 3)
    assert await clashes_of(store, wanted("one", "two"), dt.UTC) == []
    await set_streams(store, HOUSE, country.province, None)
    assert await store.unit_lines.streams([country.province]) == {}
    lines = await store.audit.recent(9, country.province)
    told = {one.changes["streams"] for one in lines if one.action == "unit.line"}
    assert told == {(None, 2), (2, 3), (3, None)}


async def test_units_are_taken_as_they_stand_on_the_day_of_those_who_meet(
    store: Store, country: Country
) -> None:
    """Before seven in the morning, on the day on which a commune comes to be."""
    await store.sites.add_many(
        [
            site(country.province, "hall", streams=2),
            site(country.muong_cha, "one"),
            site(country.muong_cha, "two"),
        ]
    )
    begin = dt.datetime.combine(REFORM, dt.time(6, 30), VIETNAM).astimezone(dt.UTC)
    lower = draft_of(country.muong_cha, "commune", ("site-one", "site-two"), begin, HOUR / 4)
    upper = draft_of(country.province, "province", ("site-hall",), begin, HOUR / 4)
    await desk.schedule(store, HOUSE, "meeting-1", lower)
    (clash,) = await clashes_of(store, upper, VIETNAM)
    assert clash.need.resource.kind == "line"
    assert await clashes_of(store, upper, dt.UTC) == []
    with pytest.raises(Clashing):
        await desk.schedule(store, Actor(NOW.astimezone(VIETNAM)), "meeting-2", upper)
    cut = Blocking(
        "cut", "below", "busy", "Bận", begin, begin + HOUR, VIETNAM.key, unit_id=country.province
    )
    await store.blockings.add(cut)
    found = await clashes_of(store, lower, VIETNAM, "meeting-1")
    assert {clash.site_id for clash in found} == {"site-one", "site-two"}


async def test_of_hundreds_of_sites_each_that_is_taken_is_told(
    store: Store, country: Country
) -> None:
    codes = [f"s{number}" for number in range(300)]
    await store.sites.add_many([site(country.muong_cha, code) for code in codes])
    sites = tuple(f"site-{code}" for code in codes)
    held = draft_of(country.muong_cha, "commune", sites, NOW + HOUR, HOUR)
    await desk.schedule(store, HOUSE, "meeting-1", held)
    found = await clashes_of(store, held, dt.UTC)
    assert {clash.site_id for clash in found} == {*sites}
    with pytest.raises(Clashing) as told:
        await desk.schedule(store, HOUSE, "meeting-2", held)
    assert len(told.value.clashes) == len(sites)
