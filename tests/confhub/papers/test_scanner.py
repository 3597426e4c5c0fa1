"""What clamd is told and says: a small server that speaks its INSTREAM over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from confhub.errors import Unavailable
from confhub.papers.scanner import is_clean

MOST = 200_000


@contextlib.asynccontextmanager
async def clamd(socket: Path) -> AsyncIterator[str]:
    """Finds something in what holds EICAR, refuses what is longer than MOST (clamd(8))."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        data = b""
        said = b"stream: OK"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            data += await reader.readexactly(size)
            if len(data) > MOST:
                said = b"INSTREAM size limit exceeded. ERROR"
                break
        if b"EICAR" in data:
            said = b"stream: Eicar-Test-Signature FOUND"
        writer.write(said + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, socket)
    async with server:
        yield str(socket)


async def test_what_it_finds_and_what_not(tmp_path: Path) -> None:
    async with clamd(tmp_path / "s") as address:
        assert await is_clean(address, io.BytesIO(b"%PDF" + bytes(150_000)), 10)
        assert not await is_clean(address, io.BytesIO(bytes(100_000) + b"EICAR"), 10)


async def test_what_it_does_not_look_at_is_not_clean(tmp_path: Path) -> None:
    async with clamd(tmp_path / "s") as address:
        with pytest.raises(Unavailable):
            await is_clean(address, io.BytesIO(bytes(MOST + 100_000)), 10)


async def test_one_that_is_away_says_nothing(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none"), "127.0.0.1:1"):
        with pytest.raises(Unavailable):
            await is_clean(address, io.BytesIO(b"x"), 10)
