"""Media over TCP, as a site has it whose network lets no UDP through."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import resource
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from rooms.media.engine.choice import EngineName
from rooms.media.port import framing, ice, stun, tcp
from rooms.media.port.tcp import TcpConnection, origin_of
from rooms.media.rtp import rtcp
from rooms.media.source import Tile
from tests.rooms.media.hall import SOURCES, Hall, Sender, headers, open_hall, said, until
from tests.rooms.media.peer import Peer, send_offer


@pytest.fixture(params=["python", "native"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    engine: EngineName = request.param
    async with open_hall(engine, tcp=True) as opened:
        yield opened


async def meeting(hall: Hall) -> tuple[Sender, Peer]:
    """One who sends and one who sees and hears, both by TCP."""
    sender = await hall.sender("a", rids=("l",))
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame(key=True)
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "somebody looks")
    return sender, viewer


async def test_voice_and_pictures_come_and_go_by_tcp(hall: Hall) -> None:
    sender, viewer = await meeting(hall)
    sender.frame(key=True)
    for _ in range(20):
        sender.frame()
        sender.voice()
    await until(lambda: len(headers(viewer, 96)) == 21, "every frame")
    await until(lambda: len(headers(viewer, 111)) >= 20, "every voice packet")
    assert hall.router.stats().tcp_connections == 2
    assert hall.router.stats().send_drops == 0
    assert hall.router.stats().bad_datagrams == {}
    await until(lambda: said(viewer, rtcp.SenderReport), "reports")


async def test_by_udp_and_tcp_they_see_each_other(hall: Hall) -> None:
    sender = await hall.sender("a", rids=("l",))
    hall.tcp = False
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame(key=True)
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "somebody looks")
    sender.frame(key=True)
    await until(lambda: headers(viewer, 96), "a picture")


async def test_the_offer_names_udp_first_and_passive_tcp_below_all_of_it(hall: Hall) -> None:
    sdp = hall.conference.subscriber("b").offer()
    lines = [line for line in sdp.splitlines() if line.startswith("a=candidate:")]
    udp, over_tcp = (line.split() for line in lines[:2])
    assert (udp[2], over_tcp[2]) == ("udp", "tcp")
    assert int(udp[3]) > int(over_tcp[3])
    assert over_tcp[4:] == ["127.0.0.1", udp[5], "typ", "host", "tcptype", "passive"]
    assert udp[0] != over_tcp[0]


async def test_a_client_may_move_from_udp_to_tcp_and_back_with_its_keys(hall: Hall) -> None:
    hall.tcp = False
    sender = await hall.sender("a", camera=False)
    listener = await hall.receiver("b")
    publisher = hall.conference.publisher("a")
    for by_tcp in (True, False, True):
        sender.peer.tcp = by_tcp
        sender.peer.roam()
        await sender.peer.check()
        listener.rtp.clear()
        sender.voice()
        await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
        sender.voice()
        await until(lambda: headers(listener, 111), "heard")
        selected = publisher.transport.agent.selected
        assert selected is not None
        assert selected.is_stream == by_tcp


async def test_a_connection_that_ends_is_noticed_and_another_one_serves(hall: Hall) -> None:
    _, viewer = await meeting(hall)
    transport = hall.conference.subscriber("b").transport
    viewer.roam()
    await until(lambda: transport.state == "disconnected", "the end is noticed")
    assert hall.router.stats().known_addresses == 1
    await viewer.check()
    await until(lambda: transport.state == "connected", "by the new one")


async def test_a_slow_reader_loses_pictures_keeps_voice_and_holds_up_nobody(hall: Hall) -> None:
    sender, slow = await meeting(hall)
    quick = await hall.receiver("c", [Tile("a", "camera", 180)])
    sender.frame(key=True)
    await until(lambda: headers(slow, 96) and headers(quick, 96), "both see")
    slow.stop_reading()
    connection = connection_of(hall, "b")
    while not connection.outbox.pictures_dropped:
        await another_frame_comes(sender, quick)
    subscriber = hall.conference.subscriber("b")
    assert connection.outbox.waiting_bytes <= framing.MAX_PICTURE_BYTES
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a key frame is asked for")
    asked = said(sender.peer, rtcp.KeyFrameRequest)
    assert asked
    slow.rtp.clear()
    sender.voice(payload=b"now")
    slow.start_reading()
    await until(
        lambda: any(header.data.endswith(b"now") for header in headers(slow, 111)), "still heard"
    )
    await until(lambda: any(slot.target for slot in subscriber._video), "a picture is awaited")
    slow.rtp.clear()
    sender.frame(key=True)
    await until(lambda: headers(slow, 96), "seen again")


async def another_frame_comes(sender: Sender, viewer: Peer) -> None:
    seen = len(headers(viewer, 96))

    def shown() -> bool:
        # A busy machine looks like a poor line, on which a frame may be left out; the next comes.
        sender.frame(key=True, size=1_100)
        return len(headers(viewer, 96)) > seen

    await until(shown, "one goes on whatever another does")


async def test_a_member_who_leaves_takes_its_connection_along(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "LEAVE_S", 0.05)
    _, viewer = await meeting(hall)
    hall.conference.remove("b")
    await until(lambda: viewer.is_shut, "ended by the hub")
    await until(lambda: hall.router.stats().tcp_connections == 1, "gone")
    assert viewer._dtls.state == "closed"  # it was told before


async def test_more_connections_than_paths_end_the_oldest(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "LEAVE_S", 0.05)
    _, viewer = await meeting(hall)
    old = [viewer._socket]
    for _ in range(ice.MAX_PATHS + 3):
        viewer._socket = viewer._bind()
        viewer._dial()
        await viewer.check()
        old.append(viewer._socket)
    await until(lambda: hall.router.stats().tcp_connections == 1 + ice.MAX_PATHS, "bounded")
    for item in old[:-1]:
        asyncio.get_running_loop().remove_reader(item.fileno())
        item.close()
    await until(lambda: hall.router.stats().tcp_connections == 2, "all but the last have ended")
    await viewer.check()


@pytest.mark.parametrize("first", [range(4), range(20, 64), range(128, 192), range(64, 128)])
async def test_a_member_that_sends_nonsense_is_counted_and_hurts_nobody(
    hall: Hall, first: range
) -> None:
    sender, viewer = await meeting(hall)
    choose = random.Random(first.start)
    for _ in range(10):
        before = hall.router.stats().datagrams_in
        for _ in range(40):
            data = bytes([choose.choice(first)]) + choose.randbytes(choose.choice([11, 19, 1_200]))
            viewer.send_raw(data)
        await until(lambda b=before: hall.router.stats().datagrams_in >= b + 40, "all are read")  # type: ignore[misc]
    assert sum(hall.router.stats().bad_datagrams.values()) > 0
    assert bad(hall, "exception") == 0
    sender.frame(key=True)
    sender.voice()
    await until(lambda: headers(viewer, 96) and headers(viewer, 111), "served")


async def test_packets_cut_anywhere_arrive_whole(hall: Hall) -> None:
    sender = await hall.sender("a", camera=False)
    listener = await hall.receiver("b")
    stream: list[bytes] = []
    sender.peer.send_raw = lambda data: stream.append(len(data).to_bytes(2, "big") + data)  # type: ignore[method-assign]
    for _ in range(30):
        sender.voice()
    for byte in b"".join(stream):
        sender.peer._socket.sendall(bytes([byte]))
        await asyncio.sleep(0)
    await until(lambda: len(headers(listener, 111)) >= 29, "all but the first, which was before")
    assert hall.router.stats().bad_datagrams == {}


# Strangers


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


def bad(hall: Hall, reason: str) -> int:
    return hall.router.stats().bad_datagrams.get(reason, 0)


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
    monkeypatch.setattr(tcp, "MAX_STRANGERS_PER_ADDRESS", 5)
    monkeypatch.setattr(tcp, "MAX_STRANGERS", 8)
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
    monkeypatch.setattr(tcp, "MAX_STRANGERS_PER_ADDRESS", 5)
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
        (("2001:db8:1:2:3:4:5:6", 4000, 0, 0), "2001:db8:1:2::"),
        (("fe80::1%eth0", 4000, 0, 2), "fe80::"),
    ],
)
def test_an_ipv6_network_counts_as_one(address: tuple[object, ...], origin: str) -> None:
    assert origin_of(address) == origin


def connection_of(hall: Hall, member_id: str) -> TcpConnection:
    path = hall.conference.subscriber(member_id).transport.agent.selected
    assert path is not None
    return hall.router._port.door.connections[path]
