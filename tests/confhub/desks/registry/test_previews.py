"""Mergers by file, names that neighbours have, and files of which only what was seen is done."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from confhub.desks.registry.imports import import_sites, import_units
from confhub.imports.report import seal_of
from confhub.imports.shifts import site_shifts
from confhub.imports.sites import SitePlan
from confhub.store import Store
from confhub.units.records import UnitIndex
from confhub.units.site import Line, Site
from tests.confhub.desks.registry.test_imports import (
    GOOD,
    HEADER,
    HOUSE,
    TODAY,
    load,
    said,
    store,
)

__all__ = ["store"]


async def test_a_merger_by_file_records_who_follows(store: Store) -> None:
    await load(store, GOOD)
    header = "Mã,Tên,Cấp,Mã cấp trên,Hiệu lực từ,Hết hiệu lực,Mã đơn vị kế tục\n"
    rows = (
        "03187,Xã Chà Nưa,Xã,103,,2027-01-01,03300 3199\n"  # a new one, and a zero that was lost
        "03300,Xã Nậm Mới,Xã,103,2027-01-01,,\n"
    )
    report = await import_units(store, HOUSE, (header + rows).encode())
    assert (said(report), report.done) == ([], True)
    units = {unit.code: unit.id for unit in await store.units.tree(None, dt.date(2027, 1, 1))}
    index = {record.id: record for record in await store.imports.unit_records()}
    (old,) = [record for record in index.values() if record.name_on(TODAY) == "Xã Chà Nưa"]
    assert set(old.successors) == {units["03300"], units["03199"]}
    again = await import_units(store, HOUSE, (header + rows).encode())
    assert (said(again), again.unchanged) == ([], 2)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("03187,Xã Chà Nưa,Xã,103,,,03199", "ghi ngày hết hiệu lực"),
        ("03187,Xã Chà Nưa,Xã,103,,2027-01-01,03187", "kế tục chính nó"),
        ("03187,Xã Chà Nưa,Xã,103,,2027-01-01,04999", "Không có đơn vị kế tục “04999”"),
    ],
)
async def test_who_follows_must_stand_on_that_day(store: Store, row: str, words: str) -> None:
    await load(store, GOOD)
    header = "Mã,Tên,Cấp,Mã cấp trên,Hiệu lực từ,Hết hiệu lực,Mã đơn vị kế tục\n"
    report = await import_units(store, HOUSE, f"{header}{row}\n".encode())
    assert [column for _, column, _ in said(report)] == ["Mã đơn vị kế tục"]
    assert words in said(report)[0][2]


async def test_a_name_that_a_stored_neighbour_has_is_a_fault(store: Store) -> None:
    await load(store, GOOD)
    report = await load(store, "03300,Xã Chà Nưa,Xã,103,,\n")
    assert [(line, column) for line, column, _ in said(report)] == [(2, "Tên")]
    ended = "03187,Xã Chà Nưa,Xã,103,,2027-01-01\n"
    report = await load(store, ended + "03300,Xã Chà Nưa,Xã,103,2027-01-01,\n")
    assert said(report) == []


NAMED = "03187,Xã Nưa,Xã,103,2027-01-01,\n"
MOVED = "03187,Xã Chà Nưa,Xã,104,2027-01-01,\n"


@pytest.mark.parametrize(
    ("planned", "row", "words"),
    [
        (NAMED, "03187,Xã Nậm,Xã,103,2026-12-01,", "Từ ngày 01/01/2027 đơn vị này đã có tên khác"),
        (NAMED, "03187,Xã Nậm,Xã,103,2020-01-01,", "“Xã Nưa”. Xin ghi từ ngày đó trở đi"),
        (MOVED, "03187,Xã Chà Nưa,Xã,105,2026-12-01,", "đã trực thuộc “Huyện Mường Chà”"),
    ],
)
async def test_no_later_name_or_parent_gives_way_to_an_earlier_one(
    store: Store, planned: str, row: str, words: str
) -> None:
    await load(store, GOOD + "104,Huyện Mường Chà,Huyện,11,,\n105,Huyện Tủa Chùa,Huyện,11,,\n")
    assert (await load(store, planned)).done
    before = await store.imports.unit_records()
    report = await load(store, row + "\n")
    assert [(line, column) for line, column, _ in said(report)] == [(2, "Hiệu lực từ")]
    assert words in said(report)[0][2]
    assert await store.imports.unit_records() == before


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("03187,Xã Nưa,Xã,103,2026-12-01,", ["Xã Chà Nưa", "Xã Nưa", "Xã Nưa"]),  # earlier
        ("03187,Xã Nậm,Xã,103,2027-01-01,", ["Xã Chà Nưa", "Xã Chà Nưa", "Xã Nậm"]),  # another
        ("03187,Xã Chà Nưa,Xã,103,2027-01-01,", ["Xã Chà Nưa"] * 3),  # not at all
        ("03187,Xã Chà Nưa,Xã,104,2026-12-01,", ["Xã Chà Nưa", "Xã Chà Nưa", "Xã Nưa"]),  # moved
    ],
)
async def test_what_is_planned_may_be_changed_itself(
    store: Store, row: str, names: list[str]
) -> None:
    await load(store, GOOD + "104,Huyện Mường Chà,Huyện,11,,\n")
    assert (await load(store, NAMED)).done
    report = await load(store, row + "\n")
    assert (said(report), report.done) == ([], True)
    days = (TODAY, dt.date(2026, 12, 1), dt.date(2027, 1, 1))
    index = UnitIndex(await store.imports.unit_records())
    record = index.find("gso", "03187", TODAY)
    assert record is not None
    assert [record.name_on(day) for day in days] == names


async def test_only_what_was_seen_is_imported(store: Store) -> None:
    await load(store, GOOD)
    data = (HEADER + "03187,Xã Nậm Nưa,Xã,103,,\n").encode()
    seen = await import_units(store, HOUSE, data, dry_run=True)
    assert [(one.kind, one.name) for one in seen.shifts] == [("changed", "Xã Chà Nưa")]
    assert [(one.label, one.old, one.new) for one in seen.shifts[0].changes] == [
        ("Tên", "Xã Chà Nưa", "Xã Nậm Nưa")
    ]
    await load(store, "03187,Xã Chà Nua,Xã,103,,\n")  # somebody else, meanwhile
    report = await import_units(store, HOUSE, data, seal=seen.seal)
    assert (report.done, report.shifts[0].name) == (False, "Xã Chà Nua")
    assert (await import_units(store, HOUSE, data, seal=report.seal)).done


SITE = "Mã đơn vị,Mã điểm cầu,Tên điểm cầu,Số luồng\n03187,cha-nua,Phòng họp,%s\n"


async def test_streams_that_change_are_shown_before(store: Store) -> None:
    await load(store, GOOD)
    made = await import_sites(store, HOUSE, (SITE % "4").encode())
    assert ("Số luồng", "", "4") in [(c.label, c.old, c.new) for c in made.shifts[0].changes]
    for before, after in (("4", "12"), ("12", "")):
        data = (SITE % after).encode()
        seen = await import_sites(store, HOUSE, data, dry_run=True)
        (shift,) = seen.shifts
        assert [(c.label, c.old, c.new) for c in shift.changes] == [("Số luồng", before, after)]
        assert (await import_sites(store, HOUSE, data, seal=seen.seal)).done


OTHER: dict[str, Any] = {"active": False, "streams": 3, "lines": (Line("fibre", "VNPT"),)}


@pytest.mark.parametrize(
    "field",
    # A file lets go of a technician's account only together with the name, which is shown.
    sorted(
        {one.name for one in dataclasses.fields(Site)} - {"id", "code", "version", "technician_id"}
    ),
)
async def test_whatever_a_file_changes_of_a_site_is_shown_and_sealed(
    store: Store, field: str
) -> None:
    await load(store, GOOD)
    index = UnitIndex(await store.imports.unit_records())
    here, there = (one.id for one in list(index.by_id.values())[:2])
    site = Site("site", here, "cha-nua", "Phòng họp")
    value: dict[str, Any] = {field: there if field == "unit_id" else OTHER.get(field, "khác")}
    plan = SitePlan((), (dataclasses.replace(site, **value),), 0)
    (shift,) = site_shifts(plan, {"cha-nua": site}, index, TODAY)
    assert len(shift.changes) == 1
    assert seal_of([shift]) != seal_of([dataclasses.replace(shift, changes=())])


async def told(store: Store, subject: str) -> list[tuple[str, dict[str, Any]]]:
    lines = await store.audit.recent(9, subject)
    return sorted(
        (line.action, {name: tuple(both) for name, both in line.changes.items()}) for line in lines
    )


async def unit_id(store: Store, code: str) -> str:
    found = UnitIndex(await store.imports.unit_records()).find("gso", code, TODAY)
    assert found is not None
    return found.id


async def test_what_a_file_does_to_each_unit_is_in_its_history(store: Store) -> None:
    await load(store, GOOD + "104,Huyện Mường Chà,Huyện,11,,\n")
    named, moved, ended = [await unit_id(store, code) for code in ("103", "03187", "03199")]
    rows = (
        "103,Huyện Mới,Huyện,11,2027-01-01,\n"
        "03187,Xã Chà Nưa,Xã,104,2027-01-01,\n"
        "03199,Xã Si Pa Phìn,Xã,103,,2027-01-01\n"
    )
    assert (await load(store, rows)).done
    assert [action for action, _ in await told(store, named)] == ["unit.added", "unit.renamed"]
    assert (await told(store, named))[1][1] == {"Tên": ("Huyện Nậm Pồ", "Huyện Mới")}
    assert (await told(store, moved))[1] == (
        "unit.moved",
        {"Đơn vị cấp trên": ("Huyện Nậm Pồ", "Huyện Mường Chà")},
    )
    assert (await told(store, ended))[1] == ("unit.ended", {"Hết hiệu lực": ("", "01/01/2027")})


async def test_what_a_file_does_to_each_site_is_in_its_history(store: Store) -> None:
    await load(store, GOOD)
    for streams in ("4", "12", "12"):
        await import_sites(store, HOUSE, (SITE % streams).encode())
    site = await store.sites.by_code("cha-nua")
    assert site is not None
    (added, changed) = await told(store, site.id)
    assert (added[0], added[1]["name"], added[1]["streams"]) == (
        "site.added",
        (None, "Phòng họp"),
        (None, 4),
    )
    assert changed == ("site.changed", {"streams": (4, 12)})
