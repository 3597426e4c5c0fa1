"""So many bytes a turn of the loop, whoever sends how much."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine

import pytest
import uvloop

from confhub.networks import within
from tests.waiting import until
from web.requests.connections import Connections
from web.wire.shaping import (
    FIRST_PIECE_BYTES,
    LEAST_BYTES,
    LEAST_PIECE_BYTES,
    PIECE_BYTES,
    SLOW_S,
    TURN_BYTES,
    Pieces,
    Shaped,
    ShapedTransport,
    next_piece,
)

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
FLOOD = bytes(range(256)) * 4096  # 1 MB


class Turns:
    """Counts turns of the loop while it is open."""

    def __init__(self) -> None:
        self.number = 0
        self._handle = asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self.number += 1
        self._handle = asyncio.get_running_loop().call_soon(self._next)

    def end(self) -> None:
        self._handle.cancel()


class Parser(asyncio.Protocol):
    """Notes what it was given, and in which turn."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.got = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, ShapedTransport)
        self.transport = transport
        self.house.parsers.append(self)

    def data_received(self, data: bytes) -> None:
        self.got += data
        self.house.given.append((self.house.turns.number, len(data)))


class House:
    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.turns = Turns()
        self.parsers: list[Parser] = []
        self.given: list[tuple[int, int]] = []
        self.connections = Connections(limit=100, per_address=50)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, source: str = "127.0.0.1") -> tuple[asyncio.StreamWriter, Parser]:
        known = len(self.parsers)
        client = ssl._create_unverified_context() if self._tls else None
        _, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(source, 0), ssl=client
        )
        self._writers.append(writer)

        async def is_here() -> bool:
            return len(self.parsers) > known

        await until(is_here)
        return writer, self.parsers[-1]

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[House]:
        self.connections.serve([self._listener], lambda: Parser(self), self._tls)
        try:
            yield self
        finally:
            for writer in self._writers:
                writer.transport.abort()
            await self.connections.close()
            self.turns.end()


async def arrives(parser: Parser, size: int) -> None:
    async def is_whole() -> bool:
        return len(parser.got) >= size

    await until(is_whole, 30)


Test = Callable[[House], Coroutine[None, None, None]]


def on_each_loop(test: Test) -> Callable[[str], None]:
    @pytest.mark.parametrize("loop", LOOPS)
    def run(loop: str) -> None:
        async def in_house() -> None:
            async with House().open() as house:
                await test(house)

        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(in_house())

    run.__doc__ = test.__doc__
    return run


@on_each_loop
async def test_no_turn_of_the_loop_brings_more_than_its_bytes(house: House) -> None:
    flooding = [await house.connect(f"127.0.0.{number}") for number in range(2, 8)]
    for writer, _ in flooding:
        writer.write(FLOOD)
    for _, parser in flooding:
        await arrives(parser, len(FLOOD))
        assert parser.got == FLOOD
    in_turn: dict[int, int] = {}
    for turn, size in house.given:
        assert size <= PIECE_BYTES
        in_turn[turn] = in_turn.get(turn, 0) + size
    # Whether our count begins a turn before or behind the shaper's is the loop's affair.
    assert max(in_turn.values()) <= 2 * TURN_BYTES


@on_each_loop
async def test_short_pieces_are_few_in_a_turn(house: House) -> None:
    crowd = [await house.connect(f"127.0.0.{number % 5 + 2}") for number in range(40)]
    for _ in range(20):
        for writer, _ in crowd:
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
        for _, parser in crowd:
            await arrives(parser, 18)
            parser.got.clear()
    in_turn = Counter(turn for turn, _ in house.given)
    assert max(in_turn.values()) <= 2 * TURN_BYTES // LEAST_BYTES


