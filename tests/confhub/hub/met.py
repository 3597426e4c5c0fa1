"""A running hub in this process, by itself or with all that may stand beside it, and in it a
meeting that two sites are in."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp

from confhub.config import Settings
from confhub.desks.mail import sending
from confhub.hub.media_worker import serve_media
from confhub.hub.part import Part
from confhub.hub.wiring import RunningHub, running_hub
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.units.site import Site
from confhub.units.unit import Level, NewUnit
from tests.confhub.jobs.imap_server import LOGIN, ImapBox
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.jobs.mailbox import answer_to, mail_to
from tests.confhub.mail.letters import HUB
from tests.parts import settings_in, there
from tests.rooms.house import PATIENCE_S, Page
from tests.rooms.voices import Site as Speaker
from tests.waiting import until

SITES = ("huyen", "xa")
MEETING = "m1"


class OpenPage(Page):
    """It is read all the time: one that is not answers no ping, and is taken for lost."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__(ws)
        self._came: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    async def receive(self) -> dict[str, Any] | None:
        async with asyncio.timeout(PATIENCE_S):
            return await self._came.get()

    async def _read(self) -> None:
        async for frame in self.socket:
            self.seen.append(frame.json())
            self._came.put_nowait(self.seen[-1])
        self._came.put_nowait(None)

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


class Beside:
    """What stands beside a hub: who takes its mails and holds its mailbox, and how often its
    media worker was heard by its keeper."""

    def __init__(self, box: Box, inbox: ImapBox, line: socket.socket) -> None:
        self.box = box
        self.inbox = inbox
        self._line = line

    def is_alive(self) -> bool:
        """Whether the worker gave a sign of life since this was asked last."""
        with contextlib.suppress(BlockingIOError):
            return bool(self._line.recv(65_536))
        return False


class Hub:
    def __init__(self, hub: RunningHub, client: aiohttp.ClientSession) -> None:
        self.services = hub.services
        self._origin = f"http://127.0.0.1:{hub.port}"
        self._client = client
        self.pages: list[OpenPage] = []
        self.beside: Beside | None = None

    async def open(self) -> None:
        store = self.services.store
        now = dt.datetime.now(dt.UTC)
        await store.units.add_level(Level("district", 3, "Huyện", "District"))
        await store.units.add_level(Level("commune", 4, "Xã", "Commune"))
        await store.units.add_many(
            [
                NewUnit("district", "Huyện Nậm Pồ", None, id="huyen"),
                NewUnit("commune", "Xã Chà Nưa", "huyen", id="xa"),
            ]
        )
        for site in SITES:
            email = f"{site}@dienbien.gov.vn"
            await store.sites.add(Site(site, site, site.upper(), f"Phòng họp {site}", email=email))
        meeting = Meeting(
            id=MEETING,
            title="Giao ban",
            level_id="district",
            host_unit_id="huyen",
            chair_site_id="huyen",
            starts_at=now - dt.timedelta(minutes=1),
            ends_at=now + dt.timedelta(hours=1),
            sites=SITES,
        )
        await store.meetings.add(meeting)
        for link in await store.links.ensure(meeting, meeting.ends_at):
            path = f"/join/{self.services.tokens.sign(link)}/socket"
            headers = {"Origin": self._origin}
            page = OpenPage(await self._client.ws_connect(self._origin + path, headers=headers))
            self.pages.append(page)
            await page.hello()

    async def close(self) -> None:
        for page in self.pages:
            await page.close()

    async def json(self, path: str) -> Any:
        async with self._client.get(self._origin + path) as answer:
            return await answer.json()

    async def text(self, path: str) -> str:
        async with self._client.get(self._origin + path) as answer:
            return await answer.text()

    @contextlib.asynccontextmanager
    async def speaking(self) -> AsyncIterator[tuple[Speaker, Speaker]]:
        """A site that hears, and one that it has heard."""
        hears, speaks = (Speaker(page) for page in self.pages)
        for one in (hears, speaks):
            await one.subscribe()
        await speaks.publish()
        await speaks.page.send("microphone", on=True)
        assert await speaks.is_heard_by(hears)
        yield hears, speaks
        for one in (hears, speaks):
            await one.close()

    async def is_mailed(self, beside: Beside) -> None:
        """A mail goes out, and the answer to it is taken in."""
        jobs = there(self.services.jobs)
        await sending.send_out(
            self.services.store, Actor(dt.datetime.now(dt.UTC)), MEETING, self._origin
        )

        def has_come() -> bool:
            jobs.wake()
            return len(beside.box.mails) == len(SITES)

        await holds(has_come)
        await asyncio.to_thread(beside.inbox.put, answer_to(mail_to(beside.box, "xa")))
        await holds(lambda: there(jobs.intake).outcomes["taken"] == 1)


async def holds(condition: Callable[[], object]) -> None:
    async def is_so() -> bool:
        return bool(condition())

    await until(is_so)


@contextlib.asynccontextmanager
async def hub_in(folder: Path, **settings: object) -> AsyncIterator[Hub]:
    given = settings_in(folder, slow_loop_ms=200, **settings)
    async with running_hub(given) as running, aiohttp.ClientSession() as client:
        hub = Hub(running, client)
        await hub.open()
        yield hub
        await hub.close()


@contextlib.asynccontextmanager
async def hub_with_all(folder: Path, redis: str, inbox: ImapBox) -> AsyncIterator[Hub]:
    """Over Redis, with media in a worker, and mail both ways."""
    box = Box()
    async with mail_server_of(box) as port:
        settings: dict[str, object] = {
            "redis": redis,
            "media_workers": 1,
            "mail_host": "127.0.0.1",
            "mail_port": port,
            "mail_tls": "off",
            "mail_from": HUB,
            "imap_host": "127.0.0.1",
            "imap_port": inbox.port,
            "imap_tls": "off",
            "imap_login": LOGIN,
            "imap_password_file": inbox.password_file,
            "imap_poll_s": 5,
        }
        async with (
            _worker(settings_in(folder, slow_loop_ms=200, **settings)) as line,
            hub_in(folder, **settings) as hub,
        ):
            hub.beside = Beside(box, inbox, line)
            intake = there(there(hub.services.jobs).intake)

            async def is_read() -> bool:
                return await hub.services.store.mailbox.read_at(intake.box_id) is not None

            await until(is_read)
            yield hub


@contextlib.asynccontextmanager
async def _worker(settings: Settings) -> AsyncIterator[socket.socket]:
    """The hub's media worker on this loop; its keeper's end of the line."""
    loop, steady = asyncio.get_running_loop(), (sys.getswitchinterval(), gc.get_threshold())
    keeper, line = socket.socketpair()
    keeper.setblocking(False)
    task = asyncio.create_task(serve_media(settings, 0, lambda: Part(line.fileno())))
    try:
        yield keeper
    finally:
        signal.raise_signal(signal.SIGTERM)
        await task
        loop.remove_signal_handler(signal.SIGTERM)
        loop.remove_reader(line.fileno())  # the line ends for the keeper that there is not
        keeper.close()
        line.close()
        sys.setswitchinterval(steady[0])
        gc.set_threshold(*steady[1])
