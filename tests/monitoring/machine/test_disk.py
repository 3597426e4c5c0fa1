"""The room of a disk: told, or done without."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from confhub.archive.last import LastBackup, note_last
from monitoring.machine import disk
from monitoring.machine.disk import Disk, DiskReading


class NamedUsage(NamedTuple):
    """As shutil has it."""

    total: int
    used: int
    free: int


async def test_a_disk_tells_its_room(tmp_path: Path) -> None:
    read = await Disk(str(tmp_path)).read()
    assert 0 < read.free_bytes < read.size_bytes
    assert read.backup_at is None


async def test_the_last_backup_is_told_and_a_note_that_cannot_be_read_is_none(
    tmp_path: Path,
) -> None:
    made_at = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
    note = note_last(tmp_path, LastBackup(made_at, "/backup/a", 5, sealed=False))
    assert (await Disk(str(tmp_path)).read()).backup_at == made_at.timestamp()
    note.write_text("{")
    assert (await Disk(str(tmp_path)).read()).backup_at is None


async def test_a_folder_that_is_gone_is_done_without(tmp_path: Path) -> None:
    assert await Disk(str(tmp_path / "gone")).read() == DiskReading()


async def test_a_disk_that_hangs_holds_up_nobody_and_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "TIMEOUT_S", 0.01)
    asked, over = [], threading.Event()

    def hang(folder: str) -> NamedUsage:
        asked.append(folder)
        over.wait()
        return NamedUsage(3, 2, 1)

    monkeypatch.setattr(shutil, "disk_usage", hang)
    one = Disk(str(tmp_path))
    try:
        assert [await one.read() for _ in range(3)] == [DiskReading()] * 3
    finally:
        over.set()
    monkeypatch.setattr(disk, "TIMEOUT_S", 10.0)
    assert await one.read() == DiskReading(1, 3)
    assert len(asked) <= 2  # the one that hung, and perhaps one more behind it
