"""The link board: every site's present link, rebuilt from the bus, and who watches it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

import msgspec

from confhub.bus.interface import GAP, News
from confhub.bus.news import MEETINGS_TOPIC, QUALITY_TOPIC, decode_meeting, decode_quality
from confhub.supervision import Supervised, supervise
from monitoring.history import Point
from monitoring.links import LinkBook, SiteLink

log = logging.getLogger(__name__)

TICK_S = 1.0  # silence is judged in whole seconds


class Changes:
    """Which sites changed since one watcher last asked.

    Holds each site once however often it changes, so a slow watcher costs no memory and gets
    the latest state, not the backlog.
    """

    def __init__(self) -> None:
        self._pending: set[str] = set()
        self._news = asyncio.Event()
        self._closed = asyncio.Event()
        self._hurry = asyncio.Event()
        self._asked = False

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    async def wait(self, timeout_s: float) -> frozenset[str]:
        """Ids of changed sites; empty after `timeout_s` without any, or when `closed`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        found = frozenset(self._pending)
        self._pending.clear()
        if not self.closed:
            self._news.clear()
        return found

    async def rest(self, seconds: float) -> None:
        """Let changes gather; at once when `closed` or asked."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    def ask(self) -> None:
        """Wake the watcher to ask whether it may still look."""
        self._asked = True
        self._hurry.set()
        self._news.set()

    def take_question(self) -> bool:
        """Whether somebody asked since this was last called."""
        asked, self._asked = self._asked, False
        if not self.closed:
            self._hurry.clear()
        return asked

    def add(self, site_ids: Iterable[str]) -> None:
        self._pending.update(site_ids)
        if self._pending:
            self._news.set()

    def close(self) -> None:
        self._closed.set()
        self._hurry.set()
        self._news.set()


class Board:
    """Listens to QUALITY_TOPIC and MEETINGS_TOPIC from `start` to `close`."""

    def __init__(self, bus: News, clock: Callable[[], float] = time.time) -> None:
        self._bus = bus
        self._clock = clock
        self._book = LinkBook()
        self._watchers: set[Changes] = set()
        self._tasks: list[Supervised] = []
        self.reports = 0
        self.unreadable = 0

    async def start(self) -> None:
        """Subscribed when it returns, so that no report after it is missed."""
        for topic, take in ((QUALITY_TOPIC, self._take), (MEETINGS_TOPIC, self._hear)):
            ready = asyncio.Event()
            listen = functools.partial(self._listen, topic, take, ready)
            self._tasks.append(supervise(listen, "board news", topic))
            await ready.wait()
        self._tasks.append(supervise(self._tick, "board clock"))

    def end_watches(self) -> None:
        """Send every watcher home, as when the web server is about to stop."""
        for watcher in list(self._watchers):
            watcher.close()

    async def close(self) -> None:
        self.end_watches()
        while self._tasks:
            await self._tasks.pop().close()

    def now(self) -> float:
        """The board's clock, unix seconds."""
        return self._clock()

    def sites(self, now: float | None = None) -> Mapping[str, SiteLink]:
        """Every site that is or lately was in a room; who is missing is absent."""
        self._tell(self._book.tick(self._clock() if now is None else now))
        return self._book.links()

    def link(self, site_id: str) -> SiteLink | None:
        return self._book.link(site_id)

    def history(self, site_id: str) -> list[Point]:
        """The site's last five minutes, oldest first."""
        return self._book.history(site_id, self._clock())

    @contextlib.contextmanager
    def changes(self) -> Iterator[Changes]:
        """Watch; closed from the board's side when the hub stops."""
        watcher = Changes()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    @property
    def watchers(self) -> int:
        return len(self._watchers)

    def _tell(self, site_ids: Iterable[str]) -> None:
        if site_ids:
            for watcher in self._watchers:
                watcher.add(site_ids)

    def _take(self, payload: bytes) -> None:
        report = decode_quality(payload)
        self.reports += 1
        if self._book.take(report, self._clock()):
            self._tell((report.site_id,))

    def _hear(self, payload: bytes) -> None:
        self._tell(self._book.hear(decode_meeting(payload), self._clock()))

    async def _listen(
        self, topic: str, take: Callable[[bytes], None], ready: asyncio.Event
    ) -> None:
        try:
            async with self._bus.subscribe(topic) as news:
                ready.set()
                await self._read(topic, news, take)
        finally:
            ready.set()  # a hub starts without its bus, and hears from it later

    async def _read(
        self, topic: str, news: AsyncIterator[bytes], take: Callable[[bytes], None]
    ) -> None:
        async for payload in news:
            if payload == GAP:
                self._ask_anew(topic)
                continue
            try:
                take(payload)
            except msgspec.MsgspecError:
                # A hub of another version, or a stranger on the bus: the others go on.
                self.unreadable += 1
                log.warning("unreadable news on %s", topic)

    def _ask_anew(self, topic: str) -> None:
        """News were lost. Rooms say every few seconds who is there, so links mend by themselves;
        what became of meetings the watchers read in the record."""
        log.info("news on %s were lost: %d watchers ask anew", topic, len(self._watchers))
        self._tell(self._book.links())
        for watcher in self._watchers:
            watcher.ask()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tell(self._book.tick(self._clock()))
