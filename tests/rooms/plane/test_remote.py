"""A worker that is slow, silent, gone or new, as its hub sees it."""

from __future__ import annotations

import asyncio
import logging
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from confhub.errors import Unavailable
from rooms.media.events import (
    MediaEvent,
    MediaLost,
    OfferNeeded,
    SlotsChanged,
    TransportChanged,
)
from rooms.media.router import MediaRouter
from rooms.media.sending.subscriber import Subscriber
from rooms.media.source import SourceKey, Tile
from rooms.plane import commands, door, link, remote, server, wire
from rooms.plane.remote import RemotePlane
from rooms.plane.worker import running_worker
from tests.rooms.media.hall import until
from tests.rooms.media.peer import Peer, receive_answer
from tests.rooms.plane.planes import nobody, open_router


class House:
    """A hub's plane, and workers that come and go at its socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[MediaEvent] = []
        self.plane = RemotePlane(path, "hub-1", self.events.append)
        self.stack = AsyncExitStack()

    async def worker(self, boot: str) -> MediaRouter:
        return await self.stack.enter_async_context(
            running_worker(self.path, boot, open_router, nobody)
        )

    def cut(self) -> None:
        """The link breaks, and nothing else: the plane hears of it a turn later."""
        link = self.plane._link
        assert link is not None
        link.cut()

    async def kill(self) -> None:
        """The worker is gone, and its socket stays behind as after kill -9."""
        await self.stack.aclose()
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(self.path))


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path / "media.sock")
    yield made
    await made.plane.close()
    await made.stack.aclose()


async def test_the_socket_is_for_this_account_alone(house: House) -> None:
    await house.worker("w-1")
    assert stat.S_IMODE(house.path.stat().st_mode) == 0o600


async def test_a_data_folder_may_be_deep(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 90) / ("e" * 90)
    folder.mkdir(parents=True)
    deep = House(folder / "media.sock")
    await deep.worker("w-1")
    await deep.plane.open()
    assert (await deep.plane.stats())["0"].conferences == 0
    await deep.plane.close()
    await deep.stack.aclose()


async def test_without_a_worker_a_hub_is_told_so(house: House) -> None:
    with pytest.raises(Unavailable):
        await house.plane.open(timeout_s=0.1)
    assert not house.plane.answers
    assert house.events == []


async def test_what_is_said_before_the_worker_comes_is_done_in_order_when_it_does(
    house: House,
) -> None:
    conference = house.plane.conference("room")
    conference.set_muted("a", "microphone", True)
    conference.set_muted("b", "microphone", True)
    conference.set_muted("b", "microphone", False)
    offer = asyncio.create_task(conference.offer("a"))
    router = await house.worker("w-1")
    assert (await offer).startswith("v=0")
    media = router.conference("room")
    assert media.is_muted(SourceKey("a", "microphone"))
    assert not media.is_muted(SourceKey("b", "microphone"))


async def test_a_worker_that_dies_takes_its_media_along_and_a_new_one_begins_empty(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.worker("w-1")
    await house.plane.open()
    await house.plane.conference("room").offer("a")
    house.plane.conference("quiet").set_muted("b", "microphone", True)
    await house.kill()
    await until(lambda: MediaLost("room") in house.events, "told")
    assert house.events[:3] == [
        TransportChanged("room", "a", "receive", "closed", None),
        MediaLost("room"),
        MediaLost("quiet"),  # what was muted there is no more
    ]
    assert "is gone" in caplog.text
    caplog.clear()
    assert house.plane.conference("room").state("a", "receive") == "closed"
    router = await house.worker("w-2")
    await house.plane.conference("room").offer("a")
    assert list(router.conference("room").subscribers) == ["a"]
    assert house.plane.answers


async def test_a_link_that_breaks_alone_costs_no_media(house: House) -> None:
    router = await house.worker("w-1")
    await house.plane.open()
    await house.plane.conference("room").offer("a")
    house.cut()
    await until(lambda: bool(house.events), "what was missed is told")
    assert list(router.conference("room").subscribers) == ["a"]
    assert MediaLost("room") not in house.events
    assert not any(isinstance(event, TransportChanged) for event in house.events)
    assert any(isinstance(event, SlotsChanged) for event in house.events)
    assert house.plane.conference("room").state("a", "receive") == "new"


async def test_what_happened_while_the_link_was_down_is_heard_when_it_is_back(
    house: House,
) -> None:
    router = await house.worker("w-1")
    await house.plane.open()
    conference = house.plane.conference("room")
    for member in ("a", "b"):
        peer = Peer()
        offer = await conference.offer(member)
        await conference.accept(member, receive_answer(peer, offer))
        await peer.close()
    media = router.conference("room")
    house.cut()
    media.remove("a")
    media.subscriber("b").set_view([Tile(f"m{n}", "camera", 180) for n in range(5)])
    await until(lambda: OfferNeeded("room", "b") in house.events, "an offer is wanted")
    gone = TransportChanged("room", "a", "receive", "closed", None)
    await until(lambda: gone in house.events, "one is gone")
    assert conference.state("a", "receive") == "closed"


async def test_whoever_waits_for_a_worker_that_hangs_is_told_in_time(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(remote, "CALL_TIMEOUT_S", 0.2)
    monkeypatch.setattr(remote, "PING_S", 0.01)
    monkeypatch.setattr(remote, "SILENT_S", 0.05)

    class Mute(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.write(wire.encode(wire.Hello(1, 1, "w-1", 5)))

    server = await asyncio.get_running_loop().create_unix_server(Mute, sock=door.listen(house.path))
    await house.plane.open()
    with pytest.raises(Unavailable):
        await house.plane.rooms()
    await until(lambda: not house.plane.answers, "noticed")
    assert "does not answer" in caplog.text
    caplog.clear()
    await house.plane.close()
    server.close()


async def test_a_hub_of_another_version_is_not_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, foreign = tmp_path / "media.sock", asyncio.Event()
    async with running_worker(path, "w-1", open_router, foreign.set):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(wire.encode(wire.Hello(9, 9, "hub-2")))
        await foreign.wait()
        assert await reader.read()  # its hello, and the end
        writer.close()
    caplog.clear()


@pytest.mark.parametrize("rubbish", [b"\xff" * 8, wire.encode(wire.Ping(1.0)), b"\0\0\0\1x"])
async def test_who_does_not_say_hello_is_cut_off(
    house: House, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await house.worker("w-1")
    await house.plane.open()
    reader, writer = await asyncio.open_unix_connection(house.path)
    writer.write(rubbish)
    assert await reader.read() == b""
    writer.close()
    assert (await house.plane.stats())["0"].conferences == 0
    caplog.clear()


async def test_the_newest_hub_is_in_charge(house: House) -> None:
    await house.worker("w-1")
    await house.plane.open()
    reader, writer = await asyncio.open_unix_connection(house.path)
    writer.write(wire.encode(wire.Hello(1, 1, "hub-2")))
    # The one before is sent away, comes back, and is the newest again.
    assert await reader.read()
    writer.close()
    await house.plane.open()


async def test_a_peer_that_reads_nothing_is_cut_before_its_heap_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link, "MOST_UNREAD_BYTES", 100_000)
    lost = asyncio.Event()
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    _, made = await asyncio.get_running_loop().create_unix_connection(
        lambda: link.Link(lambda *_: None, lambda _: lost.set()), sock=ours
    )
    with caplog.at_level(logging.CRITICAL, "rooms.plane.link"), theirs:
        while made.is_up:
            made.send(wire.Tell(wire.pack("x" * 10_000)))
        await lost.wait()
    made.send(wire.Ping(0.0))  # to nobody


async def test_words_and_ends_that_a_link_took_along_are_told_over_the_next_one(
    house: House,
) -> None:
    router = await house.worker("w-1")
    await house.plane.open()
    conference = house.plane.conference("room")
    conference.set_muted("a", "camera", True)
    for member in ("a", "b"):
        await conference.offer(member)
    house.cut()
    # Nobody knows of it yet: all this goes where nobody reads.
    conference.set_muted("a", "microphone", True)
    conference.set_muted("a", "camera", False)
    conference.set_view("a", [Tile("c", "camera", 720)])
    conference.remove("b")
    media = router.conference("room")
    await until(lambda: list(media.subscribers) == ["a"], "the end is told again")
    assert media.is_muted(SourceKey("a", "microphone"))
    assert not media.is_muted(SourceKey("a", "camera"))
    assert MediaLost("room") not in house.events


async def test_a_link_that_is_given_up_leaves_the_next_one_alone(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(remote, "PING_S", 0.01)
    failures = [RuntimeError("once")]

    def fail(_plane: RemotePlane) -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr(RemotePlane, "_count_silence", fail)
    await house.worker("w-1")
    await house.plane.open()
    first = house.plane._link
    await until(lambda: house.plane._link not in (None, first), "another link")
    assert first is not None
    await until(lambda: not first.is_up, "the first one has ended")
    assert (await house.plane.stats())["0"].conferences == 0
    caplog.clear()


async def test_what_no_frame_holds_is_refused_at_once_and_all_else_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 4_000)
    router = await house.worker("w-1")
    await house.plane.open()
    media = router.conference("room")
    for number in range(100):
        media.subscriber(f"m{number}")
    async with asyncio.timeout(commands.CALL_TIMEOUT_S / 2):
        with pytest.raises(Unavailable):
            await house.plane.rooms()
    router.measure("room")
    assert router.event_failures == 0
    assert (await house.plane.stats())["0"].conferences == 1
    caplog.clear()


async def test_a_command_that_hangs_holds_up_the_others_only_for_a_while(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(server, "COMMAND_TIMEOUT_S", 0.05)
    monkeypatch.setattr(Subscriber, "accept", hang)
    await house.worker("w-1")
    await house.plane.open()
    hanging = asyncio.create_task(house.plane.conference("room").accept("a", "v=0"))
    assert (await house.plane.conference("other").offer("b")).startswith("v=0")
    with pytest.raises(Unavailable):
        await hanging
    caplog.clear()


async def test_what_waits_for_a_worker_that_does_not_come_is_bounded_in_bytes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "MOST_WAITING_BYTES", 1_000)
    conference = house.plane.conference("room")
    while MediaLost("room") not in house.events:
        conference.set_view("a", [Tile("c", "camera", 720)])
    assert house.plane._waiting_bytes == 0
    assert await house.plane.stats() == {}
    assert house.plane.silent == ("0",)


async def test_what_a_worker_runs_after_so_much_was_said_in_vain_is_ended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = await house.worker("w-1")
    await house.plane.open()
    conference = house.plane.conference("room")
    await conference.offer("a")
    monkeypatch.setattr(remote, "MOST_WAITING_BYTES", 1_000)
    house.plane._hang_up()  # the worker goes on, and hears nothing of what follows
    conference.remove("a")
    while MediaLost("room") not in house.events:
        conference.set_view("b", [Tile("c", "camera", 720)])
    await house.plane.open()
    await until(lambda: "a" not in router.conference("room").subscribers, "ended")


async def test_media_of_a_worker_that_only_hangs_up_are_lost(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(remote, "MOST_HUNG_UP", 3)
    await house.worker("w-1")
    await house.plane.open()
    await house.plane.conference("room").offer("a")

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    await house.stack.aclose()
    async with await asyncio.start_unix_server(hang_up, house.path):
        await until(lambda: MediaLost("room") in house.events, "told")
    assert "hangs up before" in caplog.text or "is gone" in caplog.text
    caplog.clear()


async def test_whoever_has_given_up_is_not_served_when_the_worker_comes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "CALL_TIMEOUT_S", 0.01)
    with pytest.raises(Unavailable):
        await house.plane.conference("room").offer("a")
    router = await house.worker("w-1")
    await house.plane.open()
    monkeypatch.setattr(remote, "CALL_TIMEOUT_S", 10.0)
    assert await house.plane.rooms() == []
    assert "room" not in router.conferences
