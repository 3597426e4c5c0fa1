"""Who comes to the media port by TCP and has not shown yet whose member it is."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket
from collections.abc import Iterator

import pytest

from rooms.media.port import strangers as strangers_of
from rooms.media.port import stun, tcp
from rooms.media.port.strangers import origin_of
from tests.rooms.media.hall import SOURCES, Hall, bad, meeting, until
from tests.rooms.media.peer import Peer, send_offer


@pytest.fixture
def strangers() -> Iterator[list[socket.socket]]:
    made: list[socket.socket] = []
    yield made
    for item in made:
        item.close()


def dial(hall: Hall, strangers: list[socket.socket], source: str = "127.0.0.1") -> socket.socket:
    made = socket.create_connection(
        ("127.0.0.1", hall.router.port), timeout=5, source_address=(source, 0)
    )
    made.setblocking(False)
    strangers.append(made)
    return made


async def is_shut(item: socket.socket) -> bool:
    """Wait until the hub ends the connection."""
    try:
        async with asyncio.timeout(5):
            while await asyncio.get_running_loop().sock_recv(item, 4_096):
                pass
    except ConnectionError:
        return True
    return True


async def test_who_says_nothing_is_sent_away(
    hall: Hall, strangers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "FIRST_CHECK_S", 0.1)
    silent, slow = dial(hall, strangers), dial(hall, strangers)
    slow.send(b"\x00")  # half a length
    assert await is_shut(silent)
    assert await is_shut(slow)
    assert bad(hall, "tcp_no_check") == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n", "tcp_bad_length"),
        (b"\x16\x03\x01\x02\x00" + bytes(60), "tcp_bad_length"),  # TLS
        (b"\xff\xff", "tcp_bad_length"),
        (b"\x00\x01\x00", "tcp_bad_length"),
        (b"\x00\x20\x80" + bytes(31), "tcp_stranger"),  # media of nobody
        (b"\x00\x20\x16" + bytes(31), "tcp_stranger"),  # DTLS before any check
        ((b"\x00\x14\x00\x01" + bytes(18)) * 9, "tcp_stranger"),  # one bad check after another
        (b"\x00\x00", "tcp_stranger"),  # an empty packet
    ],
)
async def test_a_stranger_may_say_nothing_but_checks(
    hall: Hall, strangers: list[socket.socket], data: bytes, reason: str
) -> None:
    stranger = dial(hall, strangers)
    stranger.send(data)
    assert await is_shut(stranger)
    assert bad(hall, reason) == 1
    assert bad(hall, "exception") == 0
    assert hall.router.stats().tcp_connections == 0


async def test_a_check_under_a_wrong_password_is_refused_and_proves_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = Peer(tcp=True)
    hall.peers.append(peer)
    peer.follow(await hall.conference.publisher("a").answer(send_offer(peer), SOURCES))
    assert peer._hub is not None
    password, peer._hub.password = peer._hub.password, "x" * 32
    await peer.check()
    assert peer.replies[0].message_type == stun.BINDING_ERROR
    (connection,) = hall.router._port.door.connections.values()
    assert not connection.is_proved
    peer._hub.password = password
    await peer.check()
    assert connection.is_proved


async def test_a_crowd_of_strangers_keeps_no_newcomer_out(
    hall: Hall, strangers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers_of, "MAX_STRANGERS_PER_ADDRESS", 5)
    monkeypatch.setattr(strangers_of, "MAX_STRANGERS", 8)
    crowd = [dial(hall, strangers) for _ in range(12)]
    for item in crowd[:7]:
        assert await is_shut(item)
    assert hall.router.stats().tcp_connections == 5
    for number in range(2, 7):
        dial(hall, strangers, f"127.0.0.{number}")
    await until(lambda: bad(hall, "tcp_crowd") == 9, "the oldest go")
    assert hall.router.stats().tcp_connections == 8
    sender = await hall.sender("a", camera=False)
    sender.voice()
    await until(lambda: hall.conference.publisher("a").tracks["microphone"].layers, "served")


NO_CHECK = b"\x00\x14" + bytes(20)  # framed; it begins as STUN does


async def test_silent_strangers_make_room_before_one_whose_check_has_come(
    hall: Hall, strangers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers_of, "MAX_STRANGERS_PER_ADDRESS", 5)
    spoken = dial(hall, strangers)
    await asyncio.get_running_loop().sock_sendall(spoken, NO_CHECK)
    await until(lambda: bad(hall, "stun_malformed"), "something was said")
    silent = [dial(hall, strangers) for _ in range(8)]
    for item in silent[:4]:
        assert await is_shut(item)
    assert bad(hall, "tcp_crowd") == 4
    await asyncio.get_running_loop().sock_sendall(spoken, NO_CHECK)
    await until(lambda: bad(hall, "stun_malformed") == 2, "still there")


async def test_strangers_make_room_when_all_places_are_taken(
    hall: Hall, strangers: list[socket.socket]
) -> None:
    hall.router._port.door._room = 3
    crowd = [dial(hall, strangers) for _ in range(3)]
    await until(lambda: hall.router.stats().tcp_connections == 3, "all are in")
    sender = await hall.sender("a", camera=False)
    assert await is_shut(crowd[0])
    sender.voice()
    await until(lambda: hall.conference.publisher("a").tracks["microphone"].layers, "served")


async def test_when_all_places_are_taken_nobody_in_is_thrown_out(
    hall: Hall, strangers: list[socket.socket]
) -> None:
    sender, viewer = await meeting(hall)
    hall.router._port.door._room = 2
    late = dial(hall, strangers)
    assert await is_shut(late)
    assert bad(hall, "tcp_full") == 1
    await sender.peer.check()
    await viewer.check()


async def test_without_a_free_file_it_waits_and_then_lets_in(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "FULL_PAUSE_S", 0.05)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as late:
        lowest_free = os.dup(late.fileno())
        os.close(lowest_free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, files[1]))
        try:
            late.connect(("127.0.0.1", hall.router.port))
            await until(lambda: bad(hall, f"tcp_accept_errno_{errno.EMFILE}") >= 2, "tried again")
            assert bad(hall, f"tcp_accept_errno_{errno.EMFILE}") < 100
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, files)
        await until(lambda: hall.router.stats().tcp_connections == 1, "let in")


async def test_a_proved_connection_without_checks_ends(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, viewer = await meeting(hall)
    monkeypatch.setattr(tcp, "FAILED_AFTER_S", 0.0)
    await until(lambda: viewer.is_shut, "consent has run out")
    assert bad(hall, "tcp_silent") == 2


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (("203.0.113.9", 4000), "203.0.113.9"),
        (("2001:db8:1:2:3:4:5:6", 4000, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 4000, 0, 2), "fe80::/64"),
    ],
)
def test_an_ipv6_network_counts_as_one(address: tuple[object, ...], origin: str) -> None:
    assert origin_of(address) == origin
