"""The media plane in another process, over a Unix socket.

The worker may be slow, hang, die and be started again, and none of that is waited for here but by
who awaits an answer. What is told while the worker is away is told when it is back, in its place
among what was asked; once it is known that its media are gone, all of that is moot.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from confhub.errors import Unavailable
from confhub.quality import TransportState
from confhub.supervision import supervise
from rooms.media import events
from rooms.media.events import MediaEvent
from rooms.media.measurement import RouterStats
from rooms.media.running import RunningRoom
from rooms.plane import commands as c
from rooms.plane import door, wire
from rooms.plane.catching_up import missed
from rooms.plane.commands import PartyKey
from rooms.plane.link import Link
from rooms.plane.remote_conference import RemoteConference
from rooms.plane.wire import Frame

log = logging.getLogger(__name__)

# Certificates and handshakes start in milliseconds; what takes longer hangs.
CALL_TIMEOUT_S = 10.0
# A worker says hello at once when its loop turns at all.
HELLO_TIMEOUT_S = 5.0
# A new worker is up within a second; looking for it costs a system call.
RETRY_S = 0.05
PING_S = 0.25
# A worker that answers nothing for so long is told of; its keeper decides when it is hopeless.
SILENT_S = 1.0
# As many as a worker takes at once.
MOST_WAITING = 10_000


class RemotePlane:
    """`open`, and `close` at the end. `on_event` takes the worker's events; it must not wait."""

    def __init__(self, path: Path, boot: str, on_event: Callable[[MediaEvent], None]) -> None:
        """`boot` names this run of the hub."""
        self.port = 0
        self._path = path
        self._hello = wire.Hello(wire.VERSION, wire.OLDEST, boot)
        self._on_event = on_event
        self._link: Link | None = None
        self._worker = ""  # the boot of the one whose media are known here
        self._states: dict[PartyKey, TransportState] = {}
        self._rooms: dict[str, None] = {}  # of which the worker knows anything
        self._asked: dict[int, tuple[c.Command, asyncio.Future[Any]]] = {}
        self._waiting: deque[Frame] = deque()  # for a worker that is away
        self._last_id = 0
        self._unheard_s = 0.0  # of a loop that turned: one that stood still heard nobody
        self._now = asyncio.get_running_loop().time
        self._greeted: asyncio.Future[wire.Hello] | None = None
        self._ended = asyncio.Event()
        self._up = asyncio.Event()
        self._task = supervise(self._run, "media link", path.name)

    async def open(self, timeout_s: float = HELLO_TIMEOUT_S) -> None:
        """Until the worker is there. Unavailable."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        except TimeoutError:
            raise Unavailable from None

    async def close(self) -> None:
        """The worker goes on by itself."""
        await self._task.close()
        if self._link is not None:
            self._link.close()
        self._forget()

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port,)

    @property
    def answers(self) -> bool:
        """Whether the worker is there and has answered within SILENT_S."""
        return self._up.is_set() and self._unheard_s <= SILENT_S

    def conference(self, room_id: str) -> RemoteConference:
        return RemoteConference(self, room_id)

    async def stats(self) -> RouterStats:
        found: RouterStats = await self.ask(c.Stats())
        return found

    async def rooms(self) -> list[str]:
        return [room.room_id for room in await self.running()]

    async def running(self) -> list[RunningRoom]:
        """What goes on in the worker; Unavailable."""
        found: list[RunningRoom] = await self.ask(c.Running())
        return found

    # For conferences ----------------------------------------------------------------------

    async def ask(self, command: c.Command) -> Any:
        """What the worker answers; BadDescription, or Unavailable when it does not."""
        if len(self._asked) >= MOST_WAITING:
            raise Unavailable
        self._last_id += 1
        request = self._last_id
        answer = asyncio.get_running_loop().create_future()
        frame = wire.Ask(request, self._packed(command))
        self._asked[request] = (command, answer)
        try:
            self._send(frame)
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await answer
        except TimeoutError:
            raise Unavailable from None
        finally:
            del self._asked[request]

    def tell(self, command: c.Command) -> None:
        try:
            frame = wire.Tell(self._packed(command))
        except ValueError as error:  # ids and sources are ours: only a broken page brings others
            log.warning("%s was not told: %s", type(command).__name__, error)
            return
        if isinstance(command, c.Remove):
            for key in command.ends:
                self._states.pop(key, None)
        self._send(frame)

    def state(self, key: PartyKey) -> TransportState:
        return self._states.get(key, "closed")

    def _packed(self, command: c.Command) -> msgspec.Raw:
        room_id = getattr(command, "room", None)
        if room_id:
            self._rooms[room_id] = None
        return wire.pack(command)

    def _send(self, frame: Frame) -> None:
        if self._link is not None and self._up.is_set():
            self._link.send(frame)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append(frame)
        else:
            # So much is said only to a worker that is away for good: nothing of it holds.
            self._lose_media()

    # The link -----------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            try:
                await self._connect()
            except (OSError, TimeoutError):
                if self._worker:
                    log.error("media worker %s is gone, and all media with it", self._path.name)
                    self._lose_media()
                await asyncio.sleep(RETRY_S)
                continue
            await self._catch_up()
            await self._watch()

    async def _connect(self) -> None:
        """Until hello was heard and what waited is sent. OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        self._greeted, self._ended = loop.create_future(), asyncio.Event()
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            _, link = await loop.create_unix_connection(
                self._new_link, sock=door.connect(self._path)
            )
            try:
                link.send(self._hello)
                hello = await self._greeted
            except BaseException:
                link.cut()
                raise
        if not hello.is_understood:
            link.cut()
            raise ConnectionError(f"the worker speaks version {hello.version}")
        if self._worker and hello.boot != self._worker:
            self._lose_media()
        self._worker, self.port, self._link = hello.boot, hello.port, link
        self._unheard_s = 0.0
        self._up.set()
        while self._waiting:
            link.send(self._waiting.popleft())
        log.info("media worker %s is there, port %d", self._path.name, hello.port)

    async def _catch_up(self) -> None:
        """Hear what was missed of a worker that went on while the link was down, or before this
        hub began."""
        with contextlib.suppress(Unavailable):  # the link is down again
            await self.running()

    async def _watch(self) -> None:
        """Ask for signs of life until the link ends."""
        while not self._ended.is_set():
            if self._link is not None:
                self._link.send(wire.Ping(self._now()))
            try:
                async with asyncio.timeout(PING_S):
                    await self._ended.wait()
            except TimeoutError:
                self._count_silence()

    def _count_silence(self) -> None:
        answered = self.answers
        self._unheard_s += PING_S
        if answered and not self.answers:
            log.error("media worker %s does not answer", self._path.name)

    def _new_link(self) -> Link:
        greeted, ended = self._greeted, self._ended

        def take(link: Link, frame: Frame) -> None:
            self._unheard_s = 0.0
            if isinstance(frame, wire.Hello):
                if greeted is not None and not greeted.done():
                    greeted.set_result(frame)
            else:
                self._take(frame)

        def lost(link: Link) -> None:
            if greeted is not None and not greeted.done():
                greeted.set_exception(ConnectionError("no hello"))
                greeted.exception()  # perhaps nobody waits for it any more
            ended.set()
            self._up.clear()
            self._link = None
            self._fail_asked()

        return Link(take, lost)

    def _take(self, frame: Frame) -> None:
        if isinstance(frame, wire.Event):
            event = wire.read_event(frame)
            if event is not None:
                self._hear(event)
        elif isinstance(frame, wire.Answer | wire.Refused):
            command, answer = self._asked.get(frame.id, (None, None))
            if command is None or answer is None or answer.done():
                return  # who asked has given up
            if isinstance(frame, wire.Refused):
                answer.set_exception(wire.raised(frame))
                return
            if isinstance(command, c.MAKES):
                # Before what comes after it: no event has told of it yet.
                self._states.setdefault(command.makes, "new")
            value = wire.read_answer(command, frame.value)
            if command == c.Running():
                # At once, before what comes after it: who asked wakes up only later.
                self._compare(value)
            answer.set_result(value)

    def _compare(self, running: list[RunningRoom]) -> None:
        self._rooms |= dict.fromkeys(room.room_id for room in running)
        for event in list(missed(running, self._states)):
            self._hear(event)

    def _hear(self, event: MediaEvent) -> None:
        if isinstance(event, events.TransportChanged):
            key = (event.room_id, event.member_id, event.direction)
            if event.state == "closed":
                self._states.pop(key, None)
            else:
                self._states[key] = event.state
        try:
            self._on_event(event)
        except Exception:
            log.exception("%s of the media worker was not taken", type(event).__name__)

    # When it is over ------------------------------------------------------------------------

    def _lose_media(self) -> None:
        """Whatever the worker held is gone: all who had anything in it are told."""
        self._worker = ""
        self._waiting.clear()
        self._fail_asked()
        lost, self._states = self._states, {}
        rooms, self._rooms = self._rooms, {}
        for room_id, party_id, direction in lost:
            self._hear(events.TransportChanged(room_id, party_id, direction, "closed", None))
        for room_id in rooms:
            self._hear(events.MediaLost(room_id))

    def _fail_asked(self) -> None:
        for _, answer in self._asked.values():
            if not answer.done():
                answer.set_exception(Unavailable())

    def _forget(self) -> None:
        self._link = None
        self._up.clear()
        self._fail_asked()
