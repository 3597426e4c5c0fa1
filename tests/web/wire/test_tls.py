"""TLS is fed in pieces, networks in rotation, and keeps little of what came."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from pathlib import Path
from typing import Any

import pytest

from confhub.hub.tls.lab import ensure_lab_certificate
from tests.waiting import until
from tests.web.wire.test_shaping import FLOOD, LOOPS, House, Test, arrives
from web.wire.shaping import READ_BYTES, TURN_BYTES, FromNetwork
from web.wire.tls import RECORD_BYTES, UNREAD_BYTES

# The least that a record of TLS 1.3 takes beside what it carries: header, kind, tag.
FRAME_BYTES = 5 + 1 + 16


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("lab")
    made = ensure_lab_certificate(folder, ["localhost"], dt.datetime.now(dt.UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    return server


def run(loop: str, context: ssl.SSLContext, test: Test) -> None:
    async def in_house() -> None:
        async with House(context).open() as house:
            await test(house)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(in_house())


@pytest.mark.parametrize("loop", LOOPS)
def test_what_waits_is_read_a_little_at_a_time(
    loop: str, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    take = FromNetwork.data_received

    def note(network: FromNetwork, data: bytes) -> None:
        reads.append(len(data))
        take(network, data)

    async def flood(house: House) -> None:
        writer, parser = await house.connect("127.0.0.2")
        writer.write(FLOOD)
        await arrives(parser, len(FLOOD))
        assert parser.got == FLOOD

    monkeypatch.setattr(FromNetwork, "data_received", note)
    run(loop, context, flood)
    assert sum(reads) >= len(FLOOD)
    assert max(reads) <= READ_BYTES


@pytest.mark.parametrize("loop", LOOPS)
def test_records_of_one_byte_are_few_in_a_turn(loop: str, context: ssl.SSLContext) -> None:
    async def flood(house: House) -> None:
        crowd = [await house.connect(f"127.0.0.{number}") for number in range(2, 6)]
        data = FLOOD[:8_000]
        for at in range(len(data)):
            for writer, _ in crowd:
                writer.write(data[at : at + 1])
        for _, parser in crowd:
            await arrives(parser, len(data))
            assert parser.got == data
        in_turn: dict[int, int] = {}
        for turn, size in house.given:
            in_turn[turn] = in_turn.get(turn, 0) + size
        # Whether our count begins a turn before or behind the shaper's is the loop's affair.
        assert max(in_turn.values()) <= 2 * TURN_BYTES / (FRAME_BYTES + 1)

    run(loop, context, flood)


@pytest.mark.parametrize("loop", LOOPS)
def test_who_says_little_is_heard_among_floods_of_records(
    loop: str, context: ssl.SSLContext
) -> None:
    async def flood(house: House) -> None:
        crowd = [await house.connect("127.0.0.2") for _ in range(10)]
        small, heard = await house.connect("127.0.0.3")
        for writer, _ in crowd:
            writer.write(FLOOD)
        for _, parser in crowd:
            await arrives(parser, READ_BYTES)
        small.write(b"GET / HTTP/1.1\r\n\r\n")
        await arrives(heard, 1)
        assert any(len(parser.got) < len(FLOOD) for _, parser in crowd)
        for _, parser in crowd:
            await arrives(parser, len(FLOOD))
            assert parser.got == FLOOD

    run(loop, context, flood)


@pytest.mark.parametrize("loop", LOOPS)
def test_what_the_server_does_not_take_stays_in_the_network(
    loop: str, context: ssl.SSLContext
) -> None:
    async def stall(house: House) -> None:
        writer, parser = await house.connect()
        parser.transport.pause_reading()
        writer.write(FLOOD * 8)
        for _ in range(20):
            await house.connect()
        below: Any = parser.transport._own
        assert parser.got == b""
        assert below.get_read_buffer_size() <= UNREAD_BYTES + READ_BYTES
        parser.transport.resume_reading()
        await arrives(parser, 8 * len(FLOOD))
        assert parser.got == FLOOD * 8
        assert below.get_read_buffer_size() <= RECORD_BYTES

    run(loop, context, stall)


@pytest.mark.parametrize("loop", LOOPS)
def test_who_goes_away_is_gone_at_either_end(loop: str, context: ssl.SSLContext) -> None:
    async def leave(house: House) -> None:
        writer, _ = await house.connect()
        writer.close()
        other, parser = await house.connect()
        parser.transport.close()
        aborted, _ = await house.connect()
        aborted.transport.abort()

        async def are_gone() -> bool:
            return house.connections.count == 0

        await until(are_gone, 30)
        assert other.transport is not None

    run(loop, context, leave)
