"""Patterns of meetings and lists of sites: kept once, changed, ended and taken back."""

from __future__ import annotations

import dataclasses

import pytest

from confhub.desks import patterns as desk
from confhub.errors import Conflict, FieldErrors, Forbidden, NotFound
from confhub.meetings.meeting import AgendaItem
from confhub.people.actor import Actor, of_account
from confhub.planning.pattern import ListedPattern, Pattern
from confhub.store import Store
from confhub.units.unit import NewUnit
from tests.confhub.store.country import NOW, Country, account, site


async def clerk_of(store: Store, unit_id: str) -> Actor:
    clerk = account(unit_id, f"thuky.{unit_id}")
    await store.accounts.add(clerk, "hash")
    return of_account(clerk, NOW)


@pytest.fixture
async def briefing(store: Store, country: Country) -> Pattern:
    rooms = [site(country.province, "p"), site(country.muong_cha, "mc")]
    await store.sites.add_many(rooms)
    return Pattern(
        "pattern-1",
        country.province,
        "meeting",
        "  Giao ban   tuần ",
        (rooms[1].id, rooms[0].id),
        title="Giao ban",
        level_id="province",
        chair_site_id=rooms[0].id,
        starts="08:00",
        length_min=90,
        agenda=(AgendaItem("Báo cáo", "Văn phòng", 20),),
    )


async def test_a_pattern_is_kept_once_changed_ended_and_taken_back(
    store: Store, country: Country, briefing: Pattern
) -> None:
    actor = await clerk_of(store, country.province)
    for _ in range(2):
        await desk.add(store, actor, briefing)
    kept = dataclasses.replace(briefing, name="Giao ban tuần")
    assert await store.patterns.get("pattern-1") == kept
    bare = dataclasses.replace(kept, sites=())
    assert await store.patterns.of([country.province]) == [ListedPattern(bare, 2)]
    assert await store.patterns.of([country.muong_cha]) == []
    changed = await desk.change(
        store, actor, dataclasses.replace(kept, length_min=60, sites=kept.sites[1:])
    )
    assert (changed.length_min, changed.version, len(changed.sites)) == (60, 2, 1)
    with pytest.raises(Conflict):
        await desk.change(store, actor, kept)  # of the version before
    ended = await desk.end(store, actor, "pattern-1", 2)
    assert ended.ended_at == NOW
    assert await desk.end(store, actor, "pattern-1", 1) == ended  # it is done
    taken = await desk.take_back(store, actor, "pattern-1", 3)
    assert await store.patterns.get("pattern-1") == taken
    lines = await store.audit.recent(9, "pattern-1")
    acts = ["pattern.added", "pattern.changed", "pattern.ended", "pattern.taken_back"]
    assert sorted(line.action for line in lines) == acts


async def test_of_a_list_of_sites_only_name_and_sites_are_kept(
    store: Store, country: Country, briefing: Pattern
) -> None:
    actor = await clerk_of(store, country.province)
    await desk.add(store, actor, dataclasses.replace(briefing, kind="sites"))
    kept = await store.patterns.get("pattern-1")
    expected = Pattern("pattern-1", country.province, "sites", "Giao ban tuần", briefing.sites)
    assert kept == expected
    # What it is of, it stays.
    changed = await desk.change(store, actor, dataclasses.replace(kept, kind="meeting"))
    assert changed.kind == "sites"


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name": " "}, {"name"}),
        ({"sites": ()}, {"site_ids", "chair_site_id"}),
        ({"title": "", "level_id": "none"}, {"title", "level_id"}),
        ({"starts": "8 giờ", "length_min": 0}, {"start", "length"}),
        ({"chair_site_id": "site-x"}, {"chair_site_id"}),
        ({"agenda": (AgendaItem("x" * 301),)}, {"agenda"}),
    ],
)
async def test_every_wrong_field_is_told_at_once(
    store: Store, country: Country, briefing: Pattern, wrong: dict[str, object], fields: set[str]
) -> None:
    actor = await clerk_of(store, country.province)
    with pytest.raises(FieldErrors) as refused:
        await desk.add(store, actor, dataclasses.replace(briefing, **wrong))  # type: ignore[arg-type]
    assert set(refused.value.fields) == fields


async def test_who_schedules_for_a_unit_keeps_its_patterns_and_nobody_below(
    store: Store, country: Country, briefing: Pattern
) -> None:
    upper = await clerk_of(store, country.province)
    lower = await clerk_of(store, country.muong_cha)
    await desk.add(store, upper, briefing)
    with pytest.raises(Forbidden):
        await desk.add(store, lower, dataclasses.replace(briefing, id="pattern-2"))
    for act in (desk.end, desk.take_back):
        with pytest.raises(NotFound):
            await act(store, lower, "pattern-1", 1)
    own = dataclasses.replace(briefing, id="pattern-3", unit_id=country.muong_cha)
    await desk.add(store, lower, own)
    with pytest.raises(Forbidden):  # nor does one's own go to a unit above
        await desk.change(store, lower, dataclasses.replace(own, unit_id=country.province))


async def test_sites_beside_the_unit_are_in_no_list_of_it(
    store: Store, country: Country, briefing: Pattern
) -> None:
    actor = await clerk_of(store, country.province)
    beside = NewUnit("commune", "Xã Khác", country.province)
    await store.units.add_many([beside])
    await store.sites.add(site(beside.id, "beside"))
    own = dataclasses.replace(
        briefing, unit_id=country.muong_cha, sites=(*briefing.sites, "site-beside")
    )
    with pytest.raises(FieldErrors) as refused:
        await desk.add(store, actor, own)
    assert set(refused.value.fields) == {"site_ids"}


async def test_a_unit_keeps_so_many_and_no_more(
    store: Store, country: Country, briefing: Pattern, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_OF_UNIT", 1)
    actor = await clerk_of(store, country.province)
    await desk.add(store, actor, briefing)
    with pytest.raises(FieldErrors) as refused:
        await desk.add(store, actor, dataclasses.replace(briefing, id="pattern-2"))
    assert set(refused.value.fields) == {"name"}
