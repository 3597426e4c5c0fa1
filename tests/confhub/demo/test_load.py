"""The demo province in a real store."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from confhub.config import Settings
from confhub.demo.load import load_demo
from confhub.demo.logins import PASSWORD
from confhub.errors import BadInput, Conflict
from confhub.people.account import Account
from confhub.people.passwords import check_password, verify_password
from confhub.store import Store, open_store
from confhub.units.site import SITE_CODE
from confhub.units.unit import GSO_SCHEME
from tests.living_links import living_links

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 24, 7, 10, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(Settings(data_dir=str(tmp_path)))
    yield opened
    await opened.close()


async def test_four_levels_with_a_site_for_each_unit(store: Store) -> None:
    await load_demo(store, now=NOW, zone=VIETNAM)
    tree = await store.units.tree(None, TODAY)
    assert Counter(unit.level_id for unit in tree) == {
        "central": 1,
        "province": 1,
        "district": 10,
        "commune": 129,
    }
    assert all(unit.valid_to is None for unit in tree)
    sites = await store.sites.list()
    assert {site.unit_id for site in sites} == {unit.id for unit in tree}
    assert len({site.code for site in sites}) == len(sites) == 141
    assert all(SITE_CODE.fullmatch(site.code) for site in sites)
    for site in sites:
        assert any(line.backup for line in site.lines)
        assert site.room_phone
        assert site.technician_name
    pilot = await store.sites.by_code("dbn-npo-chanua")
    assert pilot is not None
    assert pilot.name == "Phòng họp UBND xã Chà Nưa"


async def test_four_accounts_per_role_each_bound_to_its_unit(store: Store) -> None:
    loaded = await load_demo(store, now=NOW, zone=VIETNAM)
    roles = Counter(account.role for account, _ in loaded.accounts)
    assert roles == {"admin": 4, "secretary": 4, "technician": 4, "site": 4}
    found = await store.accounts.by_login("thuky.nampo")
    assert found is not None
    account, password_hash = found
    district = await store.units.by_code(GSO_SCHEME, "103", TODAY)
    assert district is not None
    assert account.unit_id == district.id
    assert await verify_password(password_hash, PASSWORD)
    with pytest.raises(BadInput):  # good for the demo alone
        check_password(PASSWORD, "chung.lo")


async def test_todays_briefing_is_open_now_and_invites_the_whole_district(store: Store) -> None:
    loaded = await load_demo(store, now=NOW, zone=VIETNAM)
    today, tomorrow, _ = loaded.meetings
    assert today.starts_at <= NOW < today.ends_at
    assert len(today.sites) == 16
    assert today.sites[0] == today.chair_site_id
    assert tomorrow.starts_at.astimezone(VIETNAM).date() == TODAY + dt.timedelta(days=1)
    assert len(tomorrow.sites) == 11
    assert await store.meetings.get(today.id) == today
    links = await living_links(store, today.id)
    assert {link.site_id for link in links} == set(today.sites)
    assert all(link.expires_at > today.ends_at for link in links)


async def test_loading_again_changes_nothing_but_moves_a_meeting_that_passed(store: Store) -> None:
    first = await load_demo(store, now=NOW, zone=VIETNAM)
    site = await store.sites.by_code("dbn-npo-chanua")
    assert site is not None
    edited = await store.sites.update(replace(site, technician_name="Người thật"))
    await load_demo(store, now=NOW + dt.timedelta(minutes=5), zone=VIETNAM)
    assert await store.sites.get(site.id) == edited
    assert await store.meetings.get(first.meetings[0].id) == first.meetings[0]
    later = NOW + dt.timedelta(hours=5)
    await load_demo(store, now=later, zone=VIETNAM)
    moved = await store.meetings.get(first.meetings[0].id)
    assert moved.starts_at <= later < moved.ends_at
    assert len(await store.accounts.list()) == 16
    assert len(await store.sites.list()) == 141


async def test_a_database_with_other_accounts_is_refused_unless_forced(store: Store) -> None:
    await load_demo(store, now=NOW, zone=VIETNAM)
    root = (await store.units.tree(None, TODAY, 0))[0]
    await store.accounts.add(Account("a1", "nguyen.van.a", "A", "admin", root.id), "x")
    with pytest.raises(Conflict, match="tài khoản khác"):
        await load_demo(store, now=NOW, zone=VIETNAM)
    await load_demo(store, now=NOW, zone=VIETNAM, force=True)
