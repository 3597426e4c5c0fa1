"""The country's data files, and the country in the store."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from confhub.config import Settings
from confhub.desks.country_load import DAY_BEFORE, PIECE, ensure_root, load_2022, load_2025
from confhub.errors import Conflict
from confhub.people.account import Account
from confhub.people.actor import Actor
from confhub.store import Store, open_store
from confhub.units import country
from confhub.units.country import REFORM_ON, Step
from confhub.units.unit import GSO_SCHEME

TODAY = dt.date(2026, 11, 24)
HOUSE = Actor(dt.datetime.combine(REFORM_ON, dt.time(), dt.UTC))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(Settings(data_dir=str(tmp_path)))
    yield opened
    await opened.close()


def test_2022_has_63_provinces_705_districts_and_10599_communes() -> None:
    levels = Counter(entry.level_id for entry in country.read_2022())
    assert levels == {"province": 63, "district": 705, "commune": 10_599}


def test_2025_has_34_provinces_and_3321_communes() -> None:
    levels = Counter(entry.level_id for entry in country.read_2025())
    assert levels == {"province": 34, "commune": 3_321}


@pytest.mark.parametrize("read", [country.read_2022, country.read_2025])
def test_parents_come_before_children_and_codes_are_unique(read: object) -> None:
    entries = read()  # type: ignore[operator]
    seen: set[str] = set()
    for entry in entries:
        assert entry.code not in seen
        assert entry.parent_code is None or entry.parent_code in seen
        seen.add(entry.code)


def test_every_new_unit_has_predecessors_and_all_but_490_old_communes_have_successors() -> None:
    old, new = country.read_2022(), country.read_2025()
    steps = country.read_successions(old)
    assert {step.new_code for step in steps} == {entry.code for entry in new}
    went = {step.old_code for step in steps}
    lost = Counter(entry.level_id for entry in old if entry.code not in went)
    # Districts were dissolved; five island districts became communes.
    assert lost == {"commune": 490, "district": 700}


def test_nam_po_became_six_communes() -> None:
    old = country.read_2022()
    names = {entry.code: entry.name for entry in country.read_2025()}
    communes = {entry.code for entry in old if entry.parent_code == "103"}
    assert len(communes) == 15
    became = {names[s.new_code] for s in country.read_successions(old) if s.old_code in communes}
    assert became == {
        "Xã Mường Chà",
        "Xã Nà Hỳ",
        "Xã Nà Bủng",
        "Xã Chà Tở",
        "Xã Si Pa Phìn",
        "Xã Quảng Lâm",
    }


def test_a_code_is_used_again() -> None:
    old = {entry.code: entry.name for entry in country.read_2022()}
    new = {entry.code: entry.name for entry in country.read_2025()}
    assert (old["03166"], new["03166"]) == ("Xã Chà Cang", "Xã Mường Chà")
    assert Step("03166", "03166") in country.read_successions(country.read_2022())


def test_units_are_unchanged_only_when_nothing_was_merged_into_them() -> None:
    old, new = country.read_2022(), country.read_2025()
    same = country.find_unchanged(old, new, country.read_successions(old))
    assert "11" in same  # Tỉnh Điện Biên
    assert "03166" not in same
    assert "10" not in same  # Lào Cai took in Yên Bái
    assert len(same) == 133


def test_dien_bien_has_10_districts_and_129_communes() -> None:
    part = Counter(entry.level_id for entry in country.cut_province(country.read_2022(), "11"))
    assert part == {"province": 1, "district": 10, "commune": 129}


async def test_both_structures_stand_each_in_its_time(store: Store) -> None:
    began = time.monotonic()
    first = await load_2022(store, HOUSE)
    second = await load_2025(store, HOUSE)
    took_s = time.monotonic() - began
    assert first.added == 63 + 705 + 10_599
    assert (second.added, second.unchanged) == (34 + 3_321 - 133, 133)
    assert second.closed == first.added - 133
    # A machine that is busy is slow; a load that takes a minute is wrong.
    assert took_s < 60

    before = await store.units.by_code(GSO_SCHEME, "03166", DAY_BEFORE)
    after = await store.units.by_code(GSO_SCHEME, "03166", TODAY)
    assert before is not None
    assert after is not None
    assert (before.name, before.valid_to) == ("Xã Chà Cang", REFORM_ON)
    assert (after.name, after.valid_from) == ("Xã Mường Chà", REFORM_ON)
    assert [unit.name for unit in await store.units.path(before.id, DAY_BEFORE)] == [
        "Trung ương",
        "Tỉnh Điện Biên",
        "Huyện Nậm Pồ",
        "Xã Chà Cang",
    ]
    assert [unit.name for unit in await store.units.path(after.id, TODAY)] == [
        "Trung ương",
        "Tỉnh Điện Biên",
        "Xã Mường Chà",
    ]
    assert [unit.id for unit in await store.units.successors(before.id)] == [after.id]
    old_levels = Counter(unit.level_id for unit in await store.units.tree(None, DAY_BEFORE))
    assert old_levels == {"central": 1, "province": 63, "district": 705, "commune": 10_599}
    new_levels = Counter(unit.level_id for unit in await store.units.tree(None, TODAY))
    assert new_levels == {"central": 1, "province": 34, "commune": 3_321}

    province = await store.units.by_code(GSO_SCHEME, "11", TODAY)
    unchanged = await store.units.by_code(GSO_SCHEME, "11", DAY_BEFORE)
    assert province is not None
    assert unchanged is not None
    assert province.id == unchanged.id

    again = await load_2025(store, HOUSE)
    assert (again.added, again.closed) == (0, 0)
    with pytest.raises(Conflict):
        await load_2022(store, HOUSE)


async def test_loading_twice_adds_nothing(store: Store) -> None:
    part = country.cut_province(country.read_2022(), "11")
    assert (await load_2022(store, HOUSE, part)).added == 140
    assert (await load_2022(store, HOUSE, part)).added == 0


async def test_the_reform_does_not_end_units_in_use_by_surprise(store: Store) -> None:
    await load_2022(store, HOUSE, country.cut_province(country.read_2022(), "11"))
    district = await store.units.by_code(GSO_SCHEME, "103", TODAY)
    assert district is not None
    await store.accounts.add(Account("a1", "thuky", "Thư ký", "secretary", district.id), "x")
    with pytest.raises(Conflict, match="1 tài khoản"):
        await load_2025(store, HOUSE)
    assert (await store.units.get(district.id, TODAY)).valid_to is None
    loaded = await load_2025(store, HOUSE, close_in_use=True)
    assert loaded.closed == 139


async def test_others_write_while_the_country_is_loaded(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    loading, signing_in = await open_store(settings), await open_store(settings)
    written = 0

    async def write() -> None:
        nonlocal written
        while True:
            await signing_in.audit.write("signed_in", at=dt.datetime.now(dt.UTC))
            written += 1

    try:
        await ensure_root(loading, HOUSE, DAY_BEFORE)
        writer = asyncio.create_task(write())
        loaded = await load_2022(loading, HOUSE)
        assert not writer.done(), writer
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
    finally:
        await loading.close()
        await signing_in.close()
    assert written > loaded.added / PIECE / 2
