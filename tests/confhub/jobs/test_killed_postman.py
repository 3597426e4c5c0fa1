"""Who sends mail and is killed (SIGKILL) at whatever step loses no mail, and doubles none but in
the one window that SMTP leaves."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import signal
from pathlib import Path

import msgspec

from confhub.config import Settings
from confhub.desks.mail import sending
from confhub.desks.mail.planning import plan
from confhub.identity import new_id
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.units.unit import Level, NewUnit
from tests.confhub.jobs import mail_crew
from tests.confhub.jobs.crew import opened, quick_now
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.mail.letters import HOUR, HUB
from tests.confhub.mail.test_message import parts_of
from tests.confhub.store.country import meeting, site

PATIENCE_S = 120.0

forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["tests.confhub.jobs.mail_crew"])


async def one_mail(settings: Settings) -> None:
    """A mail to one site, planned and not sent."""
    store, now = opened(settings), quick_now()
    try:
        await store.units.add_level(Level("district", 3, "Huyện", "District"))
        unit = NewUnit("district", "Huyện Nậm Pồ")
        await store.units.add_many([unit])
        await store.sites.add(site(unit.id, "a", email="a@dienbien.gov.vn"))
        # Their clock runs a hundred times as fast.
        span = {"starts_at": now + 10_000 * HOUR, "ends_at": now + 10_001 * HOUR}
        planned: Meeting = meeting(unit.id, ("site-a",), **span)
        await store.meetings.add(planned)
        await store.links.ensure(planned, planned.ends_at)
        await sending.send_out(store, Actor(now), planned.id, "https://hop.example.gov.vn")
        async with store.work(Actor(now), new_id()) as work:
            await plan(work, planned.id, "", 10, 60)
    finally:
        await store.close()


async def test_killed_at_each_step_in_turn_nothing_is_lost(
    migrated_file: Path, tmp_path: Path
) -> None:
    box = Box()
    async with mail_server_of(box) as port:
        base = Settings(
            data_dir=str(tmp_path),
            mail_host="127.0.0.1",
            mail_port=port,
            mail_tls="off",
            mail_from=HUB,
            mail_timeout_s=5,
        )
        shutil.copy(migrated_file, tmp_path)
        await one_mail(base)
        is_through, step, doubled = False, 0, 0
        while not is_through:
            place = _copy(base, tmp_path / migrated_file.name, tmp_path / str(step))
            box.mails.clear()
            code = await asyncio.to_thread(_run, place, step)
            assert code in (0, -signal.SIGKILL)
            is_through = code == 0
            assert await asyncio.to_thread(_run, place, None) == 0
            assert len({parts_of(data)[0]["Message-ID"] for _to, data in box.mails}) == 1
            doubled += len(box.mails) - 1
            step += 1
    # A claim, the letters, the site, its unit, the outcome.
    assert step > 20
    # From the server's yes to the end of the commit of it: a handful of steps.
    assert 1 <= doubled <= 8


def _copy(base: Settings, database: Path, folder: Path) -> Settings:
    folder.mkdir()
    shutil.copy(database, folder)
    return msgspec.structs.replace(base, data_dir=str(folder))


def _run(settings: Settings, die_at: int | None) -> int:
    worker = forking.Process(target=mail_crew.work, args=(settings, die_at), daemon=True)
    worker.start()
    worker.join(PATIENCE_S)
    assert worker.exitcode is not None
    return worker.exitcode
