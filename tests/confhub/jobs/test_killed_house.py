"""Who ends forgotten meetings or makes those of a series, and is killed (SIGKILL) at whatever
statement, loses and doubles nothing."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import signal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import msgspec
import pytest

from confhub.config import Settings
from confhub.desks.planning import series as desk
from tests.confhub.jobs import house_crew
from tests.confhub.jobs.house_crew import FORGOTTEN, TIMES, What

PATIENCE_S = 120.0
AT_ONCE = 4  # of the steps, each in a folder of its own

forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["tests.confhub.jobs.house_crew"])


def start(settings: Settings, what: What, die_at: int | None = None) -> ForkServerProcess:
    worker = forking.Process(target=house_crew.work, args=(settings, what, die_at), daemon=True)
    worker.start()
    return worker


@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("overruns", 60),  # a look, and the end of each
        ("series", 100),  # two pieces of two meetings
    ],
)
@pytest.mark.timeout(900)
def test_killed_at_each_step_in_turn_it_is_done_once(
    migrated_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: What,
    least: int,
) -> None:
    monkeypatch.setattr(desk, "MOST_ROWS", house_crew.PIECE)
    shutil.copy(migrated_file, tmp_path)
    base = Settings(data_dir=str(tmp_path))
    asyncio.run(house_crew.prepare(base, what))

    def copy(name: str) -> Settings:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(tmp_path / "confhub.db", folder)
        return msgspec.structs.replace(base, data_dir=str(folder))

    unharmed = copy("unharmed")
    assert _ended(start(unharmed, what)) == 0
    expected = asyncio.run(house_crew.done(unharmed))
    assert len(expected.meetings) == (FORGOTTEN if what == "overruns" else TIMES)
    assert expected.open_jobs == 0
    is_through, step = False, 0
    while not is_through:
        steps = {number: copy(str(number)) for number in range(step, step + AT_ONCE)}
        for worker in [start(settings, what, number) for number, settings in steps.items()]:
            code = _ended(worker)
            assert code in (0, -signal.SIGKILL)
            is_through |= code == 0
        for worker in [start(settings, what) for settings in steps.values()]:
            assert _ended(worker) == 0
        for number, settings in steps.items():
            assert asyncio.run(house_crew.done(settings)) == expected, number
        step += AT_ONCE
    assert step > least


def _ended(worker: ForkServerProcess) -> int | None:
    worker.join(PATIENCE_S)
    return worker.exitcode
