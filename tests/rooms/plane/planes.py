"""The media plane as rooms see it, in this process and behind a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from rooms.media.events import MediaEvent
from rooms.media.router import MediaRouter
from rooms.plane.interface import MediaPlane
from rooms.plane.local import LocalPlane
from rooms.plane.remote import RemotePlane
from rooms.plane.spread import SpreadPlane
from rooms.plane.worker import running_worker


class Opened:
    """A plane, what it told, and the router behind it to look at."""

    def __init__(self, plane: MediaPlane, router: MediaRouter, events: list[MediaEvent]) -> None:
        self.plane = plane
        self.router = router
        self.events = events


async def open_router(on_event: Callable[[MediaEvent], None]) -> MediaRouter:
    return await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=on_event)


def nobody() -> None:
    raise AssertionError("no foreign hub comes here")


@asynccontextmanager
async def spread_plane(folder: Path) -> AsyncIterator[Opened]:
    """Two workers; the router is the one that has the conference "room"."""
    async with socket_plane(folder, "0") as first, socket_plane(folder, "1") as second:
        plane = SpreadPlane([first.plane, second.plane])
        plane.conference("room").restart("nobody")
        await plane.stats()  # and with it, that this was done
        chosen = first if "room" in first.router.conferences else second
        chosen.router.conference("room").remove("nobody")
        yield Opened(plane, chosen.router, chosen.events)


@asynccontextmanager
async def local_plane(folder: Path) -> AsyncIterator[Opened]:
    events: list[MediaEvent] = []
    router = await open_router(events.append)
    yield Opened(LocalPlane(router), router, events)
    await router.close()


@asynccontextmanager
async def socket_plane(folder: Path, name: str = "media.sock") -> AsyncIterator[Opened]:
    events: list[MediaEvent] = []
    path = folder / name
    async with running_worker(path, "worker-1", open_router, nobody) as router:
        plane = RemotePlane(path, "hub-1", events.append)
        await plane.open()
        yield Opened(plane, router, events)
        await plane.close()
