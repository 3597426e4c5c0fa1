"""Workers that are killed (SIGKILL) at whatever step lose nothing, and do nothing twice.

CONFHUB_TEST_KILLS=1000 asks for as many kills at random moments as one has time for.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import shutil
import signal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from confhub.config import Settings
from tests.confhub.jobs import crew

KILLS = int(os.environ.get("CONFHUB_TEST_KILLS", "40"))
PATIENCE_S = 120.0 + KILLS  # there is work for two at each kill
AT_ONCE = 4  # of the steps, each in a folder of its own
WORKERS = 3  # at once, where the database has room for several hubs

# A server that has imported everything forks a worker in some milliseconds.
forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["tests.confhub.jobs.crew"])


def start(settings: Settings, name: str, die_at: int | None = None) -> ForkServerProcess:
    worker = forking.Process(target=crew.work, args=(settings, name, die_at), daemon=True)
    worker.start()
    return worker


@pytest.mark.timeout(0 if KILLS > 100 else 600)
def test_killed_at_random_moments_one_worker_after_another_loses_and_doubles_nothing(
    sqlite_settings: Settings,
) -> None:
    count = 2 * KILLS
    asyncio.run(crew.add_jobs(sqlite_settings, count))
    print(_kill_at_random(sqlite_settings, count, at_once=1), "delivered twice")


@pytest.mark.timeout(0 if KILLS > 100 else 600)
def test_killed_at_random_moments_workers_beside_each_other_lose_and_double_nothing(
    postgresql_settings: Settings,
) -> None:
    count = 2 * KILLS
    asyncio.run(crew.add_jobs(postgresql_settings, count))
    print(_kill_at_random(postgresql_settings, count, at_once=WORKERS), "delivered twice")


def _kill_at_random(settings: Settings, count: int, *, at_once: int) -> int:
    chance = random.Random()
    workers = [start(settings, f"worker {number}") for number in range(at_once)]
    killed = 0
    for number in range(KILLS):
        place = number % at_once
        # Most die at work; a worker needs some tens of milliseconds to begin.
        workers[place].join(chance.uniform(0.0, 0.25) / at_once)
        if workers[place].exitcode is None:
            workers[place].kill()
            killed += 1
        workers[place].join(PATIENCE_S)
        assert workers[place].exitcode in (0, -signal.SIGKILL)
        workers[place] = start(settings, f"worker {number + at_once}")
    for worker in workers:
        worker.join(PATIENCE_S)
        assert worker.exitcode == 0
    print(f"{killed} killed of {KILLS}")
    return crew.assert_all_is_done_once(settings, count)


def test_killed_at_each_step_in_turn_nothing_is_lost_or_doubled(
    migrated_file: Path, tmp_path: Path
) -> None:
    def prepare(step: int) -> Settings:
        folder = tmp_path / str(step)
        folder.mkdir()
        shutil.copy(migrated_file, folder)
        settings = Settings(data_dir=str(folder))
        asyncio.run(crew.add_jobs(settings, 1))
        return settings

    # One thread starts and joins them all: two that look after processes at once take each
    # other's exit codes.
    is_through, first = False, 0
    while not is_through:
        steps = {step: prepare(step) for step in range(first, first + AT_ONCE)}
        workers = [start(settings, "first", step) for step, settings in steps.items()]
        for worker in workers:
            worker.join(PATIENCE_S)
            assert worker.exitcode in (0, -signal.SIGKILL)
            is_through |= worker.exitcode == 0
        for last in [start(settings, "last") for settings in steps.values()]:
            last.join(PATIENCE_S)
            assert last.exitcode == 0
        assert all(crew.assert_all_is_done_once(settings, 1) <= 1 for settings in steps.values())
        first += AT_ONCE
    # A claim, two pieces and their delivery take at least so many.
    assert first > 40
