"""Blockings: who enters them, what they take, whom they find there, over both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from confhub.desks import meetings as meeting_desk
from confhub.desks.planning import blockings as desk
from confhub.desks.planning.clashes import clashes_of
from confhub.desks.planning.slots import slots_of
from confhub.errors import FieldErrors, Forbidden, NotFound
from confhub.meetings.schedule import Draft
from confhub.people.account import Role
from confhub.people.actor import Actor, of_account
from confhub.planning.blocking import Blocking
from confhub.planning.conflicts import Clashing, Override, seal_of
from confhub.store import Store
from confhub.store.planning.blockings import HORIZON
from confhub.trail.story import Thing
from tests.confhub.store.country import NOW, Country, account, draft_of, meeting, site

HOUR = dt.timedelta(hours=1)
HOUSE = Actor(NOW)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CUT = Blocking(
    "cut", "site", "power_cut", "Cắt điện", NOW + HOUR, NOW + 3 * HOUR, "UTC", site_id="site-b"
)


@pytest.fixture
async def draft(store: Store, country: Country) -> Draft:
    """Of the province with a commune of it, in two hours."""
    await store.sites.add_many([site(country.province, "a"), site(country.muong_cha, "b")])
    sites = ("site-a", "site-b")
    return draft_of(country.province, "province", sites, NOW + 2 * HOUR, HOUR)


async def actor_as(store: Store, role: Role, unit_id: str) -> Actor:
    made = account(unit_id, role, role=role)
    await store.accounts.add(made, "hash")
    return of_account(made, NOW)


def reaching(country: Country) -> list[tuple[Blocking, set[str]]]:
    """Blockings, and what each takes of the draft."""
    unit = dataclasses.replace(CUT, site_id="", reach="unit")
    return [
        (CUT, {"site-b"}),
        (dataclasses.replace(unit, unit_id=country.muong_cha), {"site-b"}),
        (dataclasses.replace(unit, unit_id=country.province), {"site-a"}),
        (
            dataclasses.replace(unit, reach="below", unit_id=country.province),
            {"site-a", "site-b"},
        ),
        (dataclasses.replace(unit, reach="hub"), {""}),
        (dataclasses.replace(CUT, ends_at=NOW + 2 * HOUR), set()),
        (
            dataclasses.replace(
                CUT,
                starts_at=CUT.starts_at - 21 * 24 * HOUR,
                ends_at=CUT.ends_at - 21 * 24 * HOUR,
                weekly=True,
            ),
            {"site-b"},
        ),
    ]


async def test_what_is_blocked_is_booked_only_with_a_reason_and_until_it_is_ended(
    store: Store, country: Country, draft: Draft
) -> None:
    for number, (blocking, taken) in enumerate(reaching(country)):
        made = dataclasses.replace(blocking, id=f"cut-{number}")
        await desk.add(store, HOUSE, made)
        found = await clashes_of(store, draft, VIETNAM)
        assert {one.need.resource.id for one in found} == taken, made
        assert {one.holder.cause for one in found} <= {"power_cut"}
        await desk.end(store, HOUSE, made.id)
        assert await clashes_of(store, draft, VIETNAM) == []
    await desk.add(store, HOUSE, CUT)
    with pytest.raises(Clashing) as told:
        await meeting_desk.schedule(store, HOUSE, "meeting-1", draft)
    override = Override(seal_of(told.value.clashes), "Có máy phát điện")
    await meeting_desk.schedule(store, HOUSE, "meeting-1", draft, override)
    lines = {one.action: one.detail for one in await store.audit.recent(9, "meeting-1")}
    assert lines["meeting.clash_accepted"] == "Có máy phát điện (b; cut)"


async def test_the_record_of_a_site_or_a_unit_says_what_was_blocked_and_when(
    store: Store, country: Country, draft: Draft
) -> None:
    weekly = dataclasses.replace(
        CUT, id="weekly", site_id="", reach="below", unit_id=country.province, weekly=True,
        until=dt.date(2026, 12, 24),
    )  # fmt: skip
    hub = dataclasses.replace(CUT, id="hub", site_id="", reach="hub")
    said = {
        "kind": "power_cut",
        "reason": "Cắt điện",
        "starts_at": CUT.starts_at.isoformat(),
        "ends_at": CUT.ends_at.isoformat(),
    }
    below = {"reach": "below", "weekly": True, "until": "2026-12-24"}
    cases: list[tuple[Blocking, str, Thing | None, dict[str, Any]]] = [
        (CUT, "site-b", "site", {"reach": "site"}),
        (weekly, country.province, "unit", below),
        (hub, "hub", None, {"reach": "hub"}),
    ]
    for blocking, subject, thing, values in cases:
        await desk.add(store, HOUSE, blocking)
        await desk.end(store, HOUSE, blocking.id)
        lines = {one.action: one for one in await store.audit.recent(9, subject, thing=thing)}
        assert {*lines} == {"blocking.added", "blocking.ended"}
        whole = {**said, **values}
        assert lines["blocking.added"].changes == {name: (None, one) for name, one in whole.items()}
        assert lines["blocking.ended"].changes == {name: (one, one) for name, one in whole.items()}
        assert {one.detail for one in lines.values()} == {blocking.id}


async def test_free_times_keep_clear_of_it(store: Store, country: Country, draft: Draft) -> None:
    until = dt.datetime(2026, 11, 25, 14, tzinfo=VIETNAM)  # the day before is off
    cut = dataclasses.replace(CUT, reach="below", site_id="", unit_id=country.province)
    await desk.add(store, HOUSE, dataclasses.replace(cut, starts_at=NOW, ends_at=until))
    first, *_ = await slots_of(store, draft, "", NOW, VIETNAM)
    assert first.starts_at == until


async def test_meetings_that_stand_are_listed_and_told_to_who_plans_them(
    store: Store, country: Country, draft: Draft
) -> None:
    await meeting_desk.schedule(store, HOUSE, "meeting-1", draft)
    for number, (blocking, taken) in enumerate(reaching(country)):
        made = dataclasses.replace(blocking, id=f"cut-{number}")
        await desk.add(store, HOUSE, made)
        hits = await store.blockings.hits(made, NOW)
        told = await store.precedence.in_the_way(NOW, unit_ids=[country.province])
        count = 2 if taken == {""} else len(taken)
        assert [(one.meeting_id, one.sites) for one in hits] == [("meeting-1", count)] * bool(count)
        assert [(one.kind, one.other_id, one.sites) for one in told] == [
            ("blocked", made.id, count)
        ] * bool(count)
        await desk.end(store, HOUSE, made.id)
        assert await store.blockings.hits(await store.blockings.get(made.id), NOW) == []
    assert await store.precedence.in_the_way(NOW, meeting_id="meeting-1") == []


async def test_only_the_first_meetings_of_the_next_months_are_listed(
    store: Store, country: Country, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confhub.store.planning.blockings.MOST_HIT", 2)

    async def plan(meeting_id: str, at: dt.datetime) -> None:
        sites = tuple(draft.sites)
        values = {"id": meeting_id, "starts_at": at, "ends_at": at + HOUR}
        await store.meetings.add(meeting(country.province, sites, **values))

    for number in range(3):
        await plan(f"m-{number}", NOW + (2 + number) * HOUR)
    far_at = NOW + 2 * HORIZON
    await plan("far", far_at)
    everywhere = dataclasses.replace(CUT, site_id="", reach="below", unit_id=country.province)
    year = dataclasses.replace(everywhere, starts_at=NOW, ends_at=NOW + dt.timedelta(days=366))
    hits = await store.blockings.hits(year, NOW)
    assert [(hit.meeting_id, hit.sites) for hit in hits] == [("m-0", 2), ("m-1", 2)]
    after = dataclasses.replace(year, starts_at=NOW + 6 * HOUR)
    assert await store.blockings.hits(after, NOW) == []
    # Of a weekly one what stands between its times is passed over.
    weekly = dataclasses.replace(everywhere, weekly=True)
    hits = await store.blockings.hits(weekly, NOW)
    assert [hit.meeting_id for hit in hits] == ["m-0"]
    late = dataclasses.replace(year, starts_at=far_at, ends_at=far_at + 2 * HOUR)
    assert [hit.meeting_id for hit in await store.blockings.hits(late, NOW)] == ["far"]


async def test_a_secretary_blocks_own_units_a_technician_sites_and_the_house_the_hub(
    store: Store, country: Country, draft: Draft
) -> None:
    clerk = await actor_as(store, "secretary", country.muong_cha)
    technician = await actor_as(store, "technician", country.province)
    unit = dataclasses.replace(CUT, site_id="", reach="unit", unit_id=country.muong_cha)
    await desk.add(store, clerk, CUT)
    await desk.add(store, clerk, CUT)  # sent twice
    await desk.add(store, clerk, dataclasses.replace(unit, id="unit"))
    await desk.add(store, technician, dataclasses.replace(CUT, id="site"))
    hub = dataclasses.replace(unit, id="hub", reach="hub", unit_id="")
    above = dataclasses.replace(unit, id="above", unit_id=country.province)
    for who, what in (
        (clerk, above),
        (clerk, dataclasses.replace(CUT, id="upper", site_id="site-a")),
        (clerk, hub),
        (technician, dataclasses.replace(unit, id="unit-2")),
        (technician, hub),
    ):
        with pytest.raises((Forbidden, NotFound)):
            await desk.add(store, who, what)
    with pytest.raises(FieldErrors):
        await desk.add(store, clerk, dataclasses.replace(CUT, id="no", reason=" "))
    with pytest.raises((Forbidden, NotFound)):
        await desk.end(store, technician, "unit")
    ended = await desk.end(store, technician, CUT.id)
    assert ended.ended_at is None  # as it was before
    shown = await store.blockings.concerning(
        country.muong_cha, NOW.date(), NOW, NOW + HOUR * 24, site_id="site-b"
    )
    assert {one.id for one in shown} == {"unit", "site"}
