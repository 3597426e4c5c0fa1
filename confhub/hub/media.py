"""The media plane of one hub: a router on its own loop, or workers beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from confhub.config import Settings
from confhub.errors import N_, Unavailable
from confhub.hub.listening import bind_failure
from rooms.media.events import MediaEvent
from rooms.media.port.tcp import MAX_CONNECTIONS
from rooms.media.router import MediaRouter, local_addresses
from rooms.plane.interface import MediaPlane
from rooms.plane.local import LocalPlane
from rooms.plane.remote import RemotePlane
from rooms.plane.spread import SpreadPlane

# Both are started at once, and load much the same; on a busy machine that takes a while.
WORKER_TIMEOUT_S = 60.0
OnEvent = Callable[[MediaEvent], None]
CloseLater = Callable[[str, Callable[[], Awaitable[None]]], None]


class NoWorker(Unavailable):
    code = "no_media_worker"
    message = N_("Tiến trình hình và tiếng không trả lời: %(path)s. Xin chạy lại confhub serve.")


def most_tcp(settings: Settings) -> int:
    """How many TCP connections of media the hub's process itself may have."""
    return MAX_CONNECTIONS if settings.media_tcp and not settings.media_workers else 0


def worker_socket(settings: Settings, index: int) -> Path:
    """Where a worker is asked; hubs that share a folder have names of their own."""
    return Path(settings.data_dir) / f"{settings.hub_name}.media-{index}.sock"


async def open_plane(
    settings: Settings, boot: str, on_event: OnEvent, tcp_room: int, close_later: CloseLater
) -> MediaPlane:
    """The plane as the settings want it; `close_later` is given a name and how each part is
    closed. Unavailable in words for a port that is taken, or a worker that does not answer."""
    if not settings.media_workers:
        router = await open_router(settings, on_event, tcp_room)
        close_later("media", router.close)
        return LocalPlane(router)
    planes: list[RemotePlane] = []
    for index in range(settings.media_workers):
        planes.append(RemotePlane(worker_socket(settings, index), boot, on_event, str(index)))
        close_later("media link", planes[-1].close)
    for index, plane in enumerate(planes):
        try:
            await plane.open(WORKER_TIMEOUT_S)
        except Unavailable:
            raise NoWorker(values={"path": worker_socket(settings, index)}) from None
    return SpreadPlane(planes)


async def open_router(
    settings: Settings, on_event: OnEvent, tcp_room: int, index: int = 0
) -> MediaRouter:
    """The router of this process, `index` of its kind. Unavailable in words for a taken port."""
    addresses = settings.media_addresses or local_addresses()
    port = settings.media_port + index if settings.media_port else 0
    try:
        return await MediaRouter.open(
            addresses=addresses,
            port=port,
            announce=settings.media_announce,
            on_event=on_event,
            tcp=settings.media_tcp,
            tcp_room=tcp_room,
        )
    except OSError as error:
        raise bind_failure(error, addresses, port, "UDP/TCP", "CONFHUB_MEDIA_PORT") from error
