"""Ways to a hub: behind a NAT, by IPv6, from an address that changes."""

from __future__ import annotations

import socket

import pytest

from rooms.media.events import MediaEvent
from rooms.media.port.addresses import bind_sockets
from rooms.media.router import MediaRouter
from rooms.media.sdp.answer import MAX_GENERATION, candidate_priority
from tests.rooms.media.hall import SOURCES, Hall, Sender, headers, until
from tests.rooms.media.nat import open_nat
from tests.rooms.media.peer import Peer, send_offer

OUTSIDE = "127.0.0.2"


async def open_router(
    addresses: tuple[str, ...], announce: tuple[str, ...] = ()
) -> tuple[MediaRouter, list[MediaEvent]]:
    events: list[MediaEvent] = []
    router = await MediaRouter.open(
        addresses=addresses, port=0, announce=announce, on_event=events.append
    )
    return router, events


async def publish(hall: Hall, peer: Peer) -> None:
    hall.peers.append(peer)
    publisher = hall.conference.publisher("a")
    peer.follow(await publisher.answer(send_offer(peer), SOURCES))
    await peer.connect()
    await until(lambda: publisher.transport.state == "connected", "connected")


async def close(hall: Hall) -> None:
    for peer in hall.peers:
        await peer.close()
    await hall.router.close()


async def test_behind_a_nat_clients_come_by_the_announced_address() -> None:
    router, events = await open_router(("127.0.0.1",), announce=(OUTSIDE,))
    hall = Hall(router, events)
    try:
        async with open_nat(router.port, OUTSIDE) as nat:
            first, *_ = [
                line.split()[4]
                for line in hall.conference.subscriber("b").offer().splitlines()
                if line.startswith("a=candidate:")
            ]
            assert first == OUTSIDE  # it is what others can reach
            await publish(hall, Peer(OUTSIDE))
            selected = hall.conference.publisher("a").transport.agent.selected
            assert selected is not None
            assert {selected.address[1]} == nat.sources
    finally:
        await close(hall)


async def test_a_voice_from_an_address_that_changed_on_the_way_is_heard_before_any_check() -> None:
    router, events = await open_router(("127.0.0.1",), announce=(OUTSIDE,))
    hall = Hall(router, events)
    try:
        async with open_nat(router.port, OUTSIDE) as nat:
            peer = Peer(OUTSIDE)
            await publish(hall, peer)
            listener = await hall.receiver("b")
            sender = Sender(peer, has_rids=True)
            sender.voice()
            await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
            agent = hall.conference.publisher("a").transport.agent
            selected, known = agent.selected, router.stats().known_addresses
            nat.forget()
            sender.voice()
            await until(lambda: headers(listener, 111), "heard from the new address")
            assert agent.selected == selected  # without a check nothing is sent there
            assert router.stats().known_addresses == known + 1
            await peer.check()
            await until(
                lambda: agent.selected and {agent.selected.address[1]} == nat.sources, "moved"
            )
    finally:
        await close(hall)


async def test_media_under_other_keys_moves_nobody() -> None:
    router, events = await open_router(("127.0.0.1",))
    hall = Hall(router, events)
    try:
        sender = await hall.sender("a")
        sender.voice()
        heard = hall.conference.publisher("a").tracks["microphone"].layers
        await until(lambda: heard, "heard")
        caught: list[bytes] = []
        sender.peer.send_raw = lambda data: caught.append(data)  # type: ignore[method-assign]
        sender.voice()
        known = router.stats().known_addresses
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(100):
                forged = caught[0][:-1] + bytes([caught[0][-1] ^ 1])
                stranger.sendto(forged, ("127.0.0.1", router.port))
                if number % 50 == 49:
                    count = number + 1
                    await until(lambda n=count: unknown(hall) == n, "counted")  # type: ignore[misc]
            assert router.stats().known_addresses == known
            # Whoever repeats a packet that was overheard is where it came from, and nothing more.
            # One try in a second is for whoever is still heard where it was.

            def is_taken() -> bool:
                stranger.sendto(caught[0], ("127.0.0.1", router.port))
                return router.stats().known_addresses == known + 1

            await until(is_taken, "taken")
            failures = router.stats().srtp_failures
            stranger.sendto(caught[0], ("127.0.0.1", router.port))
            await until(lambda: router.stats().srtp_failures > failures, "a replay is none")
    finally:
        await close(hall)


def unknown(hall: Hall) -> int:
    return hall.router.stats().bad_datagrams.get("media_unknown_address", 0)


@pytest.mark.parametrize("tcp", [False, True])
async def test_a_client_may_come_by_ipv6(tcp: bool) -> None:
    router, events = await open_router(("127.0.0.1", "::1"))
    hall = Hall(router, events)
    try:
        await publish(hall, Peer("::1", tcp=tcp))
        selected = hall.conference.publisher("a").transport.agent.selected
        assert selected is not None
        assert selected.address[0] == "::1"
        assert selected.is_stream == tcp
    finally:
        await close(hall)


async def test_one_port_is_taken_for_udp_and_tcp_on_every_address() -> None:
    bound = bind_sockets(["127.0.0.1", "::1"], 0)
    try:
        taken = {item.getsockname()[1] for item in (*bound.udp, *bound.tcp)}
        assert taken == {bound.port}
        assert len(bound.udp) == len(bound.tcp) == 2
        with pytest.raises(OSError, match="in use"):
            bind_sockets(["127.0.0.1"], bound.port)
    finally:
        bound.close()


async def test_without_tcp_none_is_bound_and_none_is_offered() -> None:
    events: list[MediaEvent] = []
    router = await MediaRouter.open(
        addresses=("127.0.0.1",), port=0, on_event=events.append, tcp=False
    )
    try:
        assert " tcp " not in router.conference("room").subscriber("b").offer()
        with socket.socket() as other:
            other.bind(("127.0.0.1", router.port))
    finally:
        await router.close()


def test_later_generations_go_first_then_udp_then_the_order_of_addresses() -> None:
    priorities = [
        candidate_priority(index, generation, is_udp=is_udp)
        for generation in (MAX_GENERATION, 5, 1, 0)
        for is_udp in (True, False)
        for index in range(32)
    ]
    assert priorities == sorted(priorities, reverse=True)
    assert len(set(priorities)) == len(priorities)
    assert candidate_priority(99, 10**6, is_udp=True) < 1 << 31  # RFC 8445 section 5.1.2
    assert candidate_priority(99, 0, is_udp=False) > 3 << 24  # above a browser's relayed ones
