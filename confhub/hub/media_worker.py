"""A media worker's process: nothing but packets, and a socket on which hubs command it."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

from confhub.config import Settings
from confhub.hub.file_limit import divide, raise_file_limit
from confhub.hub.media import open_router, worker_socket
from confhub.hub.part import Part
from confhub.hub.steadiness import be_steady
from confhub.identity import new_id
from confhub.supervision import supervise
from monitoring.machine.loop_watch import LoopWatch
from rooms.media.events import MediaEvent
from rooms.media.port.tcp import MAX_CONNECTIONS
from rooms.media.router import MediaRouter
from rooms.plane.worker import running_worker

log = logging.getLogger(__name__)


async def serve_media(settings: Settings, index: int, part: Callable[[], Part] = Part) -> None:
    """Until SIGTERM, or until a hub comes that only a newer worker can serve."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    path = worker_socket(settings, index)
    _make_folder(path.parent)
    keeper = part()
    shares = divide(raise_file_limit(), media=MAX_CONNECTIONS if settings.media_tcp else 0)
    opening = partial(_open, settings, shares.media + shares.pages, index)
    watch = LoopWatch(lambda _seconds: None, settings.slow_loop_ms / 1000)
    async with running_worker(path, new_id(), opening, stop.set), watch.running():
        be_steady()
        beating = supervise(keeper.keep_beating, "sign of life")
        await stop.wait()
        await beating.close()
    log.info("media worker %d has ended", index)


async def _open(
    settings: Settings, tcp_room: int, index: int, on_event: Callable[[MediaEvent], None]
) -> MediaRouter:
    return await open_router(settings, on_event, min(tcp_room, MAX_CONNECTIONS), index)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
