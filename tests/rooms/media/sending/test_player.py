"""Devices that receive by an offer of their own, through the real router over loopback."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import partial

import pytest

from rooms.media.errors import BadDescription
from rooms.media.events import OfferNeeded
from rooms.media.port.ice import Credentials
from rooms.media.rtp import rtcp
from rooms.media.sending.player import Player
from rooms.media.source import Tile
from tests.rooms.media.hall import Hall, headers, open_hall, payload_of, said, until
from tests.rooms.media.peer import Peer, play_offer
from tests.rooms.media.tone import encode


@pytest.fixture(params=["native", "python"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    async with open_hall(request.param) as opened:
        yield opened


async def connect(hall: Hall, besides: str = "", **offered: object) -> tuple[Player, Peer]:
    peer = Peer()
    hall.peers.append(peer)
    player = hall.conference.player("p", besides)
    peer.follow(player.answer(play_offer(peer, **offered)))  # type: ignore[arg-type]
    await peer.connect()
    await until(lambda: player.transport.state == "connected", "the hub's side too")
    return player, peer


def carried(player: Player) -> dict[str, str | None]:
    return {slot.mid: slot.member_id for slot in player.slots()}


async def test_voice_and_picture_come_in_the_device_s_payload_types(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    player, device = await connect(hall)
    player.set_view([Tile("a", "camera", 1080)])
    sender.voice()
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request for a key frame")
    shown = sender.frame(key=True)
    await until(lambda: headers(device, 101), "the picture")
    sender.voice()
    await until(lambda: headers(device, 98), "the voice")
    assert payload_of(headers(device, 101)[0])[-10:] == shown[-10:]
    assert headers(device, 101)[0].extension(7) == b"picture"
    assert headers(device, 98)[0].extension(7) == b"sound0"


async def test_a_lost_packet_is_sent_again_in_the_device_s_rtx(hall: Hall) -> None:
    sender = await hall.sender("a", rids=())
    player, device = await connect(hall)
    player.set_view([Tile("a", "camera", 1080)])
    sender.frame()
    await until(lambda: said(sender.peer, rtcp.KeyFrameRequest), "a request for a key frame")
    sender.frame(key=True)
    await until(lambda: headers(device, 101), "the picture")
    first = headers(device, 101)[0]
    device.send_rtcp(rtcp.build_nack(1, first.ssrc, [first.sequence]))
    await until(lambda: headers(device, 102), "its repetition")
    assert payload_of(headers(device, 102)[0])[2:] == payload_of(first)


async def test_one_line_of_sound_carries_the_member_whose_word_it_is(hall: Hall) -> None:
    speakers = {name: await hall.sender(name, camera=False) for name in "abc"}
    player, _ = await connect(hall, picture=False)

    def is_heard(name: str, level: int) -> bool:
        speakers[name].voice(level=level)
        return carried(player)["sound0"] == name

    await until(partial(is_heard, "b", 30), "b speaks")
    await until(partial(is_heard, "c", 10), "c takes over")
    assert list(carried(player)) == ["sound0"]


async def test_three_lines_of_sound_carry_three_voices(hall: Hall) -> None:
    speakers = {name: await hall.sender(name, camera=False) for name in "abc"}
    player, _ = await connect(hall, voices=3, picture=False)

    def all_heard() -> bool:
        for speaker in speakers.values():
            speaker.voice()
        return set(carried(player).values()) == {"a", "b", "c"}

    await until(all_heard, "all three")


async def test_the_voice_of_the_own_hall_is_left_out(hall: Hall) -> None:
    own, other = await hall.sender("a", camera=False), await hall.sender("b", camera=False)
    player, device = await connect(hall, besides="a", voices=2, picture=False)

    def other_is_heard() -> bool:
        own.voice(level=5)
        other.voice(level=60)
        return bool(device.rtp)

    await until(other_is_heard, "the other voice")
    assert set(carried(player).values()) == {"b", None}


async def test_a_device_is_never_asked_for_another_offer(hall: Hall) -> None:
    await hall.sender("a")
    player, _ = await connect(hall)
    player.set_view([Tile(f"m{index}", "camera", 180) for index in range(25)])
    await until(lambda: carried(player)["picture"] == "m0", "the first of the view")
    assert not any(isinstance(event, OfferNeeded) for event in hall.events)
    with pytest.raises(BadDescription):
        player.offer()


async def test_a_bad_offer_changes_nothing(hall: Hall) -> None:
    player, device = await connect(hall)
    with pytest.raises(BadDescription):
        player.answer(play_offer(device).replace("VP8", "H264"))
    assert list(carried(player)) == ["sound0", "picture"]
    assert player.transport.state == "connected"


async def test_ice_restarts_without_a_new_description(hall: Hall) -> None:
    sender = await hall.sender("a", camera=False)
    player, device = await connect(hall, picture=False)
    old = player.transport.credentials
    device.credentials = Credentials("newufrag", "n" * 24)
    local = hall.conference.restart_ice(player, device.credentials)
    assert local.credentials == player.transport.credentials != old
    assert player.transport.remote_ufrag == "newufrag"

    def is_heard() -> bool:
        sender.voice()
        return bool(device.rtp)

    await until(is_heard, "media on the old path meanwhile")
    agent = player.transport.agent
    assert device._hub is not None
    device._hub.ufrag, device._hub.password = local.credentials.ufrag, local.credentials.password
    device.roam()
    await device.check()
    port = device._socket.getsockname()[1]
    await until(lambda: agent.selected and agent.selected.address[1] == port, "on the new one")
    device.rtp.clear()
    await until(is_heard, "media there")


async def test_a_removed_player_is_closed(hall: Hall) -> None:
    player, _ = await connect(hall)
    hall.conference.remove("p")
    await until(lambda: player.transport.state == "closed", "closed")
    assert hall.conference.subscribers == {}


async def test_a_voice_without_levels_is_measured(hall: Hall) -> None:
    sender = await hall.sender("a", camera=False, levels=False)
    for _ in range(3):
        sender.voice(payload=b"\xff" * 5)  # no Opus: as loud as silence
    await until(lambda: hall.conference.levels(time.monotonic()).get("a") == -127.0, "silence")
    tone = encode(0.5)

    def is_loud() -> bool:
        for payload in tone:
            sender.voice(payload=payload)
        return hall.conference.levels(time.monotonic())["a"] > -30.0

    await until(is_loud, "the tone counts")
