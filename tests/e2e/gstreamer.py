"""GStreamer as a device: starts gstreamer_device.py with Debian's Python, keeps what it tells."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

PYTHON = "/usr/bin/python3"  # the one that python3-gi is installed for
SCRIPT = Path(__file__).with_name("gstreamer_device.py")
END_TIMEOUT_S = 15.0


class Device:
    """`told` is the newest of each thing that the device has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.told: dict[str, Any] = {}
        self._process = process
        self._reading = asyncio.create_task(self._read())

    async def end(self) -> int:
        """Switch it off: it deletes its session. The exit status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self._reading
                return await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.told |= json.loads(line)
        self.told.setdefault("failed", "it ended")


@asynccontextmanager
async def device(
    what: Literal["publish", "play"], address: str, token: str, log: Path
) -> AsyncIterator[Device]:
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            PYTHON,
            str(SCRIPT),
            what,
            address,
            token,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    started = Device(process)
    try:
        yield started
    finally:
        if process.returncode is None:
            await started.end()
