from __future__ import annotations

import asyncio
import socket

import pytest

from tests.rooms.media.link import Line, hub_address, open_relay

OFFER = "\r\n".join(
    (
        "v=0",
        "a=candidate:1 1 udp 2130706431 10.1.1.1 9000 typ host",
        "a=candidate:2 1 udp 5 ::1 9000 typ host",
        "m=x",
    )
)


def test_a_line_takes_its_time_for_each_datagram() -> None:
    line = Line(rate_bps=80_000, delay_s=0.05, overhead_bytes=0)
    assert [line.carry(1_000, 0.0) for _ in range(3)] == pytest.approx([0.15, 0.25, 0.35])
    assert line.waiting_s(0.1) == pytest.approx(0.2)
    assert line.carry(1_000, 1.0) == pytest.approx(1.15)


def test_a_full_queue_drops_at_its_end() -> None:
    line = Line(rate_bps=80_000, queue_s=0.25, overhead_bytes=0)
    arrivals = [line.carry(1_000, 0.0) for _ in range(5)]
    assert arrivals[2:] == [pytest.approx(0.3), None, None]
    assert (line.carried, line.overflowed, line.lost) == (3, 2, 0)


def test_a_slower_rate_makes_what_waits_wait_longer() -> None:
    line = Line(rate_bps=800_000, overhead_bytes=0, queue_s=9)
    for _ in range(10):
        line.carry(1_000, 0.0)
    line.rate_bps = 80_000
    assert line.waiting_s(0.0) == pytest.approx(1.0)


def test_loss_is_of_the_share_that_was_asked_for_and_nothing_overtakes() -> None:
    line = Line(loss=0.2, jitter_s=0.05, seed=3)
    arrivals = [line.carry(100, index / 1_000) for index in range(2_000)]
    came = [at for at in arrivals if at is not None]
    assert line.lost == pytest.approx(400, rel=0.15)
    assert came == sorted(came)


def test_the_hub_s_address_is_that_of_its_first_candidate() -> None:
    assert hub_address(OFFER) == ("10.1.1.1", 9000)


async def test_datagrams_of_each_client_go_to_the_hub_and_back() -> None:
    hub = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    loop = asyncio.get_running_loop()
    for item in (hub, *clients):
        item.bind(("127.0.0.1", 0))
        item.setblocking(False)
    down = Line(delay_s=0.05)
    try:
        async with asyncio.timeout(5), open_relay(hub.getsockname(), down=down) as relay:
            assert f" {relay.address[1]} " in relay.through(OFFER)
            assert relay.through(OFFER).count("a=candidate") == 1
            for index, client in enumerate(clients):
                await loop.sock_sendto(client, bytes([index]), relay.address)
            for _ in clients:
                data, source = await loop.sock_recvfrom(hub, 99)
                await loop.sock_sendto(hub, data + b"!", source)
            began = loop.time()
            for index, client in enumerate(clients):
                assert await loop.sock_recv(client, 99) == bytes([index]) + b"!"
            assert loop.time() - began >= 0.04
    finally:
        for item in (hub, *clients):
            item.close()
