"""What the board knows of the record, over a real store."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from confhub.config import Settings
from confhub.errors import NotFound
from confhub.meetings.admission import LIVE_AFTER_END
from confhub.meetings.meeting import Meeting
from confhub.meetings.sitting import Sitting
from confhub.store import Store, open_store
from confhub.units.site import Site
from confhub.units.unit import NewUnit
from monitoring import directory as monitoring_directory
from monitoring.directory import FRESH_S, Directory
from monitoring.overview import Scope, lay_out
from tests.web.browser import LEVELS, NOON, Clock

UNITS = (
    NewUnit("central", "Trung ương", None, id="tw"),
    NewUnit("province", "Tỉnh Điện Biên", "tw", codes=(("gso", "11"),), id="tinh"),
    NewUnit("district", "Huyện Nậm Pồ", "tinh", id="huyen"),
)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = await open_store(Settings(data_dir=str(tmp_path)))
    for level in LEVELS:
        await made.units.add_level(level)
    await made.units.add_many(UNITS)
    await made.sites.add_many([Site(u.id, u.id, f"s-{u.id}", f"Phòng {u.name}") for u in UNITS])
    yield made
    await made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(store: Store, clock: Clock) -> Directory:
    return Directory(store, clock, ZoneInfo("Asia/Ho_Chi_Minh"), dt.timedelta(hours=1))


async def invite(store: Store, meeting_id: str, starts_in_h: float, **changed: Any) -> None:
    start = NOON + dt.timedelta(hours=starts_in_h)
    values: dict[str, Any] = {
        "id": meeting_id,
        "title": meeting_id,
        "level_id": "province",
        "host_unit_id": "tinh",
        "chair_site_id": "tinh",
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=1),
        "sites": ("tinh", "huyen"),
    }
    await store.meetings.add(Meeting(**(values | changed)))


async def test_a_scope_is_a_unit_and_what_is_below(directory: Directory) -> None:
    assert list((await directory.scope("tinh")).places) == ["tinh", "huyen"]
    with pytest.raises(NotFound):
        await directory.scope("khong-co")


async def test_what_was_read_is_kept_for_a_while(
    directory: Directory, store: Store, clock: Clock
) -> None:
    before = await directory.scope("tinh")
    await store.sites.add(Site("moi", "huyen", "moi", "Phòng mới"))
    assert await directory.scope("tinh") is before
    clock.pass_by(seconds=FRESH_S + 1)
    assert "moi" in (await directory.scope("tinh")).places


async def test_a_scope_is_laid_out_once_for_all_who_ask_at_once(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    made: list[Scope] = []

    def slow(*parts: Any) -> Scope:
        loop.call_soon_threadsafe(begun.set)
        gate.wait(30)
        made.append(lay_out(*parts))
        return made[-1]

    monkeypatch.setattr(monitoring_directory, "lay_out", slow)
    await directory.labels()  # the tree is read
    asking = [asyncio.create_task(directory.scope("tinh")) for _ in range(20)]
    await begun.wait()
    asking.pop(0).cancel()
    gate.set()
    scopes = await asyncio.gather(*asking)
    assert len(made) == 1
    assert all(scope is made[0] for scope in scopes)


async def test_a_scope_that_failed_is_laid_out_anew(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_parts: Any) -> Scope:
        raise ZeroDivisionError

    with monkeypatch.context() as failing:
        failing.setattr(monitoring_directory, "lay_out", fails)
        with pytest.raises(ZeroDivisionError):
            await directory.scope("tinh")
    assert list((await directory.scope("tinh")).places) == ["tinh", "huyen"]


async def test_sites_are_labelled_by_code_level_and_province(directory: Directory) -> None:
    labels = await directory.labels()
    assert labels["huyen"] == ("s-huyen", "district", "11")
    assert labels["tinh"] == ("s-tinh", "province", "11")
    assert labels["tw"] == ("s-tw", "central", "")


async def test_a_site_is_awaited_from_the_opening_of_the_room_to_the_end(
    directory: Directory, store: Store, clock: Clock
) -> None:
    await invite(store, "chieu", 2)
    assert await directory.awaited() == {}
    clock.pass_by(minutes=61)
    found = await directory.awaited()
    assert {site_id: one.begun for site_id, one in found.items()} == {"tinh": False, "huyen": False}
    clock.pass_by(hours=1)
    assert all(one.begun for one in (await directory.awaited()).values())
    clock.pass_by(hours=1)
    assert await directory.awaited() == {}


async def test_a_meeting_that_runs_over_still_awaits_and_a_cancelled_one_does_not(
    directory: Directory, store: Store
) -> None:
    await invite(store, "qua-gio", -2, status="live")
    await invite(store, "huy", 0, status="cancelled", sites=("tinh", "tw"))
    found = await directory.awaited()
    assert {site_id: one.meeting.id for site_id, one in found.items()} == {
        "tinh": "qua-gio",
        "huyen": "qua-gio",
    }


async def test_a_live_meeting_awaits_for_as_long_as_it_may_run_over(
    directory: Directory, store: Store, clock: Clock
) -> None:
    await invite(store, "qua-gio", -1, status="live")  # ends now
    clock.pass_by(seconds=LIVE_AFTER_END.total_seconds() - 1)
    assert set(await directory.awaited()) == {"tinh", "huyen"}
    clock.pass_by(seconds=FRESH_S + 1)
    assert await directory.awaited() == {}


async def test_on_a_later_day_a_site_is_awaited_since_that_day(
    directory: Directory, store: Store
) -> None:
    spans = [NOON + dt.timedelta(hours=hours) for hours in (-24.5, -0.5)]
    sittings = tuple(Sitting(start, start + dt.timedelta(hours=1)) for start in spans)
    await invite(store, "hai-ngay", -24.5, sittings=sittings, ends_at=sittings[-1].ends_at)
    waited = (await directory.awaited())["huyen"]
    assert (waited.starts_at, waited.begun) == (sittings[1].starts_at, True)


async def test_of_two_meetings_the_one_that_goes_on_is_named(
    directory: Directory, store: Store
) -> None:
    await invite(store, "sau", 0.5)
    await invite(store, "dang", -0.5)
    assert (await directory.awaited())["huyen"].meeting.id == "dang"


async def test_nobody_is_late_for_a_meeting_that_was_opened_before_its_start(
    directory: Directory, store: Store, clock: Clock
) -> None:
    await invite(store, "som", 0.5, status="live")
    assert not any(one.begun for one in (await directory.awaited()).values())
    clock.pass_by(minutes=31)
    assert all(one.begun for one in (await directory.awaited()).values())
