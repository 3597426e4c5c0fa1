"""A line as communes have them: so many bytes a second each way, and it breaks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Self

from tests.line import Line, Passage

# What lies about in the kernel is no part of the line: little of it is let in.
BUFFER_BYTES = 16 * 1024
STEP_BYTES = 4 * 1024


class NarrowLine(Line):
    """`carried` counts what went there. `break_off` resets its connections; `fall_silent` lets them
    carry nothing more, without a word."""

    def __init__(self, port: int, bytes_s: int) -> None:
        super().__init__(port)
        self._bytes_s = bytes_s
        self._generation = 0
        self._dead: set[int] = set()
        self._open: dict[asyncio.StreamWriter, int] = {}
        self.carried = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        async with super().open():
            yield self

    def break_off(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    def fall_silent(self) -> None:
        self._dead.add(self._generation)
        self._generation += 1

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES
        )
        self._open[writer] = self._generation
        try:
            await super()._accept(reader, writer)
        finally:
            del self._open[writer]

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, passage: Passage
    ) -> None:
        generation, is_there = self._generation, target not in self._open
        while data := await source.read(STEP_BYTES):
            await asyncio.sleep(len(data) / self._bytes_s)
            if generation in self._dead:
                await asyncio.Event().wait()
            self.carried += len(data) if is_there else 0
            target.write(data)
            await target.drain()
        raise OSError
