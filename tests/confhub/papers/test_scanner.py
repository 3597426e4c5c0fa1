"""What clamd is told and says: a small server that speaks its INSTREAM over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import pytest

from confhub.errors import Unavailable
from confhub.papers.scanner import is_clean

MOST = 200_000


Say = Callable[[bytes], tuple[bytes, ...]]


def looked(data: bytes) -> tuple[bytes, ...]:
    """Finds something in what holds EICAR, refuses what is longer than MOST (clamd(8)). Its answer
    comes in pieces."""
    if len(data) > MOST:
        return (b"INSTREAM size limit exceeded. ERROR\0",)
    if b"EICAR" in data:
        return b"stream: Eicar-Test", b"-Signature FOUND", b"\0"
    return b"stream:", b" OK", b"\0"


@contextlib.asynccontextmanager
async def clamd(socket: Path, say: Say = looked) -> AsyncIterator[str]:
    answering: list[asyncio.Task[None]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(cast("asyncio.Task[None]", asyncio.current_task()))
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        data = b""
        while len(data) <= MOST and (size := int.from_bytes(await reader.readexactly(4), "big")):
            data += await reader.readexactly(size)
        with contextlib.suppress(ConnectionError):  # whoever asked has heard enough
            for piece in say(data):
                writer.write(piece)
                for _ in range(10):  # each is read by itself
                    await asyncio.sleep(0)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_unix_server(answer, socket)
    async with server:
        yield str(socket)
        await asyncio.gather(*answering)


async def test_what_it_finds_and_what_not(tmp_path: Path) -> None:
    async with clamd(tmp_path / "s") as address:
        assert await is_clean(address, io.BytesIO(b"%PDF" + bytes(150_000)), 10)
        assert not await is_clean(address, io.BytesIO(bytes(100_000) + b"EICAR"), 10)


async def test_what_it_does_not_look_at_is_not_clean(tmp_path: Path) -> None:
    async with clamd(tmp_path / "s") as address:
        with pytest.raises(Unavailable):
            await is_clean(address, io.BytesIO(bytes(MOST + 100_000)), 10)


@pytest.mark.parametrize(
    "said",
    [b"", b"\0", b"stream: OK", b"stream: X FOUND", b"OK\0", b"x" * 100_000, b"stream: \0 OK\0"],
)
async def test_one_that_says_something_else_or_breaks_off_finds_nothing_clean(
    tmp_path: Path, said: bytes
) -> None:
    async with clamd(tmp_path / "s", lambda _: (said,)) as address:
        with contextlib.suppress(Unavailable):
            assert not await is_clean(address, io.BytesIO(b"x"), 10)


async def test_one_that_is_away_says_nothing(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none"), "127.0.0.1:1"):
        with pytest.raises(Unavailable):
            await is_clean(address, io.BytesIO(b"x"), 10)
