"""One end of a control connection: frames in, frames out, nothing without bound."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from rooms.plane import wire
from rooms.plane.wire import BadWire, Frame

log = logging.getLogger(__name__)

# What a peer has not read yet: at 500 sites a hub that stands still for ten seconds leaves some
# 4 MiB of events behind. A peer that far behind is cut, and asks anew what goes on.
MOST_UNREAD_BYTES = 16 * 1024 * 1024


class Link(asyncio.Protocol):
    """`on_frame` takes each frame in the order of its coming, `on_lost` is called once at the end.

    Neither may wait. An error in `on_frame` is logged and ends the link.
    """

    def __init__(
        self, on_frame: Callable[[Link, Frame], None], on_lost: Callable[[Link], None]
    ) -> None:
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._reader = wire.Reader()
        self._transport: asyncio.Transport | None = None

    @property
    def is_up(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, frame: Frame) -> None:
        """Send it soon; dropped where the link is down, and the link is cut where the peer does
        not read. ValueError for a frame that cannot be written."""
        data = wire.encode(frame)
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() + len(data) > MOST_UNREAD_BYTES:
            log.error("the other end of a control connection does not read: it is cut")
            transport.abort()
            return
        transport.write(data)

    def close(self) -> None:
        """What was sent is still written, if the peer reads it."""
        if self._transport is not None:
            self._transport.close()

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # From asyncio -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._reader.feed(data):
                if not self.is_up:
                    return
                self._on_frame(self, frame)
        except BadWire as error:
            log.error("a control connection is cut: %s", error)
            self.cut()
        except Exception:
            log.exception("a control connection is cut")
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._on_lost(self)
