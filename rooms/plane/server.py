"""A media worker's side of the control connection: one hub at a time, the newest.

Commands are carried out one after another, in the order of their coming. What happens while no hub
is there is told to nobody: a hub that comes asks what goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from confhub.supervision import supervise
from rooms.media.errors import BadDescription
from rooms.media.events import MediaEvent
from rooms.plane import wire
from rooms.plane.commands import COMMAND_TIMEOUT_S
from rooms.plane.link import Link
from rooms.plane.operator import Operator
from rooms.plane.wire import BadWire, Frame

log = logging.getLogger(__name__)

# More than a hub holds back for a worker that is away, with the words that hold of two thousand
# sites; one that sends more is broken.
MOST_COMMANDS = 30_000


class Server:
    """`link` is a protocol factory for asyncio; `tell` takes the router's events."""

    def __init__(
        self, operator: Operator, boot: str, port: int, on_foreign: Callable[[], None]
    ) -> None:
        """`on_foreign` is called when a hub of another version comes, which this one cannot
        serve: only a new worker can."""
        self._operator = operator
        self._hello = wire.Hello(wire.VERSION, wire.OLDEST, boot, port)
        self._on_foreign = on_foreign
        self._hub: Link | None = None
        self._queue: deque[tuple[Link, wire.Ask | wire.Tell]] = deque()
        self._wake = asyncio.Event()
        self._task = supervise(self._run, "media commands")

    def link(self) -> Link:
        return Link(self._take, self._lost)

    def tell(self, event: MediaEvent) -> None:
        if self._hub is None:
            return
        try:
            self._hub.send(wire.event_frame(event))
        except ValueError as error:  # larger than any frame: what is measured comes again
            log.error("%s was not told: %s", type(event).__name__, error)

    async def close(self) -> None:
        if self._hub is not None:
            self._hub.close()
        await self._task.close()

    def _take(self, link: Link, frame: Frame) -> None:
        if isinstance(frame, wire.Hello):
            self._greet(link, frame)
        elif link is not self._hub:
            raise BadWire("no hello, or another hub has come")
        elif isinstance(frame, wire.Ping):
            link.send(wire.Pong(frame.at))
        elif isinstance(frame, wire.Ask | wire.Tell):
            if len(self._queue) >= MOST_COMMANDS:
                raise BadWire("too many commands wait")
            self._queue.append((link, frame))
            self._wake.set()

    def _greet(self, link: Link, hello: wire.Hello) -> None:
        link.send(self._hello)
        if not hello.is_understood:
            log.error("a hub speaks version %d of the control protocol", hello.version)
            link.close()
            self._on_foreign()
            return
        before, self._hub = self._hub, link
        if before is not None and before is not link:
            before.close()
        log.info("hub %s has taken charge", hello.boot)

    def _lost(self, link: Link) -> None:
        if link is self._hub:
            self._hub = None
            log.warning("the hub is gone: media go on")

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            while self._queue:
                await self._do(*self._queue.popleft())
            await self._wake.wait()

    async def _do(self, link: Link, frame: wire.Ask | wire.Tell) -> None:
        request = frame.id if isinstance(frame, wire.Ask) else 0
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                value = await self._operator.do(wire.read_command(frame.command))
            if request:
                # Here, for what is larger than any frame is a failure as any other.
                link.send(wire.Answer(request, wire.pack(value)))
            return
        except BadDescription as error:
            refusal = wire.refusal(request, error)
        except Exception as error:
            log.exception("a command of the hub failed")
            refusal = wire.refusal(request, error)
        if request:
            link.send(refusal)
