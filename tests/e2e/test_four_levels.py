"""Four real browsers at four levels, one of them Firefox: schedule, join, see, hear, lose the
network, come back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.e2e.firefox import firefox
from tests.e2e.hub_process import HubProcess, starting
from tests.e2e.metrics import measured_sites
from tests.e2e.namespace import SiteNetwork, site_network
from tests.e2e.reception import MEDIA_WITHIN_S, everybody_receives_everybody, receptions
from tests.e2e.seat import Desk, Seat, browser
from tests.e2e.secretary import join_links, schedule_four_levels
from tests.waiting import until

TITLE = "Họp bốn cấp về phòng chống rét"
# By login: who signs in at each level. The commune comes by its link, over a cable of its own.
LOGINS = ("diemcau.trunguong", "diemcau.dienbien", "diemcau.nampo")
SITE_CODES = ("tw-vpcp", "dbn", "dbn-npo", "dbn-npo-chanua")
CUT_S = 5.0


@dataclass
class House:
    hub: HubProcess
    secretary: Desk
    technician: Desk
    seats: Sequence[Seat]  # central, province, district (Firefox), commune
    network: SiteNetwork  # of the commune
    meeting: str  # its page's address


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A meeting that a secretary of the centre scheduled in the pages, with four sites in it."""
    async with AsyncExitStack() as stack:
        network = stack.enter_context(site_network(tmp_path))
        hub = HubProcess(tmp_path / "data", tls=True)
        hub.checks = ("-X", "dev")
        passwords = hub.load_demo()
        ready = await stack.enter_async_context(starting(hub))
        playwright = await stack.enter_async_context(async_playwright())
        near = await stack.enter_async_context(browser(playwright))
        far = await stack.enter_async_context(browser(playwright, network.chromium))
        other = await stack.enter_async_context(firefox(playwright, tmp_path))

        secretary = await Desk.open(near, hub.origin)
        await ready
        await secretary.sign_in("thuky.trunguong", passwords["thuky.trunguong"])
        meeting = await schedule_four_levels(secretary, TITLE)
        links = await join_links(secretary, meeting)
        technician = await Desk.open(near, hub.origin)
        await technician.sign_in("kythuat.trunguong", passwords["kythuat.trunguong"])

        seats = [await Seat.open(used, hub.origin) for used in (near, near, other)]
        for seat, login in zip(seats, LOGINS, strict=True):
            await seat.sign_in(login, passwords[login])
            await seat.enter(TITLE)
        origin = hub.origin.replace("localhost", network.hub_address)
        commune = await Seat.open(far, origin)
        await commune.enter_by_link(links["Xã Chà Nưa"].replace(hub.origin, origin))
        yield House(hub, secretary, technician, (*seats, commune), network, meeting)


async def test_four_levels_see_and_hear_each_other_and_survive_a_cut(house: House) -> None:
    await everybody_receives_everybody(house.seats, {})
    for seat in house.seats:
        assert set(await seat.ciphers()) == {"SRTP_AEAD_AES_256_GCM"}
    await until(partial(somebody_is_large, house.seats), MEDIA_WITHIN_S)
    await until(partial(metrics_show, house.hub, SITE_CODES), MEDIA_WITHIN_S)
    await board_shows(house.technician, house.seats)
    await the_commune_loses_its_network_and_returns(house)
    for seat in house.seats:
        assert seat.complaints == []


async def the_commune_loses_its_network_and_returns(house: House) -> None:
    *others, commune = house.seats
    await commune.page.click("#tool-hand")
    tile = others[0].page.locator(f"[data-member='{commune.member_id}'][data-source=camera]")
    await expect(tile).to_have_attribute("data-hand", "true")
    house.network.pull_cable()
    cut = asyncio.create_task(asyncio.sleep(CUT_S))
    await commune.has_state("reconnecting")
    await cut
    house.network.plug_cable()
    await commune.is_live()
    assert await commune.page.evaluate("window.confhubRoom.state.self") == commune.member_id
    await expect(tile).to_have_attribute("data-presence", "present")
    await expect(tile).to_have_attribute("data-hand", "true")
    await everybody_receives_everybody(house.seats, await receptions(house.seats))


async def somebody_is_large(seats: Sequence[Seat]) -> bool:
    """Whom all see large sends more than a thumbnail; the others are not asked for more."""
    heights = [layer.height_px for seat in seats for layer in await seat.layers()]
    return bool(heights) and max(heights) > min(heights)


async def metrics_show(hub: HubProcess, codes: Sequence[str]) -> bool:
    return measured_sites(await asyncio.to_thread(hub.get, "/metrics")) >= set(codes)


async def board_shows(technician: Desk, seats: Sequence[Seat]) -> None:
    """The board, opened anew, has each site in the meeting with a state and a round trip."""
    page = technician.page
    await technician.visit(f"{technician.origin}/board")
    for seat in seats:
        site_id = seat.member_id.removeprefix("s-")
        row = page.locator(f"tr.site-row[data-site='{site_id}']").last
        await expect(row).to_be_visible()
        await expect(row).to_have_class(re.compile(r"\bis-(good|fair|poor)\b"))
        await expect(row.locator("[data-cell=delay]")).to_have_text(re.compile(r"\d"))
