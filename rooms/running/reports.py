"""What this hub learns of sites' links, put on the bus for whoever judges it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from confhub.bus import news
from confhub.bus.interface import News
from confhub.errors import ConfhubError
from confhub.supervision import supervise

log = logging.getLogger(__name__)

# Three reports per site in 5 s: room for 300 sites while the bus is away. The oldest go
# first, because the newest say more about the present.
MAX_WAITING = 1000
PUBLISH_TIMEOUT_S = 2.0


class Reports:
    """Publishes in order without ever holding up a room."""

    def __init__(self, bus: News) -> None:
        self._bus = bus
        self._waiting: deque[bytes] = deque(maxlen=MAX_WAITING)
        self._ready = asyncio.Event()
        self._failing = False
        self._task = supervise(self._run, "reports")

    def publish(self, report: news.QualityReport) -> None:
        self._waiting.append(news.encode(report))
        self._ready.set()

    async def close(self) -> None:
        """Send what waits, within one timeout, and end."""
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                while self._waiting:
                    await self._publish_next()
        except TimeoutError:
            log.warning("%d reports were not sent", len(self._waiting))
        await self._task.close()

    async def _run(self) -> None:
        while True:
            while self._waiting:
                await self._publish_next()
            self._ready.clear()
            await self._ready.wait()

    async def _publish_next(self) -> None:
        payload = self._waiting.popleft()
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await self._bus.publish(news.QUALITY_TOPIC, payload)
            self._failing = False
        except (ConfhubError, TimeoutError, OSError) as error:
            if not self._failing:
                log.warning("the bus does not take reports: %s", error)
            self._failing = True
