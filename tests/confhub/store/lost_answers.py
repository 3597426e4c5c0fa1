"""A way to PostgreSQL on which the answer to a COMMIT can be lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

CHUNK_BYTES = 65_536
COMMIT = b"COMMIT;"  # as the driver spells it
DONE = b"COMMIT\0"  # the server's tag of a commit that is through


class Line:
    """Carries connections to `port`, and breaks one of them at its next COMMIT when told to.

    `lose_answer`: the server has committed by then. `lose_commit`: it never hears of it. With
    `stays_down` nobody comes through any more until `mend`.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._mode = ""
        self._stays_down = False
        self._is_down = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.broken = 0

    def lose_answer(self, *, stays_down: bool = False) -> None:
        self._mode, self._stays_down = "answer", stays_down

    def lose_commit(self) -> None:
        self._mode, self._stays_down = "commit", False

    def mend(self) -> None:
        self._is_down = False

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
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
            if not self._is_down:
                there, back = await asyncio.open_connection("127.0.0.1", self._target)
                try:
                    await self._carry(reader, writer, there, back)
                finally:
                    back.close()
        except (OSError, ExceptionGroup):
            pass  # one end went: so does the other
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        losing = False

        async def ask() -> None:
            nonlocal losing
            while data := await reader.read(CHUNK_BYTES):
                if COMMIT in data and self._mode:
                    mode, self._mode = self._mode, ""
                    self.broken += 1
                    self._is_down = self._stays_down
                    if mode == "commit":
                        break
                    losing = True
                back.write(data)
                await back.drain()
            raise OSError

        async def answer() -> None:
            while data := await there.read(CHUNK_BYTES):
                if losing:
                    if DONE in data:
                        break
                    continue
                writer.write(data)
                await writer.drain()
            raise OSError

        async with asyncio.TaskGroup() as both:
            both.create_task(ask())
            both.create_task(answer())
