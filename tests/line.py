"""A line to a server on this machine that does what lines do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Self

CHUNK_BYTES = 65_536

# What becomes of bytes under way; None breaks their connection.
Passage = Callable[[bytes], bytes | None]


def untouched(data: bytes) -> bytes:
    return data


class Line:
    """Carries connections to `port`. Cut, they stay open and carry nothing, without a word."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._carries = asyncio.Event()
        self._carries.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.is_down = False  # whoever comes is sent away

    def cut(self) -> None:
        self._carries.clear()

    def mend(self) -> None:
        self.is_down = False
        self._carries.set()

    def passages(self) -> tuple[Passage, Passage]:
        """Of one connection, there and back."""
        return untouched, untouched

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._carries.wait()
            if not self.is_down:
                await self._connect(reader, writer)
        except (OSError, ExceptionGroup):
            pass  # one end went: so does the other
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        asked, answered = self.passages()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, back, asked))
                both.create_task(self._carry(there, writer, answered))
        finally:
            back.close()

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, passage: Passage
    ) -> None:
        while data := await source.read(CHUNK_BYTES):
            await self._carries.wait()
            passed = passage(data)
            if passed is None:
                break
            target.write(passed)
            await target.drain()
        raise OSError
