"""What the disk of the hub's data says of itself, found out without waiting for one that hangs."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import NamedTuple

from confhub.archive.last import read_last

# A disk answers within microseconds; one in the network that is away, never.
TIMEOUT_S = 1.0


class DiskReading(NamedTuple):
    """0 bytes: the system does not tell. `backup_at`: when the last backup was made here, seconds
    since 1970; None where none was."""

    free_bytes: int = 0
    size_bytes: int = 0
    backup_at: float | None = None


class Disk:
    """The one that `folder` lies on. However long it hangs, it holds up one thread."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._asked: asyncio.Future[DiskReading] | None = None

    async def read(self) -> DiskReading:
        if self._asked is None or self._asked.done():
            loop = asyncio.get_running_loop()
            self._asked = loop.run_in_executor(None, _read, self._folder)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await asyncio.shield(self._asked)
        except (OSError, TimeoutError):
            return DiskReading()


def _read(folder: str) -> DiskReading:
    usage, last = shutil.disk_usage(folder), read_last(Path(folder))
    return DiskReading(usage.free, usage.total, last.made_at.timestamp() if last else None)
