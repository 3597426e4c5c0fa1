"""What one member sends reaches the others within bounds, whatever it claims."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from rooms.media.port import transport
from rooms.media.port.transport import MEDIA
from rooms.media.receiving import publisher as publisher_module
from rooms.media.receiving import track
from rooms.media.receiving.publisher import PICTURES, Publisher
from rooms.media.receiving.track import SOUND
from rooms.media.rtp import rtcp
from rooms.media.rtp.bucket import Rate
from rooms.media.rtp.red import Copy, build_red
from rooms.media.sending.voices import GREATEST_VOICE_BPS, HELD_BACK_S
from rooms.media.source import Tile
from tests.rooms.media.hall import LOW, VOICE, Hall, Sender, headers, open_hall, said, until
from tests.rooms.media.packets import rtp
from tests.rooms.media.peer import Peer

OPUS, RED = 111, 63
LOUD = b"\x00" * 1_200


@pytest.fixture(params=["native", "python"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    async with open_hall(request.param) as opened:
        yield opened


class Clock:
    """Packets of one member at times of the test's choice, as after their decryption."""

    def __init__(self, hall: Hall, publisher: Publisher, sequence: int) -> None:
        self.hall = hall
        self.publisher = publisher
        self.now = hall.router._port.now()
        self.sequence = sequence

    def voice(self, later_s: float, payload: bytes, *, kind: int = OPUS, ahead: int = 1) -> None:
        self.now += later_s
        self.sequence += ahead
        packet = rtp(
            ssrc=VOICE,
            sequence=self.sequence,
            timestamp=self.sequence * 960,
            payload_type=kind,
            payload=payload,
            extensions={1: b"0", 2: b"\x00"},
        )
        self.publisher.receive_rtp(packet, self.now)

    def bad(self, reason: str) -> int:
        return self.hall.router.stats().bad_datagrams.get(reason, 0)


async def speak(hall: Hall, **options: Any) -> tuple[Sender, Peer, Clock]:
    """Somebody who is heard by "b"."""
    sender = await hall.sender("a", camera=False, **options)
    listener = await hall.receiver("b")
    sender.voice()
    await until(lambda: hall.slots("b")["a0"] == "a", "a slot for the voice")
    sender.voice()
    await until(lambda: headers(listener, OPUS), "a voice")
    return sender, listener, Clock(hall, hall.conference.publisher("a"), sender.sequences[VOICE])


def forwarded(hall: Hall, member_id: str) -> tuple[int, int]:
    """Packets and bytes of sound that this member was sent."""
    states = [slot.stream.state() for slot in hall.conference.subscriber(member_id)._audio]
    return sum(state.packets for state in states), sum(state.payload_bytes for state in states)


async def test_a_voice_of_ten_times_the_rate_is_passed_on_within_its_bound(hall: Hall) -> None:
    _, _, clock = await speak(hall)
    packets, size = forwarded(hall, "b")
    for _ in range(5_000):
        clock.voice(1 / 500, LOUD)
    packets, size = forwarded(hall, "b")[0] - packets, forwarded(hall, "b")[1] - size
    assert packets <= SOUND.packets_per_s * (10 + SOUND.burst_s)
    assert 8 * size <= SOUND.bits_per_s * (10 + SOUND.burst_s) + 8 * len(LOUD)
    assert clock.bad("voice_over_rate") == 5_000 - packets


async def test_what_is_left_out_of_a_voice_leaves_no_hole(hall: Hall) -> None:
    """Its listeners would take it for losses of their own lines."""
    _, listener, clock = await speak(hall)
    for number in range(500):
        clock.voice(1 / 500, LOUD)
        if number % 20 == 0:
            hall.router._port.flush()
            await until(lambda: len(headers(listener, OPUS)) == forwarded(hall, "b")[0], "read")
    hall.router._port.flush()
    await until(lambda: len(headers(listener, OPUS)) == forwarded(hall, "b")[0], "all of it")
    numbers = [packet.sequence for packet in headers(listener, OPUS)]
    assert {(after - before) & 0xFFFF for before, after in pairwise(numbers)} == {1}
    assert clock.bad("voice_over_rate") > 0


async def test_copies_that_fill_holes_count_too(hall: Hall) -> None:
    """A packet of RED may bring nine that were never sent."""
    _, _, clock = await speak(hall, red=True)
    before = forwarded(hall, "b")[0]
    for number in range(1_000):
        copies = [Copy(960 * back, b"a copy %d" % number) for back in range(9, 0, -1)]
        clock.voice(1 / 100, build_red(OPUS, b"a word", copies), kind=RED, ahead=10)
    assert forwarded(hall, "b")[0] - before <= SOUND.packets_per_s * (10 + SOUND.burst_s)


