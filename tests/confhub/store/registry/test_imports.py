"""Plans of an import: carried out all or nothing, on the store as it is by then."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from typing import Any

import pytest

from confhub.errors import Conflict
from confhub.imports.sites import SitePlan
from confhub.store import Store
from confhub.store.registry import imports
from confhub.units.records import CodeSpan, Span, UnitChange, UnitPlan
from confhub.units.site import Line
from confhub.units.unit import GSO_SCHEME, NewUnit
from confhub.units.use import Held, UnitUse
from tests.confhub.store.country import (
    BEFORE,
    NOW,
    REFORM,
    Country,
    account,
    meeting,
    rename,
    site,
    unit,
)

TODAY = dt.date(2026, 11, 24)
LATER = dt.date(2027, 1, 1)


def plan(*changes: UnitChange, new: tuple[NewUnit, ...] = ()) -> UnitPlan:
    return UnitPlan(new=new, changes=changes, unchanged=0)


async def test_a_record_holds_every_name_parent_and_code_in_order(
    store: Store, country: Country
) -> None:
    await rename(store, country.muong_cha, "Phường Mường Chà", LATER)
    await store.units.move(country.muong_cha, country.centre, LATER)
    (record,) = await store.imports.unit_records([country.muong_cha])
    assert (record.valid_from, record.valid_to) == (REFORM, None)
    assert record.names == (
        Span("Xã Mường Chà", REFORM, LATER),
        Span("Phường Mường Chà", LATER, None),
    )
    assert record.parents == (
        Span(country.province, REFORM, LATER),
        Span(country.centre, LATER, None),
    )
    assert record.codes == (CodeSpan("03166", REFORM, None, GSO_SCHEME),)
    assert len(await store.imports.unit_records()) == 6
    assert await store.imports.unit_records([]) == []


async def test_a_correction_holds_as_if_it_had_always_been_so(
    store: Store, country: Country
) -> None:
    change = UnitChange(country.cha_nua, corrects=BEFORE, name="Xã Chà Nua")
    await store.imports.carry_out_units(plan(change))
    (record,) = await store.imports.unit_records([country.cha_nua])
    assert record.names == (Span("Xã Chà Nua", None, REFORM),)
    assert [one.name for one in await store.units.search("cha nua", BEFORE)] == ["Xã Chà Nua"]


async def test_a_change_from_a_day_on_keeps_the_history(store: Store, country: Country) -> None:
    change = UnitChange(
        country.muong_cha, TODAY, since=LATER, name="Phường Mường Chà", parent_id=country.centre
    )
    await store.imports.carry_out_units(plan(change))
    assert (await store.units.get(country.muong_cha, TODAY)).name == "Xã Mường Chà"
    after = await store.units.get(country.muong_cha, LATER)
    assert (after.name, after.parent_id) == ("Phường Mường Chà", country.centre)


async def test_a_root_may_get_its_first_parent(store: Store, country: Country) -> None:
    root = unit("province", "Tỉnh Lạc", None, "99")
    await store.units.add_many([root])
    await store.imports.carry_out_units(
        plan(UnitChange(root.id, corrects=TODAY, parent_id=country.centre))
    )
    assert (await store.units.get(root.id, BEFORE)).parent_id == country.centre


async def test_a_code_passes_from_a_unit_that_ends_to_a_new_one(
    store: Store, country: Country
) -> None:
    new = unit("commune", "Xã Kế Tục", country.province, "03166", valid_from=LATER)
    end = UnitChange(country.muong_cha, corrects=TODAY, close_on=LATER)
    await store.imports.carry_out_units(plan(end, new=(new,)))
    bearers = [await store.units.by_code(GSO_SCHEME, "03166", on) for on in (BEFORE, TODAY, LATER)]
    assert [one and one.id for one in bearers] == [country.cha_cang, country.muong_cha, new.id]


async def test_a_later_end_prolongs_what_ended_with_the_unit(
    store: Store, country: Country
) -> None:
    change = UnitChange(country.cha_nua, corrects=BEFORE, close_on=LATER)
    await store.imports.carry_out_units(plan(change))
    stands = await store.units.get(country.cha_nua, TODAY)
    assert (stands.name, stands.code, stands.valid_to) == ("Xã Chà Nưa", "03187", LATER)
    with pytest.raises(Conflict) as conflict:  # its code went to another at REFORM
        await store.imports.carry_out_units(
            plan(UnitChange(country.cha_cang, corrects=BEFORE, close_on=LATER))
        )
    assert conflict.value.code == "code_in_use"


async def test_nothing_is_done_when_a_part_no_longer_fits(store: Store, country: Country) -> None:
    good = UnitChange(country.province, corrects=TODAY, name="Tên Khác")
    taken = unit("commune", "Xã Trùng", country.province, "03166", valid_from=TODAY)
    gone = UnitChange("nobody", corrects=TODAY, name="Không có")
    ring = UnitChange(country.province, corrects=TODAY, parent_id=country.muong_cha)
    for bad in (plan(good, new=(taken,)), plan(good, gone), plan(good, ring)):
        with pytest.raises(Conflict):
            await store.imports.carry_out_units(bad)
        assert (await store.units.get(country.province, TODAY)).name == "Tỉnh Điện Biên"


async def test_a_plan_of_sites_is_carried_out_whole(store: Store, country: Country) -> None:
    line = Line("fibre", "VNPT", 50_000_000)
    old = site(country.province, "old", lines=(line, line))
    await store.sites.add(old)
    changed = dataclasses.replace(old, name="Tên mới", lines=(line,))
    new = site(country.muong_cha, "new", lines=(line,))
    await store.imports.carry_out_sites(SitePlan(new=(new,), changed=(changed,), unchanged=0))
    assert await store.sites.get(old.id) == dataclasses.replace(changed, version=2)
    assert await store.sites.get(new.id) == new


async def test_a_plan_of_sites_made_on_an_older_view_changes_nothing(
    store: Store, country: Country
) -> None:
    old = site(country.province, "old")
    await store.sites.add(old)
    seen = await store.sites.update(old)
    for bad in (
        SitePlan(new=(site(country.province, "new"),), changed=(old,), unchanged=0),
        SitePlan(new=(dataclasses.replace(old, id="other"),), changed=(seen,), unchanged=0),
    ):
        with pytest.raises(Conflict):
            await store.imports.carry_out_sites(bad)
        assert await store.sites.list() == [seen]


async def test_what_units_have_is_named_and_what_is_over_is_not(
    store: Store, country: Country
) -> None:
    await store.sites.add_many(
        [site(country.cha_nua, "xa"), site(country.district, "huyen", active=False)]
    )
    await store.accounts.add(account(country.cha_nua, "xa.mot"), "x")
    host = meeting(country.district, ("site-huyen", "site-xa"), id="m-host")
    await store.meetings.add(host)
    await store.meetings.add(dataclasses.replace(host, id="m-cancelled", status="cancelled"))
    units = [country.district, country.cha_nua, country.province]
    held = (Held(host.title, host.starts_at),)
    before = await store.imports.uses(units, host.starts_at)
    assert {use.unit_id: use for use in before} == {
        country.cha_nua: UnitUse(country.cha_nua, ("xa",), ("xa.mot",), held),
        country.district: UnitUse(country.district, meetings=held),
    }
    (after,) = await store.imports.uses(units, host.ends_at)
    assert after == UnitUse(country.cha_nua, ("xa",), ("xa.mot",))


async def test_what_units_have_is_read_beside_the_loop(
    store: Store, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.sites.add(site(country.cha_nua, "xa"))
    readers: list[threading.Thread] = []

    def noted(*of: Any) -> UnitUse:
        readers.append(threading.current_thread())
        return UnitUse(*of)

    monkeypatch.setattr(imports, "UnitUse", noted)
    assert await store.imports.uses([country.cha_nua], NOW)
    assert threading.current_thread() not in readers
