"""Media over TCP, as a site has it whose network lets no UDP through."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest

from rooms.media.port import framing, ice, tcp, transport
from rooms.media.port.tcp import TcpConnection
from rooms.media.port.transport import MEDIA
from rooms.media.receiving import publisher as publisher_module
from rooms.media.receiving.publisher import PICTURES
from rooms.media.rtp import rtcp
from rooms.media.source import Tile
from tests.rooms.media.hall import Hall, Sender, bad, headers, meeting, said, until
from tests.rooms.media.peer import Peer


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
    for _ in range(ice.MAX_STREAM_PATHS + 3):
        viewer._socket = viewer._bind()
        viewer._dial()
        await viewer.check()
        old.append(viewer._socket)
    await until(lambda: hall.router.stats().tcp_connections == 1 + ice.MAX_STREAM_PATHS, "bounded")
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


WORTHLESS = {
    "empty": b"",
    "media of nobody": b"\x80\x6f\0\1\0\0\0\1\0\0\x13\x88",
    "reports of nobody": b"\x80\xc8\0\1\0\0\0\1\0\0\x13\x88",
    "DTLS that never ends": b"\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\0",
    "no protocol": b"\x4f" * 12,
    "STUN that asks nothing": b"\x00\x11\0\0\x21\x12\xa4\x42" + bytes(12),
}


@pytest.mark.parametrize("what", WORTHLESS)
async def test_a_member_whose_packets_are_of_no_use_is_cut_off_and_comes_back(
    hall: Hall, what: str
) -> None:
    sender, viewer = await meeting(hall)
    few = 100  # as when keys change
    for _ in range(few):
        viewer.send_raw(WORTHLESS[what])
    await viewer.check()
    assert bad(hall, "tcp_worthless") == 0
    with contextlib.suppress(OSError):
        for _ in range(tcp.WORTHLESS.burst + 600):
            viewer.send_raw(WORTHLESS[what])
    await until(lambda: bad(hall, "tcp_worthless") == 1, "cut off")
    viewer.roam()
    await viewer.check()
    sender.frame(key=True)
    sender.voice()
    await until(lambda: headers(viewer, 111), "heard again")
    assert bad(hall, "exception") == 0


async def test_a_member_whose_pictures_are_over_their_rate_keeps_its_voice(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "PICTURES", PICTURES._replace(packets_per_s=100))
    sender, viewer = await meeting(hall)
    over = 2 * tcp.WORTHLESS.burst
    while bad(hall, "pictures_over_rate") < over:
        for _ in range(10):
            sender.frame()
        await asyncio.sleep(0)
    heard = len(headers(viewer, 111))
    sender.voice()
    await until(lambda: len(headers(viewer, 111)) > heard, "heard")
    assert bad(hall, "tcp_worthless") == 0


async def test_a_member_over_all_its_rates_is_read_slowly_and_loses_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MEDIA", MEDIA._replace(packets_per_s=200, burst_s=0.1))
    sender = await hall.sender("a", camera=False)
    before = hall.router.stats().datagrams_in
    for _ in range(200):
        sender.voice()
    await until(lambda: hall.router.stats().datagrams_in >= before + 200, "all are read")
    assert bad(hall, "media_over_rate") == bad(hall, "tcp_worthless") == 0
    await sender.peer.check()


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


def connection_of(hall: Hall, member_id: str) -> TcpConnection:
    path = hall.conference.subscriber(member_id).transport.agent.selected
    assert path is not None
    return hall.router._port.door.connections[path]
