"""Many writers in several processes: none is lost, none is turned away."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from confhub.config import Settings
from confhub.store import open_store
from tests.confhub.store.writers import ACTION

TASKS = 20
WRITES = 20
PROCESSES = ("one", "two")
WITHIN_S = 120.0
ROOT = Path(__file__).parents[3]


async def test_every_write_of_two_processes_is_kept(settings: Settings) -> None:
    async with asyncio.timeout(WITHIN_S):
        writers = [await start_writer(name, settings) for name in PROCESSES]
        for writer in writers:
            assert writer.stdout is not None
            assert await writer.stdout.readline() == b"ready\n"
        said = await asyncio.gather(*(writer.communicate(b"go\n") for writer in writers))
    assert said == [(b"", b"")] * len(PROCESSES)
    store = await open_store(settings)
    kept = {entry.subject for entry in await store.audit.recent(10_000) if entry.action == ACTION}
    await store.close()
    assert kept == {
        f"{name}-{task}-{number}"
        for name in PROCESSES
        for task in range(TASKS)
        for number in range(WRITES)
    }


async def start_writer(name: str, settings: Settings) -> asyncio.subprocess.Process:
    size = (str(TASKS), str(WRITES))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.confhub.store.writers",
        *(name, *size, settings.data_dir, settings.database),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
