"""How much room a disk has, found out without waiting for one that hangs."""

from __future__ import annotations

import asyncio
import shutil

# A disk answers within microseconds; one in the network that is away, never.
TIMEOUT_S = 1.0


class Disk:
    """The one that `folder` lies on. However long it hangs, it holds up one thread."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._asked: asyncio.Future[tuple[int, int, int]] | None = None

    async def room(self) -> tuple[int, int]:
        """Free bytes and all bytes; 0 where the system does not tell in time."""
        if self._asked is None or self._asked.done():
            loop = asyncio.get_running_loop()
            self._asked = loop.run_in_executor(None, shutil.disk_usage, self._folder)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                total, _, free = await asyncio.shield(self._asked)
        except (OSError, TimeoutError):
            return 0, 0
        return free, total
