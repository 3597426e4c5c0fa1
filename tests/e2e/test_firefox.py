"""A site with Firefox ESR, beside one with Chromium: what Chromium's tests ask of it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from benchmarks.tun_relay import open_poor_site
from tests.e2e.namespace import site_network
from tests.e2e.pair import Pair, open_pair, paths
from tests.e2e.reception import MEDIA_WITHIN_S, everybody_receives_everybody, receptions
from tests.e2e.seat import Seat
from tests.e2e.test_reach import board_says, goes_by, goes_from
from tests.rooms.media.link import Line
from tests.waiting import until

CUT_S = 5.0
GOOD_BPS, POOR_BPS = 3_000_000, 300_000
# Ten seconds of them at the four frames a second that a poor line carries. How long pictures stand
# on such a line is not for a test to say: it differs from run to run.
SHOWN_FRAMES = 40
LOSS = 0.03


async def test_a_cut_of_five_seconds_and_a_reload_are_survived_in_the_same_seat(
    tmp_path: Path,
) -> None:
    with site_network(tmp_path) as network:
        async with open_pair(tmp_path, network, far="firefox") as pair:
            await everybody_receives_everybody(pair.seats, {})
            assert set(await pair.far.ciphers()) == {"SRTP_AEAD_AES_256_GCM"}
            await pair.far.page.click("#tool-hand")
            network.pull_cable()
            cut = asyncio.create_task(asyncio.sleep(CUT_S))
            await pair.far.has_state("reconnecting")
            await cut
            network.plug_cable()
            await pair.far.is_live()
            await the_seat_is_kept(pair)
            await everybody_receives_everybody(pair.seats, await receptions(pair.seats))

            await pair.far.page.reload()
            await pair.far.is_live()
            await the_seat_is_kept(pair)
            await pair.far.page.click("#tool-microphone")  # nobody speaks unasked after a reload
            await everybody_receives_everybody(pair.seats, {})
            assert pair.far.complaints == []


async def the_seat_is_kept(pair: Pair) -> None:
    assert await pair.far.page.evaluate("window.confhubRoom.state.self") == pair.far.member_id


@pytest.mark.parametrize("spare", ["up before", "up when the other dies"])
async def test_a_dead_line_gives_way_to_the_other_one(tmp_path: Path, spare: str) -> None:
    with site_network(tmp_path) as network:
        if spare == "up before":
            network.plug_spare()
        async with open_pair(tmp_path, network, far="firefox") as pair:
            await everybody_receives_everybody(pair.seats, {})
            before = await paths(pair.far)
            network.pull_site_end()
            if spare != "up before":
                network.plug_spare()
            await until(partial(goes_from, pair.far, network.spare_address), MEDIA_WITHIN_S)
            await everybody_receives_everybody(pair.seats, await receptions(pair.seats))
            after = await paths(pair.far)
            for way in ("send", "receive"):
                assert after[way]["ufrag"] != before[way]["ufrag"]


async def test_where_no_udp_passes_media_goes_by_tcp(tmp_path: Path) -> None:
    with site_network(tmp_path) as network:
        network.block_udp()
        async with open_pair(tmp_path, network, far="firefox") as pair:
            await everybody_receives_everybody(pair.seats, {})
            assert await goes_by(pair.far, "tcp")
            await board_says(pair, "qua TCP")


async def test_pictures_go_on_both_ways_when_the_line_falls_to_300_kbits(tmp_path: Path) -> None:
    down, up = (
        Line(rate_bps=GOOD_BPS, queue_s=0.5, delay_s=0.02, overhead_bytes=0, seed=seed)
        for seed in (1, 2)
    )
    with open_poor_site(tmp_path, down, up) as site:
        async with open_pair(tmp_path, site, far="firefox") as pair:
            await everybody_receives_everybody(pair.seats, {})
            down.rate_bps = up.rate_bps = POOR_BPS
            near, far = pair.seats
            await asyncio.gather(goes_on(near, far), goes_on(far, near))
            await everybody_receives_everybody(pair.seats, await receptions(pair.seats))
            down.rate_bps = up.rate_bps = GOOD_BPS
            down.loss = up.loss = LOSS
            await asyncio.gather(goes_on(near, far), goes_on(far, near))
            assert pair.far.complaints == []


async def goes_on(receiver: Seat, sender: Seat) -> None:
    """The receiver decodes SHOWN_FRAMES more of the sender's pictures."""
    before = (await receiver.received())[sender.member_id].frames

    async def shown() -> bool:
        found = (await receiver.received()).get(sender.member_id)
        return found is not None and found.frames - before >= SHOWN_FRAMES

    await until(shown, MEDIA_WITHIN_S)