@pytest.mark.parametrize(
    ("most", "size", "took_s", "follows"),
    [
        (FIRST_PIECE_BYTES, 500, 0.0, FIRST_PIECE_BYTES),
        (FIRST_PIECE_BYTES, FIRST_PIECE_BYTES, 0.0, 2 * FIRST_PIECE_BYTES),
        (FIRST_PIECE_BYTES, FIRST_PIECE_BYTES, SLOW_S / 2, FIRST_PIECE_BYTES),
        (PIECE_BYTES, PIECE_BYTES, 0.0, PIECE_BYTES),
        (PIECE_BYTES, PIECE_BYTES, 2 * SLOW_S, PIECE_BYTES // 2),
        (PIECE_BYTES, 1200, 2 * SLOW_S, 600),
        (LEAST_PIECE_BYTES, 30, 1.0, LEAST_PIECE_BYTES),
    ],
)
def test_pieces_that_take_long_become_shorter(
    most: int, size: int, took_s: float, follows: int
) -> None:
    assert next_piece(most, size, took_s) == follows


@on_each_loop
async def test_who_says_little_is_heard_among_those_who_say_much(house: House) -> None:
    flooding = [await house.connect("127.0.0.2") for _ in range(20)]
    small, heard = await house.connect("127.0.0.3")
    for writer, _ in flooding:
        writer.write(FLOOD)
    for _, parser in flooding:
        await arrives(parser, 2 * PIECE_BYTES)
    small.write(b"GET / HTTP/1.1\r\n\r\n")
    await arrives(heard, 1)
    for _, parser in flooding:
        assert len(parser.got) < len(FLOOD)


@on_each_loop
async def test_what_the_server_does_not_take_stays_in_the_network(house: House) -> None:
    writer, parser = await house.connect()
    parser.transport.pause_reading()
    writer.write(FLOOD * 8)
    _, other = await house.connect()
    assert parser.got == b""
    assert not parser.transport.is_reading()
    parser.transport.resume_reading()
    await arrives(parser, 8 * len(FLOOD))
    assert parser.got == FLOOD * 8
    assert other.got == b""


@on_each_loop
async def test_a_rate_holds_back_what_comes_faster_and_loses_none(house: House) -> None:
    writer, parser = await house.connect()
    parser.transport.shaped.limit(1_000_000, 100_000)
    begun = asyncio.get_running_loop().time()
    writer.write(FLOOD[:400_000])
    await arrives(parser, 400_000)
    assert parser.got == FLOOD[:400_000]
    assert asyncio.get_running_loop().time() - begun >= 0.29  # no faster; how much slower is open


@on_each_loop
async def test_what_nobody_reads_any_more_is_taken_off_the_network_unparsed(house: House) -> None:
    writer, parser = await house.connect()
    parser.transport.pause_reading()
    parser.transport.shaped.stop_hearing()
    writer.write(FLOOD * 8)
    await writer.drain()
    writer.write(b"x")
    await writer.drain()

    async def is_sent() -> bool:
        return writer.transport.get_write_buffer_size() == 0

    await until(is_sent)
    assert parser.got == b""


class Heard(asyncio.Protocol):
    def __init__(self) -> None:
        self.got = b""

    def data_received(self, data: bytes) -> None:
        self.got += data


class Nowhere(asyncio.Transport):
    """A line that brings what it is told to, and is never told to be silent."""

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


@pytest.mark.parametrize(
    "crowd", ["2001:db8:1:1::{0:x}", "2001:db8:1:{0:x}::1", "2001:db8:1:1{0:03x}::1"]
)
@pytest.mark.parametrize("honest", ["198.51.100.9", "2001:db8:2::1", "2001:db8:1:ff00::1"])
async def test_a_crowd_delays_the_others_by_a_turn_of_its_network_however_many_addresses_it_has(
    crowd: str, honest: str
) -> None:
    pieces = Pieces(lambda: 0.0)

    def connect(address: str) -> tuple[Shaped, Heard]:
        inner = Heard()
        shaped = Shaped(inner, within(address), pieces)
        shaped.connection_made(Nowhere())
        return shaped, inner

    for number in range(1, 1_001):
        shaped, _ = connect(crowd.format(number))
        shaped.data_received(bytes(16 * 1024))
    shaped, inner = connect(honest)
    shaped.data_received(b"GET /")
    for _ in range(4):
        await asyncio.sleep(0)
    assert inner.got == b"GET /"
