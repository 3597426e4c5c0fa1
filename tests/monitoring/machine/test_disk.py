"""The room of a disk: told, or done without."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from monitoring.machine import disk
from monitoring.machine.disk import Disk


async def test_a_disk_tells_its_room(tmp_path: Path) -> None:
    free, total = await Disk(str(tmp_path)).room()
    assert 0 < free < total


async def test_a_folder_that_is_gone_is_done_without(tmp_path: Path) -> None:
    assert await Disk(str(tmp_path / "gone")).room() == (0, 0)


async def test_a_disk_that_hangs_holds_up_nobody_and_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "TIMEOUT_S", 0.01)
    asked, over = [], threading.Event()

    def hang(folder: str) -> tuple[int, int, int]:
        asked.append(folder)
        over.wait()
        return 3, 2, 1

    monkeypatch.setattr(shutil, "disk_usage", hang)
    one = Disk(str(tmp_path))
    try:
        assert [await one.room() for _ in range(3)] == [(0, 0)] * 3
    finally:
        over.set()
    monkeypatch.setattr(disk, "TIMEOUT_S", 10.0)
    assert await one.room() == (1, 3)
    assert len(asked) <= 2  # the one that hung, and perhaps one more behind it
