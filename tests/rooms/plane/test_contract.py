"""What rooms may rely on, of the plane in this process and of one behind a socket alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from confhub.errors import Unavailable
from confhub.quality import TransportState
from rooms.media.errors import BadDescription, LitePeer
from rooms.media.events import Measured, OfferNeeded, SlotsChanged, SpeakersChanged
from rooms.media.port.ice import Credentials
from rooms.media.source import Source, SourceKey, Tile
from rooms.plane.interface import Conference
from tests.rooms.media.hall import Sender, until
from tests.rooms.media.peer import Peer, play_offer, receive_answer, send_offer
from tests.rooms.plane.planes import Opened, local_plane, socket_plane, spread_plane

SOURCES: dict[str, Source] = {"0": "microphone", "1": "camera"}
REMOTE = Credentials("newufrag", "n" * 24)


@pytest_asyncio.fixture(params=[local_plane, socket_plane, spread_plane])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    async with request.param(tmp_path) as made:
        yield made


@pytest.fixture
def conference(opened: Opened) -> Conference:
    return opened.plane.conference("room")


@pytest_asyncio.fixture
async def peers() -> AsyncIterator[list[Peer]]:
    made: list[Peer] = []
    yield made
    for peer in made:
        await peer.close()


async def publish(conference: Conference, peers: list[Peer], member: str) -> Sender:
    peer = Peer()
    peers.append(peer)
    offer = send_offer(peer)
    peer.follow(await conference.publish(member, offer, SOURCES, pauses_unseen=False))
    await peer.connect()
    await until(lambda: conference.state(member, "send") == "connected", "told of the connection")
    return Sender(peer, has_rids=True)


async def receive(conference: Conference, peers: list[Peer], member: str) -> Peer:
    peer = Peer()
    peers.append(peer)
    offer = await conference.offer(member)
    peer.follow(offer)
    await conference.accept(member, receive_answer(peer, offer))
    await peer.connect()
    await until(lambda: conference.state(member, "receive") == "connected", "told of it")
    return peer


def told(opened: Opened, kind: type) -> list[Any]:
    return [event for event in opened.events if isinstance(event, kind)]


async def test_a_voice_passes_and_all_hear_whose_it_is(
    opened: Opened, conference: Conference, peers: list[Peer]
) -> None:
    sender = await publish(conference, peers, "a")
    viewer = await receive(conference, peers, "b")

    def spoken() -> bool:
        sender.voice(level=10)
        return any(event.dominant == "a" for event in told(opened, SpeakersChanged))

    await until(lambda: bool(spoken() and viewer.rtp), "heard, and told of")
    slots = [event for event in told(opened, SlotsChanged) if event.member_id == "b"]
    assert any(slot.member_id == "a" for event in slots for slot in event.slots)


async def test_a_larger_view_asks_for_an_offer(
    opened: Opened, conference: Conference, peers: list[Peer]
) -> None:
    await receive(conference, peers, "b")
    conference.set_view("b", [Tile(f"m{n}", "camera", 180) for n in range(5)])
    await until(lambda: OfferNeeded("room", "b") in opened.events, "an offer is wanted")
    assert (await conference.offer("b")).count("m=video") == 9


async def test_what_is_muted_first_stays_so_when_it_comes(
    opened: Opened, conference: Conference, peers: list[Peer]
) -> None:
    conference.set_muted("a", "microphone", True)
    await publish(conference, peers, "a")
    assert opened.router.conference("room").is_muted(SourceKey("a", "microphone"))
    assert not opened.router.conference("room").is_muted(SourceKey("a", "camera"))


async def test_rubbish_is_refused_in_the_same_words(conference: Conference) -> None:
    refused = []
    for offer in ("", "v=0", "v=0\r\na=\ud800\r\n"):
        with pytest.raises(BadDescription) as caught:
            await conference.publish("a", offer, SOURCES, pauses_unseen=True)
        refused.append(str(caught.value.values["detail"]))
    assert all(refused)
    with pytest.raises(BadDescription, match="no offer"):
        await conference.accept("b", "v=0")
    with pytest.raises(BadDescription):
        await conference.play("p", "", "v=0")
    assert conference.state("p", "receive") == "closed"


async def test_an_ice_lite_device_is_told_what_to_mend(
    conference: Conference, peers: list[Peer]
) -> None:
    peers.append(Peer())
    offer = send_offer(peers[0]).replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n")
    with pytest.raises(LitePeer):
        await conference.publish("a", offer, SOURCES, pauses_unseen=False)


async def test_a_device_plays_restarts_ice_and_is_gone_when_it_is_removed(
    opened: Opened, conference: Conference, peers: list[Peer]
) -> None:
    peer = Peer()
    peers.append(peer)
    peer.follow(await conference.play("p-1", "a", play_offer(peer)))
    assert conference.state("p-1", "receive") in ("new", "connecting")
    await peer.connect()
    await until(lambda: conference.state("p-1", "receive") == "connected", "told of it")
    local = await conference.restart_ice("p-1", "receive", REMOTE)
    assert local.candidates[0] == ("127.0.0.1", opened.router.port)
    assert opened.router.port in opened.plane.ports
    assert local.generation == 1
    with pytest.raises(Unavailable):
        await conference.restart_ice("p-2", "receive", REMOTE)
    conference.remove("p-1")
    assert conference.state("p-1", "receive") == "closed"
    await until(lambda: peer._dtls.state == "closed", "the device heard it")


async def test_what_is_measured_is_told(
    opened: Opened, conference: Conference, peers: list[Peer]
) -> None:
    await publish(conference, peers, "a")
    await receive(conference, peers, "b")
    conference.ask_measurement()
    await until(lambda: bool(told(opened, Measured)), "measured")
    measured = told(opened, Measured)[0]
    states: list[TransportState] = [
        measured.publishers["a"].state,
        measured.subscribers["b"].state,
    ]
    assert states == ["connected", "connected"]
    assert {one.source for one in measured.publishers["a"].sources} == {"microphone", "camera"}


async def test_counters_come_with_their_histogram(
    opened: Opened, conference: Conference, peers: list[Peer]
) -> None:
    await publish(conference, peers, "a")
    found = await opened.plane.stats()
    assert set(opened.plane.workers) <= set(found)
    (stats,) = (one for one in found.values() if one.conferences)
    assert opened.plane.silent == ()
    assert (stats.conferences, stats.connected) == (1, 1)
    assert sum(stats.drains.counts) > 0
    assert stats.drains.bounds_s == opened.router.stats().drains.bounds_s