async def test_new_streams_of_one_voice_share_its_bound(hall: Hall) -> None:
    _, _, clock = await speak(hall)
    before = forwarded(hall, "b")[0]
    bound = hall.conference.publisher("a").tracks["microphone"].sound
    while bound.take(1_200, clock.now):
        pass
    clock.voice(0.0, LOUD)
    assert forwarded(hall, "b")[0] == before
    assert clock.bad("voice_over_rate") == 1


async def test_a_packet_too_small_for_a_voice_is_silence_whatever_it_claims(hall: Hall) -> None:
    _, _, clock = await speak(hall)
    for _ in range(100):
        clock.voice(1 / 50, b"\x00\x00")
    assert hall.conference.levels(clock.now)["a"] < -100
    for _ in range(100):
        clock.voice(1 / 50, b"a word of speech")
    assert hall.conference.levels(clock.now)["a"] > -10


async def test_a_greedy_voice_is_not_for_a_line_that_cannot_hold_it(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, clock = await speak(hall)
    await hall.receiver("c")
    await until(lambda: hall.slots("c")["a0"] == "a", "a slot for the voice")
    budgets = {"b": 3e6, "c": 100e3}
    for member_id, budget_bps in budgets.items():
        line = hall.conference.subscriber(member_id)._line
        monkeypatch.setattr(type(line), "budget_bps", property(lambda line: line.fixed_bps))
        line.fixed_bps = budget_bps  # type: ignore[attr-defined]
    layer = clock.publisher.tracks["microphone"].layers[""]

    def play(seconds: float, payload: bytes) -> None:
        for _ in range(int(seconds * 50)):
            clock.voice(1 / 50, payload)
            layer.measure_rate(clock.now)
            for member_id in budgets:
                hall.conference.subscriber(member_id)._choose_layers(clock.now)

    play(10, bytes(80))
    usual = {member_id: forwarded(hall, member_id)[0] for member_id in budgets}
    play(10, bytes(1_200))
    greedy = {member_id: forwarded(hall, member_id)[0] - usual[member_id] for member_id in budgets}
    assert GREATEST_VOICE_BPS < 8 * 1_200 * 50
    assert greedy["b"] >= 450
    assert greedy["c"] < 100
    play(HELD_BACK_S + 5, bytes(80))
    before = forwarded(hall, "c")[0]
    play(1, bytes(80))
    assert forwarded(hall, "c")[0] - before == 50


async def test_pictures_of_a_member_are_bounded_and_go_on_with_a_key_frame(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "PICTURES", PICTURES._replace(packets_per_s=100))
    sender = await hall.sender("a", rids=("l",))
    viewer = await hall.receiver("b", [Tile("a", "camera", 180)])
    sender.frame(key=True)
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request")
    began = hall.router._port.now()
    sender.frame(key=True)
    await until(lambda: headers(viewer, 96), "the key frame")
    asked = len(said(sender.peer, rtcp.KeyFrameRequest))
    bad = hall.router.stats
    while not bad().bad_datagrams.get("pictures_over_rate"):
        for _ in range(10):
            sender.frame()
        await asyncio.sleep(0)
    await until(lambda: len(said(sender.peer, rtcp.KeyFrameRequest)) > asked, "it is asked again")
    seen = len(headers(viewer, 96))
    passed_s = hall.router._port.now() - began
    assert seen <= 100 * (PICTURES.burst_s + passed_s) + 1
    sender.frame()
    sender.frame(key=True)
    await until(lambda: len(headers(viewer, 96)) == seen + 1, "only the key frame")
    assert hall.conference.publisher("a").tracks["camera"].layers["l"].ssrc == LOW


async def test_a_connection_over_its_rate_is_not_even_decrypted(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MEDIA", Rate(10, MEDIA.bits_per_s, 10.0))
    sender = await hall.sender("a", camera=False)
    for _ in range(150):
        sender.voice()
    await until(lambda: hall.router.stats().bad_datagrams.get("media_over_rate"), "dropped")
    reception = hall.conference.publisher("a").tracks["microphone"].layers[""].reception
    assert reception.packets <= 110
    assert hall.router.stats().srtp_failures == 0


def test_bounds_leave_room_for_what_a_page_and_a_device_send() -> None:
    page_bps = 150_000 + 500_000 + 1_500_000 + 250_000 + 1_500_000  # camera and screen
    assert 3 * page_bps < PICTURES.bits_per_s < MEDIA.bits_per_s
    assert track.SOUND.bits_per_s > 510_000  # what Opus takes at most
