"""Who plans mails, sends them, reminds by them or takes in answers, and is killed (SIGKILL) at
whatever step, loses nothing, and doubles nothing but in the one window that SMTP leaves."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import shutil
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from confhub.config import Settings
from confhub.desks import meetings
from confhub.desks.mail import sending
from confhub.identity import new_id
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.store import tables as t
from tests.confhub.jobs import mail_crew
from tests.confhub.jobs.crew import opened, quick_now
from tests.confhub.jobs.imap_server import LOGIN, ImapBox
from tests.confhub.jobs.mail_crew import What
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.jobs.mail_world import HOUR, MEETING, ORIGIN, Hub
from tests.confhub.jobs.mailbox import answer_to, mail_to, replies_of
from tests.confhub.mail.letters import HUB
from tests.confhub.mail.test_message import parts_of
from tests.confhub.store.country import draft_of, found_country, site

PATIENCE_S = 120.0
DAY = dt.timedelta(days=1)
CODES = ("a", "b", "c")  # the first presides, and is not reminded

forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["tests.confhub.jobs.mail_crew"])


class World:
    """A meeting up to the point where one part of its mail is due; for each step a copy."""

    def __init__(self, folder: Path, what: What, box: Box, base: Settings) -> None:
        self.what = what
        self.box = box
        self.base = base
        self._folder = folder
        self._answers: list[bytes] = []

    async def prepare(self) -> None:
        store, now = opened(self.base), quick_now()
        # A week ahead of the deadline the silent are reminded; their clock runs a hundred times as
        # fast, and the other moments are too far.
        began = now - 30 * DAY if self.what == "remind" else now
        hub, actor = Hub(store, self.base.mail_port), Actor(began)
        hub.now = began
        bag = hub.postman._sites
        bag.sender = replace(bag.sender, takes_answers=True)
        try:
            country = await found_country(store)
            known = CODES[:1] if self.what == "send" else CODES
            emails = {code: f"{code}@dienbien.gov.vn" for code in known}
            await store.sites.add_many(
                [site(country.province, code, email=emails.get(code, "")) for code in CODES]
            )
            sites = tuple(f"site-{code}" for code in CODES)
            draft = draft_of(country.province, "province", sites, began + 40 * DAY, HOUR)
            draft = replace(draft, answer_by=began + 33 * DAY)
            await meetings.schedule(store, actor, MEETING, draft)
            await sending.send_out(store, actor, MEETING, ORIGIN)
            if self.what == "send":
                await hub.plan()
            elif self.what != "plan":
                await hub.work()
            if self.what == "remind":
                await store.jobs.add(new_id(), "reminders", {}, now, None)
            if self.what == "intake":
                self._answers = [answer_to(mail_to(self.box, code)) for code in ("a", "b")]
        finally:
            await store.close()

    def copy(self, step: int, inbox: ImapBox) -> Settings:
        folder = self._folder / str(step)
        folder.mkdir()
        shutil.copy(self._folder / "confhub.db", folder)
        self.box.mails.clear()
        if self.what == "intake":
            inbox.empty()
            for answer in self._answers:
                inbox.put(answer)
        return msgspec.structs.replace(self.base, data_dir=str(folder))


def mail_in(inbox: ImapBox) -> dict[str, object]:
    return {
        "imap_host": "127.0.0.1",
        "imap_port": inbox.port,
        "imap_tls": "off",
        "imap_login": LOGIN,
        "imap_password_file": inbox.password_file,
        "imap_done_folder": "Done",
        "imap_timeout_s": 30,
    }


@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("plan", 6),  # two pieces, each with a claim and a commit
        ("send", 8),  # a claim, what the mail says, the words to the server, the outcome
        ("remind", 9),  # the look, and two pieces
        ("intake", 16),  # for each of two messages the words to the server and two commits
    ],
)
@pytest.mark.timeout(600)
async def test_killed_at_each_step_in_turn_nothing_is_lost(
    migrated_file: Path, tmp_path: Path, inbox: ImapBox, what: What, least: int
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
            **mail_in(inbox),  # type: ignore[arg-type]
        )
        shutil.copy(migrated_file, tmp_path)
        world = World(tmp_path, what, box, base)
        await world.prepare()
        is_through, step, doubled = False, 0, 0
        while not is_through:
            place = await asyncio.to_thread(world.copy, step, inbox)
            code = await asyncio.to_thread(_run, place, what, step)
            assert code in (0, -signal.SIGKILL)
            is_through = code == 0
            assert await asyncio.to_thread(_run, place, what, None) == 0
            doubled += await _times_done_twice(place, what, box, inbox)
            step += 1
    # Between the server's yes and the commit of it.
    assert (1 <= doubled <= 3) if what == "send" else doubled == 0
    assert step > least


def _run(settings: Settings, what: What, die_at: int | None) -> int:
    worker = forking.Process(target=mail_crew.work, args=(settings, what, die_at), daemon=True)
    worker.start()
    worker.join(PATIENCE_S)
    assert worker.exitcode is not None
    return worker.exitcode


async def _times_done_twice(settings: Settings, what: What, box: Box, inbox: ImapBox) -> int:
    """Whether all was done; how many mails went once more than needed."""
    store = opened(settings)
    try:
        if what == "send":
            assert len({parts_of(data)[0]["Message-ID"] for _to, data in box.mails}) == 1
            return len(box.mails) - 1
        assert box.mails == []
        mails = Counter(await _mails(store))
        invited = Counter({(f"site-{code}", "invite"): 1 for code in CODES})
        reminded = Counter({(f"site-{code}", "remind"): 1 for code in CODES[1:]})
        assert mails == (invited + reminded if what == "remind" else invited)
        if what == "remind":
            deadline = await store.deadlines.find(MEETING)
            assert deadline is not None
            assert deadline.next_at == deadline.due_at - DAY
        if what == "intake":
            for code in ("a", "b"):
                assert [one.standing for one in await replies_of(store, code)] == ["counts"]
            answers = await store.answers.of_sites(MEETING, ["site-a", "site-b"])
            assert [one.given.state for one in answers.values()] == ["attending"] * 2
            assert (len(inbox.messages()), len(inbox.messages("Done"))) == (0, 2)
        return 0
    finally:
        await store.close()


async def _mails(store: Store) -> list[tuple[str, str]]:
    async with store._database.read() as connection:
        rows = await connection.execute(select(t.mail.c.site_id, t.mail.c.kind))
        return [(row.site_id, row.kind) for row in rows]
