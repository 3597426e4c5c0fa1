"""What use cases tell reaches the rooms at once, of the hub that told it and of every other."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from confhub.bus.interface import Bus
from confhub.config import Settings
from confhub.desks import links, meetings
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from confhub.store import Store, open_store
from tests.delivering import delivering
from tests.rooms.house import MEETING, House, meeting, site_seat
from tests.waiting import until


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest_asyncio.fixture(params=["this hub", "another hub"])
async def desk_store(
    request: pytest.FixtureRequest, store: Store, bus: Bus, tmp_path: Path
) -> AsyncIterator[Store]:
    """Where the use case is called; deliveries look by themselves once an hour only."""
    if request.param == "this hub":
        yield store
        return
    other = await open_store(Settings(data_dir=str(tmp_path / "data")))
    async with delivering(other, bus, now):
        yield other
    await other.close()


async def until_live(store: Store) -> Meeting:
    async def is_live() -> bool:
        return (await store.meetings.get(MEETING)).status == "live"

    await until(is_live)
    return await store.meetings.get(MEETING)


async def test_a_room_hears_at_once_of_a_revoked_link(house: House, desk_store: Store) -> None:
    async with desk_store.work(Actor(now())) as work:
        made = await work.links.ensure(meeting(), now() + dt.timedelta(hours=1))
    link = next(one for one in made if one.site_id == "xa")
    page, _ = await house.join(site_seat("xa", link_id=link.id))
    house.revoked.add("s-xa")
    await links.revoke(desk_store, Actor(now()), MEETING, link.id)
    await page.expect("closed", reason="revoked", retry=False)


async def test_a_room_hears_at_once_of_a_changed_meeting(house: House, desk_store: Store) -> None:
    chair, _ = await house.join(site_seat("huyen"))
    page, _ = await house.join(site_seat("xa"))
    live = await until_live(desk_store)
    names = [field.name for field in dataclasses.fields(Draft) if field.name != "advice"]
    values = {name: getattr(live, name) for name in names}
    draft = Draft(**values | {"title": "Họp khẩn", "sites": ("huyen", "tinh"), "advice": ()})
    await meetings.change(desk_store, Actor(now()), MEETING, live.version, draft)
    await page.expect("closed", reason="removed", retry=False)
    assert (await chair.expect("room"))["room"]["title"] == "Họp khẩn"


async def test_a_room_hears_at_once_of_a_cancelled_meeting(house: House, desk_store: Store) -> None:
    page, _ = await house.join(site_seat("xa"))
    await until_live(desk_store)
    await meetings.cancel(desk_store, Actor(now()), MEETING, None, "bão")
    await page.expect("closed", reason="ended", retry=False)
