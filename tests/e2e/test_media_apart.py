"""Media in a process of its own: the hub of a meeting of four levels dies and nobody is cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from benchmarks.hub import Hub
from benchmarks.restart import kill, tokens_on_record
from rooms.load.generator import Generator
from rooms.load.plan import Seat as LoadSeat
from rooms.load.synthetic.clip import LAYERS
from tests.e2e.firefox import firefox
from tests.e2e.hub_process import START_TIMEOUT_S, HubProcess, starting
from tests.e2e.reception import MEDIA_WITHIN_S, everybody_receives_everybody, receptions
from tests.e2e.seat import Desk, Seat, browser
from tests.e2e.secretary import join_links, schedule_four_levels
from tests.waiting import until

TITLE = "Họp bốn cấp trong lúc nâng cấp máy chủ"
# By login: who signs in at each level. The commune comes by its link.
LOGINS = ("diemcau.trunguong", "diemcau.dienbien", "diemcau.nampo")
# A hub or a worker starts beside four browsers that want both cores.
STARTS_WITHIN_S = 3 * START_TIMEOUT_S
# Synthetic ones, that count; as many as are heard at once. Who speaks has a picture beside it.
SITES = 3
LAYER = (LAYERS[0].rid,)
KILLS = 2

# What becomes of the page and its connections from now on.
_WATCH = """() => {
  const {send, receive} = window.confhubRoom;
  const root = document.documentElement;
  window.watched = {send, receive, broken: [], states: []};
  for (const pc of [send, receive])
    pc.addEventListener("connectionstatechange", () => {
      const state = pc.connectionState;
      if (["failed", "closed"].includes(state)) watched.broken.push(state);
    });
  new MutationObserver(() => watched.states.push(root.dataset.roomState))
    .observe(root, {attributeFilter: ["data-room-state"]});
}"""
_STATES = "() => watched.states"
_BROKEN = "() => watched.broken"
_CONNECTIONS = """() => {
  const {send, receive} = window.confhubRoom;
  return [watched.send === send, watched.receive === receive];
}"""


@dataclass
class House:
    hub: HubProcess
    seats: Sequence[Seat]  # central, province, district (Firefox), commune


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A meeting of four levels with a site of each in it; a worker forwards their media."""
    async with AsyncExitStack() as stack:
        hub = HubProcess(tmp_path / "data", tls=True, media_workers="1")
        passwords = hub.load_demo()
        ready = await stack.enter_async_context(starting(hub))
        playwright = await stack.enter_async_context(async_playwright())
        near = await stack.enter_async_context(browser(playwright))
        other = await stack.enter_async_context(firefox(playwright, tmp_path))
        secretary = await Desk.open(near, hub.origin)
        await ready
        await secretary.sign_in("thuky.trunguong", passwords["thuky.trunguong"])
        meeting = await schedule_four_levels(secretary, TITLE)
        links = await join_links(secretary, meeting)
        await secretary.close()
        seats = [await Seat.open(used, hub.origin) for used in (near, near, other, near)]
        for seat, login in zip(seats, LOGINS, strict=False):
            await seat.sign_in(login, passwords[login])
            await seat.enter(TITLE)
        await seats[-1].enter_by_link(links["Xã Chà Nưa"])
        yield House(hub, seats)


@pytest.mark.timeout(1200)  # three starts, each within its own time
async def test_a_meeting_goes_on_while_its_hub_dies_and_is_built_anew_when_its_media_do(
    house: House,
) -> None:
    hub, seats = house.hub, house.seats
    await everybody_receives_everybody(seats, {})
    worker = hub.part("media:0")
    await until(partial(tokens_are_on_record, hub, len(seats)), MEDIA_WITHIN_S)

    await watch(seats)
    hub.kill_part("hub")
    await everybody_comes_back_with_the_same_connections(hub, seats)

    await watch(seats)
    hub.command("restart")
    await everybody_comes_back_with_the_same_connections(hub, seats)
    assert hub.part("media:0") == worker

    await watch(seats)
    hub.kill_part("media:0")
    await until(partial(another_worker_answers, hub, worker), STARTS_WITHIN_S)
    for seat in seats:
        await until(partial(has_other_connections, seat), MEDIA_WITHIN_S)
    await everybody_receives_everybody(seats, {})
    for seat in seats:
        await seat.is_live()
        assert seat.complaints == []


async def tokens_are_on_record(hub: HubProcess, count: int) -> bool:
    return len(tokens_on_record(hub.data_dir)) == count


async def watch(seats: Sequence[Seat]) -> None:
    for seat in seats:
        await seat.page.evaluate(_WATCH)


async def everybody_comes_back_with_the_same_connections(
    hub: HubProcess, seats: Sequence[Seat]
) -> None:
    await asyncio.gather(
        *(until(partial(has_missed_its_hub, seat), MEDIA_WITHIN_S) for seat in seats)
    )
    await asyncio.to_thread(hub.wait_until_ready, STARTS_WITHIN_S)
    for seat in seats:
        await seat.is_live()
    await everybody_receives_everybody(seats, await receptions(seats))
    for seat in seats:
        assert await seat.page.evaluate(_CONNECTIONS) == [True, True]
        assert await seat.page.evaluate(_BROKEN) == []


async def has_missed_its_hub(seat: Seat) -> bool:
    return "reconnecting" in await seat.page.evaluate(_STATES)


async def another_worker_answers(hub: HubProcess, before: int) -> bool:
    try:
        if hub.part("media:0") == before:
            return False
    except LookupError:  # it is being started
        return False
    found = json.loads(await asyncio.to_thread(hub.get, "/readyz"))
    return bool(found["parts"]["media"] == "ok")


async def has_other_connections(seat: Seat) -> bool:
    same: list[bool] = await seat.page.evaluate(_CONNECTIONS)
    return same == [False, False]


async def test_not_a_packet_of_anybody_s_voice_is_lost_while_the_hub_is_killed_again_and_again(
    tmp_path: Path,
) -> None:
    hub = Hub(tmp_path)
    await hub.prepare(SITES)
    await asyncio.to_thread(hub.start, settings={"CONFHUB_MEDIA_WORKERS": "1"})
    try:
        seats = [
            LoadSeat(address, LAYER, speaks=True, pictures=0, comes_back=True)
            for address in hub.addresses
        ]
        async with Generator(seats, together=SITES) as sites:
            await sites.join()
            for _ in range(KILLS):
                found = await kill(hub, sites, SITES)
                assert found.expected > 0
                assert found.lost == 0
            await sites.leave()
    finally:
        await asyncio.to_thread(hub.stop)
