"""What a unit has when an import ends it: told by name, and kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from confhub.config import Settings
from confhub.desks.country_load import ensure_root
from confhub.desks.registry.imports import import_sites
from confhub.meetings.meeting import Meeting
from confhub.people.account import Account
from confhub.store import Store, open_store
from confhub.units.site import Site
from tests.confhub.desks.registry.test_imports import GOOD, HOUSE, TODAY, load, said


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(Settings(data_dir=str(tmp_path)))
    await ensure_root(opened, HOUSE, TODAY)
    yield opened
    await opened.close()


async def in_use(store: Store) -> Meeting:
    """Xã Chà Nưa with a site, an account, and a meeting of the district to which it is invited."""
    await load(store, GOOD)
    units = {unit.code: unit.id for unit in await store.units.tree(None, TODAY)}
    commune, district = units["03187"], units["103"]
    await store.sites.add_many(
        [Site("xa", commune, "xa", "Phòng họp xã"), Site("huyen", district, "huyen", "Huyện")]
    )
    await store.accounts.add(Account("a1", "thuky.chanua", "Lò", "secretary", commune), "x")
    starts_at = dt.datetime(2026, 11, 25, 1, tzinfo=dt.UTC)
    meeting = Meeting(
        "m1",
        "Giao ban",
        "district",
        district,
        "huyen",
        starts_at,
        starts_at + dt.timedelta(hours=1),
        sites=("huyen", "xa"),
    )
    await store.meetings.add(meeting)
    over = replace(meeting, id="m0", starts_at=starts_at - DAYS, ends_at=meeting.ends_at - DAYS)
    await store.meetings.add(over)
    return meeting


DAYS = dt.timedelta(days=30)
ENDING = "03187,Xã Chà Nưa,Xã,103,,24/11/2026\n"


async def test_what_a_unit_that_ends_leaves_is_told_by_name_before_it_is_accepted(
    store: Store,
) -> None:
    meeting = await in_use(store)
    report = await load(store, ENDING, dry_run=True)
    assert said(report) == []
    assert [notice.text.partition(".")[0] for notice in report.warnings] == [
        "“Xã Chà Nưa” còn 1 điểm cầu đang dùng: Phòng họp xã",
        "“Xã Chà Nưa” còn 1 tài khoản: thuky",
        "“Xã Chà Nưa” còn 1 cuộc họp đang diễn ra hoặc sắp tới: Giao ban (01:00 25/11/2026)",
    ]
    assert (await load(store, ENDING)).done
    assert (await store.meetings.get(meeting.id)).sites == ("huyen", "xa")
    within = await store.sites.within(meeting.host_unit_id, TODAY, ended=True)
    assert {site.code for site in within} == {"huyen", "xa"}
    assert len(await store.accounts.list()) == 1


async def test_a_unit_that_ends_with_nothing_of_its_own_is_no_warning(store: Store) -> None:
    await in_use(store)
    report = await load(store, "03199,Xã Si Pa Phìn,Xã,103,,24/11/2026\n", dry_run=True)
    assert report.warnings == ()


async def test_a_site_whose_unit_ended_is_still_changed_by_a_file(store: Store) -> None:
    await in_use(store)
    await load(store, ENDING)
    text = "Mã đơn vị;Mã điểm cầu;Tên điểm cầu\n03187;xa;Phòng mới\n"
    report = await import_sites(store, HOUSE, text.encode())
    assert (said(report), report.changed) == ([], 1)
    new = "Mã đơn vị;Mã điểm cầu;Tên điểm cầu\n03187;xa-2;Phòng mới\n"
    report = await import_sites(store, HOUSE, new.encode())
    assert [problem[:2] for problem in said(report)] == [(2, "Mã đơn vị")]
