"""What was said before a connection ended is ours, and bounded, until it is taken."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from pathlib import Path

import pytest

from confhub.hub.tls.lab import ensure_lab_certificate
from tests.waiting import until
from tests.web.wire.test_shaping import LOOPS, House, Parser, Test
from web.requests.connections import SEND_BYTES
from web.wire import leaving
from web.wire.leaving import in_kernel

SAID = bytes(range(256)) * 4096  # 1 MB, which the kernel would take whole if it were let
TURNS = 50


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("lab")
    made = ensure_lab_certificate(folder, ["localhost"], dt.datetime.now(dt.UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    return server


def run(loop: str, tls: ssl.SSLContext | None, test: Test) -> None:
    async def in_house() -> None:
        async with House(tls).open() as house:
            await test(house)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(in_house())


async def come(
    house: House, tls: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Parser]:
    """Somebody whose kernel takes little of what he does not read."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", house.port))
    client = ssl._create_unverified_context() if tls else None
    reader, writer = await asyncio.open_connection(
        sock=narrow, ssl=client, server_hostname="localhost" if tls else None, limit=4096
    )

    async def is_here() -> bool:
        return bool(house.parsers)

    await until(is_here)
    return reader, writer, house.parsers[-1]


async def turn(house: House) -> None:
    """So many turns of the loop that whatever would end by itself has ended."""
    last = house.turns.number + TURNS

    async def are_over() -> bool:
        return house.turns.number > last

    await until(are_over)


async def is_gone(house: House) -> None:
    async def is_nobody_here() -> bool:
        return house.connections.count == 0

    await until(is_nobody_here)


@pytest.mark.parametrize("is_secret", [False, True])
@pytest.mark.parametrize("loop", LOOPS)
def test_who_was_hung_up_on_is_here_until_he_has_taken_all(
    loop: str, context: ssl.SSLContext, *, is_secret: bool
) -> None:
    tls = context if is_secret else None

    async def leave(house: House) -> None:
        reader, writer, parser = await come(house, tls)
        parser.transport.write(SAID)
        parser.transport.close()
        await turn(house)
        assert parser.transport.is_closing()
        assert house.connections.count == 1
        assert 0 < in_kernel(parser.transport) <= 2 * SEND_BYTES
        assert parser.transport.shaped.unsent_bytes > len(SAID) // 2
        assert await reader.read(-1) == SAID
        writer.close()
        await is_gone(house)

    run(loop, tls, leave)


@pytest.mark.parametrize("loop", LOOPS)
def test_who_says_that_he_will_say_no_more_is_here_until_he_has_taken_all(loop: str) -> None:
    async def leave(house: House) -> None:
        reader, writer, parser = await come(house, None)
        parser.transport.write(SAID)
        writer.write_eof()
        await turn(house)
        assert house.connections.count == 1
        assert await reader.read(-1) == SAID
        await is_gone(house)
        writer.close()

    run(loop, None, leave)


@pytest.mark.parametrize("loop", LOOPS)
def test_what_nobody_takes_is_thrown_away(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "STUCK_S", 0.1)
    monkeypatch.setattr(leaving, "SLOWEST_BYTES_S", 1e9)

    async def leave(house: House) -> None:
        reader, writer, parser = await come(house, None)
        parser.transport.write(SAID)
        parser.transport.close()
        await is_gone(house)
        with pytest.raises(ConnectionResetError):
            await reader.read(-1)
        writer.close()

    run(loop, None, leave)


@pytest.mark.parametrize("loop", LOOPS)
def test_who_is_cut_off_takes_nothing_along_into_the_kernel(loop: str) -> None:
    async def leave(house: House) -> None:
        reader, writer, parser = await come(house, None)
        parser.transport.write(SAID)
        await turn(house)
        parser.transport.abort()
        await is_gone(house)
        with pytest.raises(ConnectionResetError):
            await reader.read(-1)
        writer.close()

    run(loop, None, leave)
