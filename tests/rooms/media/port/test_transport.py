"""One connection over time: consent, keys, replays, peers that never come, what a peer may cost."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from struct import pack

import pytest

from rooms.media.events import TransportChanged
from rooms.media.port import dtls, ice, stun
from rooms.media.port.port import MAX_ERRORS_PER_S
from rooms.media.receiving.streams import MAX_STREAMS
from rooms.media.rtp import rtcp
from rooms.media.source import Tile
from tests.rooms.media.hall import SOURCES, VOICE, Hall, headers, open_hall, said, until
from tests.rooms.media.packets import rtp
from tests.rooms.media.peer import Peer, send_offer


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with open_hall() as opened:
        yield opened


def states(hall: Hall, member_id: str) -> list[str]:
    return [
        event.state
        for event in hall.events
        if isinstance(event, TransportChanged) and event.member_id == member_id
    ]


async def test_without_consent_nothing_is_sent_and_a_check_brings_it_back(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, listener = await hall.sender("a"), await hall.receiver("b")
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    sender.voice()
    await until(lambda: headers(listener, 111), "heard")
    monkeypatch.setattr(ice, "FAILED_AFTER_S", 0.0)
    await until(lambda: states(hall, "b")[-1] == "failed", "consent has run out")
    listener.rtp.clear()
    listener.rtcp.clear()
    heard = hall.conference.publisher("a").tracks["microphone"].layers[""].reception
    count = heard.packets
    sender.voice()
    await until(lambda: heard.packets > count, "the voice is at the hub")
    assert (listener.rtp, listener.rtcp) == ([], [])
    assert not hall.conference.subscriber("b").transport.is_connected
    monkeypatch.undo()
    await listener.check()
    await until(lambda: states(hall, "b")[-1] == "connected", "consent is back")
    sender.voice()
    await until(lambda: headers(listener, 111), "heard again")


async def test_a_peer_that_never_comes_fails_in_time_and_leaves_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dtls, "ARRIVAL_TIMEOUT_S", 0.05)
    peer = Peer()
    hall.peers.append(peer)
    await hall.conference.publisher("a").answer(send_offer(peer), SOURCES)
    await until(lambda: states(hall, "a")[-1:] == ["failed"], "given up")
    assert hall.router.stats().known_addresses == 0
    hall.conference.remove("a")
    await until(lambda: states(hall, "a")[-1] == "closed", "closed")
    assert hall.router.stats().transports == 0
    assert hall.router._port._by_ufrag == {}


async def test_one_that_failed_may_try_again(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "ARRIVAL_TIMEOUT_S", 0.05)
    peer = Peer()
    hall.peers.append(peer)
    publisher = hall.conference.publisher("a")
    await publisher.answer(send_offer(peer), SOURCES)
    await until(lambda: publisher.transport.state == "failed", "given up")
    monkeypatch.undo()
    peer.follow(await publisher.answer(send_offer(peer), SOURCES))
    await peer.connect()
    await until(lambda: publisher.transport.state == "connected", "at the second try")


async def test_members_who_left_leave_no_address_behind(hall: Hall) -> None:
    await hall.sender("a")
    await hall.receiver("a")
    assert hall.router.stats().known_addresses == 2
    hall.conference.remove("a")
    await until(lambda: hall.router.stats().known_addresses == 0, "forgotten")
    assert hall.router._port._by_ufrag == {}


async def test_replayed_packets_are_dropped(hall: Hall) -> None:
    sender = await hall.sender("a")
    sent: list[bytes] = []
    send_raw = sender.peer.send_raw

    def keep(data: bytes) -> None:
        sent.append(data)
        send_raw(data)

    sender.peer.send_raw = keep  # type: ignore[method-assign]
    sender.voice()
    sender.peer.send_rtcp(rtcp.build_sr(rtcp.SenderReport(VOICE, 1, 2, 3, 4)))
    for data in list(sent) * 3:
        send_raw(data)
    await until(lambda: hall.router.stats().bad_datagrams.get("srtp_refused") == 6, "refused")
    assert hall.router.stats().srtp_failures == 6
    reception = hall.conference.publisher("a").tracks["microphone"].layers[""].reception
    assert reception.packets == 1


async def test_packets_of_another_members_keys_are_refused(hall: Hall) -> None:
    """An address is not enough: the packet must decrypt with the keys of that address."""
    one, other = await hall.sender("a"), await hall.sender("b")
    packet = rtp(ssrc=VOICE, sequence=9, timestamp=9, payload_type=111, payload=b"x")
    one.peer.send_raw(other.peer._dtls._tx_srtp.protect(packet))
    await until(lambda: hall.router.stats().bad_datagrams.get("srtp_refused") == 1, "refused")
    assert hall.conference.publisher("a").tracks["microphone"].layers == {}


async def test_a_hundred_unknown_ssrcs_are_counted_and_bounded(hall: Hall) -> None:
    sender = await hall.sender("a")
    publisher = hall.conference.publisher("a")
    for ssrc in range(50_000, 50_100):
        sender.peer.send_rtp(
            rtp(ssrc=ssrc, sequence=1, timestamp=1, payload_type=120, payload=b"what is this")
        )
    for ssrc in range(60_000, 60_100):
        sender.peer.send_rtp(
            rtp(
                ssrc=ssrc,
                sequence=1,
                timestamp=1,
                payload_type=96,
                payload=b"\x10\x01\x02",
                extensions={1: b"1", 3: b"l"},
            )
        )
    # The first of those that claim one layer has it; the rest are nobody's, too.
    unknown = {"unknown_stream": 199}
    await until(lambda: hall.router.stats().bad_datagrams == unknown, "all are counted")
    assert len(publisher._streams) <= MAX_STREAMS
    assert publisher.tracks["camera"].layers["l"].ssrc == 60_000
    sender.voice()
    await until(lambda: publisher.tracks["microphone"].layers, "others are served")


async def test_a_thousand_unauthenticated_checks_leave_nothing(hall: Hall) -> None:
    known = await hall.receiver("b")
    port = hall.router._port
    before = (port.paths, set(port._by_ufrag), len(port._ufrags))
    stranger = Peer()
    hall.peers.append(stranger)
    stranger.follow(hall.conference.subscriber("b").offer())
    assert stranger._hub is not None
    ufrag = stranger._hub.ufrag
    for index in range(1_000):
        stranger._hub.ufrag = ufrag if index % 2 else secrets.token_hex(6)
        stranger._hub.password = secrets.token_hex(16)
        stranger.send_raw(stranger.check_request())
        if index % 50 == 49:
            await until(lambda n=index + 1: refused(hall) >= n, "counted")  # type: ignore[misc]
    assert refused(hall) == 1_000
    assert (port.paths, set(port._by_ufrag), len(port._ufrags)) == before
    await until(lambda: stranger.replies, "some are answered")
    assert all(reply.message_type == stun.BINDING_ERROR for reply in stranger.replies)
    assert len(stranger.replies) <= 2 * MAX_ERRORS_PER_S * (1 + len(hall.peers))
    await known.check()


def refused(hall: Hall) -> int:
    return hall.router.stats().bad_datagrams.get("stun_401", 0)


async def test_a_key_frame_that_nobody_waits_for_any_more_is_not_asked_for(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request")
    hall.conference.subscriber("b").set_view([])
    layer = hall.conference.publisher("a").tracks["camera"].layers[""]
    await until(lambda: "a" not in hall.slots("b").values(), "nobody looks")
    asked = hall.conference.publisher("a").measure(0.0).key_frames_asked
    now = time.monotonic()
    for later_s in range(1, 5):
        hall.conference.publisher("a").tick(now + later_s)
    assert hall.conference.publisher("a").measure(0.0).key_frames_asked == asked
    assert layer.key_frames.wanted


async def test_losses_of_a_layer_that_nobody_takes_are_not_asked_for(hall: Hall) -> None:
    sender = await hall.sender("a", rids=("l",))
    sender.frame(key=True)
    sender.lose_frame()
    sender.frame()
    publisher = hall.conference.publisher("a")
    await until(
        lambda: publisher.tracks["camera"].layers and publisher.measure(0.0).loss_fraction, "lost"
    )
    now = time.monotonic()
    for later_s in range(1, 5):
        publisher.tick(now + later_s)
    assert publisher.measure(0.0).nacks_sent == 0


async def test_a_flood_of_nacks_is_answered_by_a_bounded_number_of_packets(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request")
    sender.frame(key=True)
    await until(lambda: headers(viewer, 96), "the key frame")
    (sent,) = headers(viewer, 96)
    item = pack("!HH", sent.sequence, 0)
    flood = rtcp.build_packet(rtcp.RTPFB, rtcp.FMT_NACK, pack("!LL", 1, sent.ssrc) + item * 250)
    for _ in range(20):
        viewer.send_rtcp(flood)
    subscriber = hall.conference.subscriber("b")
    await until(lambda: subscriber.measure(0.0).nacks_received == 5_000, "all were heard")
    assert subscriber.measure(0.0).retransmitted <= 3
