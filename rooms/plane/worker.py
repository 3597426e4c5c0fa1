"""A media worker, put together: a router, and a hub's way to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from rooms.media.events import MediaEvent
from rooms.media.router import MediaRouter
from rooms.plane import door
from rooms.plane.local import LocalPlane
from rooms.plane.operator import Operator
from rooms.plane.server import Server

OpenRouter = Callable[[Callable[[MediaEvent], None]], Awaitable[MediaRouter]]


@contextlib.asynccontextmanager
async def running_worker(
    path: Path, boot: str, open_router: OpenRouter, on_foreign: Callable[[], None]
) -> AsyncIterator[MediaRouter]:
    """Serve hubs at the socket `path`; the router is opened first, and raises as it does.

    `boot` names this run; `on_foreign` is as Server has it.
    """
    server: Server | None = None

    def tell(event: MediaEvent) -> None:
        if server is not None:
            server.tell(event)

    router = await open_router(tell)
    try:
        server = Server(Operator(LocalPlane(router)), boot, router.port, on_foreign)
        listener = await asyncio.get_running_loop().create_unix_server(
            server.link, sock=door.listen(path)
        )
        try:
            yield router
        finally:
            listener.close()
            door.remove(path)
            await server.close()
    finally:
        await router.close()
