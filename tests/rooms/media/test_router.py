"""The router with small clients over loopback: what enters, what leaves, what is refused."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import partial

import pytest

from rooms.media.conference import REFRESHED_AT_ONCE
from rooms.media.errors import BadDescription
from rooms.media.events import (
    MediaEvent,
    OfferNeeded,
    SlotsChanged,
    SourcesChanged,
    TransportChanged,
)
from rooms.media.router import MediaRouter
from rooms.media.rtp import rtcp
from rooms.media.rtp.vp8 import Vp8Descriptor
from rooms.media.source import Tile
from tests.rooms.media.hall import (
    HIGH,
    LOW,
    SOURCES,
    VOICE,
    Hall,
    Sender,
    headers,
    open_hall,
    payload_of,
    said,
    until,
)
from tests.rooms.media.peer import Peer, receive_answer, send_offer


@pytest.fixture(params=["native", "python"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    async with open_hall(request.param) as opened:
        yield opened


async def test_a_voice_reaches_the_others_and_not_its_speaker(hall: Hall) -> None:
    sender = await hall.sender("a")
    listener, own = await hall.receiver("b"), await hall.receiver("a")
    for _ in range(5):
        sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    for _ in range(5):
        sender.voice(payload=b"heard")
    await until(lambda: len(headers(listener, 111)) >= 5, "five packets")
    first, second = headers(listener, 111)[-2:]
    assert payload_of(second) == b"heard"
    assert (second.sequence - first.sequence) & 0xFFFF == 1
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 960
    assert second.extension(3) == bytes([30])
    assert second.extension(1) == b"a0"
    assert headers(own, 111) == []
    assert SourcesChanged("room", "a", ("microphone", "camera")) in hall.events


async def test_a_mute_is_enforced_at_the_hub(hall: Hall) -> None:
    sender, listener = await hall.sender("a"), await hall.receiver("b")
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    hall.conference.set_muted("a", "microphone", True)
    await until(lambda: hall.slots("b")["a0"] is None, "the slot is free")
    count = len(listener.rtp)
    publisher = hall.conference.publisher("a")
    heard = publisher.tracks["microphone"].layers[""].reception
    before = heard.packets
    for _ in range(10):
        sender.voice()
    await until(lambda: heard.packets == before + 10, "the packets arrive at the hub")
    assert len(listener.rtp) == count
    assert "a" not in hall.conference.levels(time.monotonic())
    hall.conference.set_muted("a", "microphone", False)
    await until(lambda: hall.slots("b")["a0"] == "a", "heard again")


async def test_a_picture_begins_with_a_key_frame_that_the_hub_asked_for(hall: Hall) -> None:
    sender = await hall.sender("a")
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request for a key frame")
    assert headers(viewer, 96) == []
    sender.frame(key=True)
    sender.frame()
    await until(lambda: len(headers(viewer, 96)) == 2, "key frame and next frame")
    first = Vp8Descriptor(payload_of(headers(viewer, 96)[0]))
    second = Vp8Descriptor(payload_of(headers(viewer, 96)[1]))
    assert first.is_key
    assert first.picture_id is not None
    assert second.picture_id == (first.picture_id + 1) & 0x7FFF


async def test_key_frame_requests_of_many_viewers_are_merged(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    viewers = [await hall.receiver(f"v{i}", [Tile("a", "camera", 180)]) for i in range(5)]
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request")
    sender.frame(key=True)
    await until(lambda: all(headers(viewer, 96) for viewer in viewers), "all see it")
    before = len(said(sender.peer, rtcp.KeyFrameRequest))
    for viewer in viewers:
        viewer.send_rtcp(rtcp.build_pli(1, headers(viewer, 96)[0].ssrc))
    await until(lambda: len(said(sender.peer, rtcp.KeyFrameRequest)) > before, "one more")
    await until(
        lambda: hall.conference.subscriber("v4").measure(time.monotonic()).key_frames_asked,
        "the last one was heard",
    )
    assert len(said(sender.peer, rtcp.KeyFrameRequest)) == before + 1


async def test_a_lost_packet_is_asked_for_and_its_rtx_fills_the_hole(hall: Hall) -> None:
    sender = await hall.sender("a", rids=("l",))
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame(key=True)
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request")
    sender.frame(key=True)
    repair = sender.lose_frame()
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.Nack), "a NACK")
    assert said(sender.peer, rtcp.Nack)[0].sequences == (sender.sequences[LOW] - 1 & 0xFFFF,)
    sender.peer.send_rtp(repair)
    await until(lambda: len(headers(viewer, 96)) == 3, "the repaired packet too")
    numbers = [header.sequence for header in headers(viewer, 96)]
    assert [(n - numbers[0]) & 0xFFFF for n in numbers] == [0, 2, 1]


async def test_a_nack_is_answered_once_by_rtx(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request")
    sender.frame(key=True)
    await until(lambda: headers(viewer, 96), "the key frame")
    sent = headers(viewer, 96)[0]
    for _ in range(3):
        viewer.send_rtcp(rtcp.build_nack(1, sent.ssrc, [sent.sequence, sent.sequence + 9]))
    subscriber = hall.conference.subscriber("b")
    await until(lambda: subscriber.measure(time.monotonic()).nacks_received == 6, "all were heard")
    await until(lambda: headers(viewer, 97), "a retransmission")
    (again,) = headers(viewer, 97)
    assert payload_of(again)[:2] == sent.sequence.to_bytes(2, "big")
    assert payload_of(again)[2:] == payload_of(sent)
    assert again.timestamp == sent.timestamp


async def test_a_sender_gets_receiver_reports_and_its_round_trip_is_measured(hall: Hall) -> None:
    sender = await hall.sender("a")
    sender.voice()
    sender.peer.send_rtcp(rtcp.build_sr(rtcp.SenderReport(VOICE, 77 << 32, 960 * 65_531, 1, 4)))
    await until(
        lambda: any(block.ssrc == VOICE for block in said(sender.peer, rtcp.ReportBlock)),
        "a report on the voice",
    )
    block = said(sender.peer, rtcp.ReportBlock)[-1]
    assert block.lost == 0
    assert block.last_report == rtcp.ntp_middle(77 << 32)


async def test_the_view_grows_in_steps_with_one_offer_in_flight(hall: Hall) -> None:
    await hall.receiver("b", [])
    subscriber = hall.conference.subscriber("b")
    tiles = [Tile(f"m{i}", "camera", 90) for i in range(30)]
    subscriber.set_view(tiles[:4])
    assert OfferNeeded("room", "b") not in hall.events
    subscriber.set_view(tiles[:5])
    subscriber.set_view(tiles[:6])
    assert hall.events.count(OfferNeeded("room", "b")) == 1
    offer = subscriber.offer()
    assert offer.count("m=video") == 9
    subscriber.set_view(tiles)
    assert hall.events.count(OfferNeeded("room", "b")) == 1
    await subscriber.accept(receive_answer(hall.peers[0], offer))
    assert hall.events.count(OfferNeeded("room", "b")) == 2
    offer = subscriber.offer()
    assert offer.count("m=video") == 25
    await subscriber.accept(receive_answer(hall.peers[0], offer))
    await until(lambda: hall.slots("b")["v24"] == "m24", "twenty-five slots are filled")
    assert hall.events.count(OfferNeeded("room", "b")) == 2


async def test_a_source_in_view_keeps_its_slot(hall: Hall) -> None:
    await hall.receiver("b", [Tile(name, "camera", 90) for name in "wxyz"])
    await until(lambda: hall.slots("b")["v3"] == "z", "four slots are filled")
    hall.conference.subscriber("b").set_view([Tile(name, "camera", 90) for name in "zyn"])
    await until(lambda: hall.slots("b")["v0"] == "n", "the new one takes a free slot")
    slots = hall.slots("b")
    assert (slots["v1"], slots["v2"], slots["v3"]) == (None, "y", "z")
    last = [event for event in hall.events if isinstance(event, SlotsChanged)][-1]
    assert {slot.mid: slot.member_id for slot in last.slots} == slots


async def test_three_voices_are_heard_and_a_louder_fourth_displaces_one(hall: Hall) -> None:
    speakers = {name: await hall.sender(name, camera=False) for name in "abcd"}
    await hall.receiver("z")

    def is_heard(name: str) -> bool:
        return name in hall.slots("z").values()

    for name in "abc":
        for _ in range(20):
            speakers[name].voice(level=60)
        await until(partial(is_heard, name), f"{name} is heard")

    def d_is_heard() -> bool:
        speakers["d"].voice(level=10)
        return is_heard("d")

    await until(d_is_heard, "the loud one gets a place")
    heard = [member for mid, member in hall.slots("z").items() if mid.startswith("a")]
    assert len(set(heard)) == 3


async def test_a_full_hall_hears_a_voice_though_slots_are_looked_at_a_few_at_a_time(
    hall: Hall,
) -> None:
    members = [f"m{number}" for number in range(REFRESHED_AT_ONCE + 2)]
    peers = [await hall.receiver(member_id) for member_id in members]
    sender = await hall.sender("a")
    sender.voice()
    await until(
        lambda: all(hall.slots(member_id)["a0"] == "a" for member_id in members), "slots for all"
    )
    sender.voice()
    await until(lambda: all(headers(peer, 111) for peer in peers), "the voice at every member")


async def test_a_roaming_client_takes_its_media_along(hall: Hall) -> None:
    sender, listener = await hall.sender("a"), await hall.receiver("b")
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    listener.roam()
    sender.peer.roam()
    await listener.check()
    await sender.peer.check()
    count = len(listener.rtp)
    sender.voice()
    await until(lambda: len(listener.rtp) > count, "heard on the new addresses")


async def test_an_ice_restart_keeps_the_keys(hall: Hall) -> None:
    sender, listener = await hall.sender("a"), await hall.receiver("b")
    publisher = hall.conference.publisher("a")
    before = publisher.transport.credentials
    sender.peer.credentials = type(sender.peer.credentials)("newufrag", "n" * 24)
    sender.peer.follow(await publisher.answer(send_offer(sender.peer), SOURCES))
    assert publisher.transport.credentials != before
    sender.peer.roam()
    await sender.peer.check()
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "still the same keys")
    sender.voice()
    await until(lambda: headers(listener, 111), "heard")
    states = [
        event.state
        for event in hall.events
        if isinstance(event, TransportChanged) and event.member_id == "a"
    ]
    assert states == ["connecting", "connected"]


async def test_a_member_who_leaves_is_closed_and_the_rest_goes_on(hall: Hall) -> None:
    first, second = await hall.sender("a"), await hall.sender("c")
    listener = await hall.receiver("b")
    first.voice()
    second.voice()
    await until(lambda: {"a", "c"} <= set(hall.slots("b").values()), "both are heard")
    hall.conference.remove("a")
    await until(lambda: "a" not in hall.slots("b").values(), "the slot is free")
    count = len(listener.rtp)
    second.voice()
    await until(lambda: len(listener.rtp) > count, "the other is heard")
    assert hall.router.stats().transports == 2
    assert SourcesChanged("room", "a", ()) in hall.events


async def test_strangers_get_401_or_400_or_nothing_and_leave_no_state(hall: Hall) -> None:
    stranger = Peer()
    hall.peers.append(stranger)
    known = await hall.receiver("b")
    addresses = hall.router.stats().known_addresses
    offer = hall.conference.subscriber("b").offer()
    stranger.follow(offer)
    good = stranger.check_request()
    stranger._hub.password = "wrong" * 5  # type: ignore[union-attr]
    stranger.send_raw(stranger.check_request())
    stranger._hub.ufrag = "nobody"  # type: ignore[union-attr]
    stranger.send_raw(stranger.check_request())
    await until(lambda: len(stranger.replies) == 2, "two refusals")
    for junk in (b"", b"\x00", b"\x16\xfe\xff" + bytes(50), b"\x80" + bytes(30), b"\xff" * 9):
        stranger.send_raw(junk)
    await until(lambda: sum(hall.router.stats().bad_datagrams.values()) >= 7, "all are counted")
    assert hall.router.stats().known_addresses == addresses
    assert set(hall.router.stats().bad_datagrams) >= {"stun_401", "media_unknown_address"}
    stranger.send_raw(good[:-1])
    await known.check()


async def test_a_bad_description_changes_nothing(hall: Hall) -> None:
    sender = await hall.sender("a")
    publisher = hall.conference.publisher("a")
    credentials = publisher.transport.credentials
    with pytest.raises(BadDescription):
        await publisher.answer("v=0\r\nnonsense", SOURCES)
    with pytest.raises(BadDescription):
        await publisher.answer(send_offer(sender.peer), {"0": "camera"})
    with pytest.raises(BadDescription):
        await hall.conference.subscriber("b").accept("v=0")
    assert publisher.transport.credentials == credentials
    assert set(publisher.tracks) == {"microphone", "camera"}
    assert publisher.transport.state == "connected"


async def test_another_certificate_than_the_described_one_is_never_connected(hall: Hall) -> None:
    """DTLS lets the client finish first: it believes to be connected, and the hub ends it."""
    peer, other = Peer(), Peer()
    hall.peers += [peer, other]
    publisher = hall.conference.publisher("a")
    peer.follow(await publisher.answer(send_offer(other), SOURCES))
    await peer.connect()
    await until(lambda: publisher.transport.state == "failed", "the hub refuses it")
    Sender(peer, has_rids=True).voice()
    refused = hall.router.stats().bad_datagrams
    await until(lambda: "media_before_keys" in hall.router.stats().bad_datagrams, f"{refused}")
    assert not publisher.transport.is_connected
    assert publisher.transport.cipher is None
    states = [event.state for event in hall.events if isinstance(event, TransportChanged)]
    assert states == ["connecting", "failed"]
    assert publisher.tracks["microphone"].layers == {}


async def test_closing_the_router_is_quick_and_tells_the_clients() -> None:
    events: list[MediaEvent] = []
    router = await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=events.append)
    hall = Hall(router, events)
    sender = await hall.sender("a")
    started = time.monotonic()
    await router.close()
    assert time.monotonic() - started < 1
    await until(lambda: sender.peer._dtls.state == "closed", "the client heard it")
    await sender.peer.close()


async def test_an_event_handler_that_raises_does_not_stop_the_router() -> None:
    def explode(event: MediaEvent) -> None:
        raise RuntimeError(event)

    router = await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=explode)
    hall = Hall(router, [])
    try:
        await hall.sender("a")
        assert router.event_failures > 0
    finally:
        for peer in hall.peers:
            await peer.close()
        await router.close()


async def test_a_second_encoder_on_the_same_line_neither_shows_nor_disturbs(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    viewer = await hall.receiver("b", [Tile("a", "camera", 720)])
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request for a key frame")
    shown = []
    for _ in range(60):
        shown.append(sender.frame(key=True)[-8:])
        sender.frame(key=True, layer=HIGH, size=20)
    await until(lambda: len(headers(viewer, 96)) == len(shown), "all frames of the first")
    assert [payload_of(header)[-8:] for header in headers(viewer, 96)] == shown
    assert len(said(sender.peer, rtcp.KeyFrameRequest)) == 1
    assert hall.router.stats().bad_datagrams["unknown_stream"] == 60


async def test_grouped_streams_are_shown_as_layers(hall: Hall) -> None:
    sender = await hall.sender("a", rids=(), said=(f"a=ssrc-group:SIM {LOW} {HIGH}",))
    viewer = await hall.receiver("b", [Tile("a", "camera", 720)])

    def is_large() -> bool:
        sender.frame(key=True)
        sender.frame(key=True, layer=HIGH, height=360, size=20)
        seen = [Vp8Descriptor(payload_of(header)).height for header in headers(viewer, 96)]
        return 360 in seen and seen[-1] == 360

    await until(is_large, "the larger layer")
    assert len(said(sender.peer, rtcp.KeyFrameRequest)) < 10
