"""Sites that plain UDP does not reach, or not for long: real Chromium each time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.chromium import WAIT_MS
from tests.e2e.namespace import site_network
from tests.e2e.pair import Pair, open_pair, paths
from tests.e2e.reception import MEDIA_WITHIN_S, everybody_receives_everybody, receptions
from tests.e2e.seat import Seat
from tests.e2e.turn_server import SECRET, turn_server
from tests.waiting import until


async def goes_by(seat: Seat, protocol: str) -> bool:
    found = await paths(seat)
    return all(path is not None and path["protocol"] == protocol for path in found.values())


async def test_where_no_udp_passes_media_goes_by_tcp_both_ways(tmp_path: Path) -> None:
    with site_network(tmp_path) as network:
        network.block_udp()
        async with open_pair(tmp_path, network) as pair:
            await everybody_receives_everybody(pair.seats, {})
            assert await goes_by(pair.far, "tcp")
            await until(partial(goes_by, pair.near, "udp"), MEDIA_WITHIN_S)
            await everybody_receives_everybody(pair.seats, await receptions(pair.seats))
            await board_says(pair, "qua TCP")


async def test_media_goes_by_ipv6_where_the_hub_is_known_by_it(tmp_path: Path) -> None:
    with site_network(tmp_path) as network:
        addresses = f"{network.hub_address_v6},127.0.0.1"
        async with open_pair(tmp_path, network, media_addresses=addresses) as pair:
            await everybody_receives_everybody(pair.seats, {})
            for path in (await paths(pair.far)).values():
                assert path["remote"] == network.hub_address_v6
                assert path["protocol"] == "udp"


@pytest.mark.parametrize("spare", ["up before", "up when the other dies"])
async def test_a_dead_line_gives_way_to_the_other_one_under_the_same_keys(
    tmp_path: Path, spare: str
) -> None:
    with site_network(tmp_path) as network:
        if spare == "up before":
            network.plug_spare()
        async with open_pair(tmp_path, network) as pair:
            await everybody_receives_everybody(pair.seats, {})
            before = await paths(pair.far)
            network.pull_site_end()
            if spare != "up before":
                network.plug_spare()
            await until(partial(goes_from, pair.far, network.spare_address), MEDIA_WITHIN_S)
            await everybody_receives_everybody(pair.seats, await receptions(pair.seats))
            after = await paths(pair.far)
            for way in ("send", "receive"):
                assert after[way]["certificate"] == before[way]["certificate"]
                if spare != "up before":  # else the browser may change over before the page asks
                    assert after[way]["ufrag"] != before[way]["ufrag"]


async def goes_from(seat: Seat, address: str) -> bool:
    found = await paths(seat)
    return all(path is not None and path["local"] == address for path in found.values())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_media_goes_by_a_relay_with_credentials_of_the_hub(
    tmp_path: Path, transport: str
) -> None:
    with site_network(tmp_path) as network:
        hub = network.hub_address
        with turn_server(tmp_path, hub, hub) as relay:
            if transport == "tcp":
                network.block_udp()
            url = relay.url(transport)
            async with open_pair(
                tmp_path, network, "relay=only", turn_urls=url, turn_secret=SECRET
            ) as pair:
                await everybody_receives_everybody(pair.seats, {})
                for path in (await paths(pair.far)).values():
                    assert (path["kind"], path["protocol"]) == ("relay", transport)
                await until(partial(goes_by, pair.near, "udp"), MEDIA_WITHIN_S)
                assert pair.far.member_id in relay.log()  # who used it can be told
                await board_says(pair, f"qua TURN ({transport.upper()})")


async def board_says(pair: Pair, words: str) -> None:
    """In a row of the far site, which its own digests bring about. A line that shakes brings a
    second row, in the list of those to be looked after."""
    page = pair.technician.page
    await pair.technician.visit(f"{pair.technician.origin}/board")
    rows = page.locator("[data-site]").filter(has_text="Chà Nưa")
    await expect(rows.filter(has_text=words).first).to_be_visible(timeout=WAIT_MS)
