"""The media plane in another process, over a Unix socket.

The worker may be slow, hang, die and be started again, and none of that is waited for here but by
who awaits an answer. What is told while the worker is away is told when it is back, in its place
among what was asked; once it is known that its media are gone, all of that is moot. Of what was on
its way when a link broke, words that hold and ends are told anew over the next one.
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
from rooms.plane.commands import CALL_TIMEOUT_S, PartyKey
from rooms.plane.held import Held
from rooms.plane.link import Link
from rooms.plane.remote_conference import RemoteConference
from rooms.plane.wire import Frame

log = logging.getLogger(__name__)

# A worker says hello at once when its loop turns at all.
HELLO_TIMEOUT_S = 5.0
# A new worker is up within a second; looking for it costs a system call.
RETRY_S = 0.05
# Who hung up may live: the next try finds out. One that has done nothing else for as long as a
# hello may take is of another version, and of no use.
MOST_HUNG_UP = int(HELLO_TIMEOUT_S / RETRY_S)
PING_S = 0.25
# A worker that answers nothing for so long is told of; its keeper decides when it is hopeless.
SILENT_S = 1.0
# Who reads the counters waits a second in all, and for each worker beside the others.
STATS_TIMEOUT_S = 0.5
# For a worker that is away: all that the pages of a house say in the seconds until it is back. Less
# than half of what a link takes at once, for the words that hold go before it.
MOST_WAITING = 10_000
MOST_WAITING_BYTES = 6 * 1024 * 1024


class HungUpError(Exception):
    """Somebody was there, and has ended the connection."""


class RemotePlane:
    """`open`, and `close` at the end. `on_event` takes the worker's events; it must not wait."""

    def __init__(
        self, path: Path, boot: str, on_event: Callable[[MediaEvent], None], name: str = "0"
    ) -> None:
        """`boot` names this run of the hub, `name` the worker among those of the hub."""
        self.name = name
        self.port = 0
        self._path = path
        self._hello = wire.Hello(wire.VERSION, wire.OLDEST, boot)
        self._on_event = on_event
        self._link: Link | None = None
        self._worker = ""  # the boot of the one whose media are known here
        self._held = Held()
        self._is_followed = False  # what goes on in the worker is known here
        self._asked: dict[int, tuple[c.Command, asyncio.Future[Any]]] = {}
        self._waiting: deque[wire.Ask | wire.Tell] = deque()  # for a worker that is away
        self._waiting_bytes = 0
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
        link, self._link = self._link, None
        if link is not None:
            link.close()
        await self._task.close()
        self._hang_up()

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port,)

    @property
    def answers(self) -> bool:
        """Whether the worker is there and has answered within SILENT_S."""
        return self._up.is_set() and self._unheard_s <= SILENT_S

    def conference(self, room_id: str) -> RemoteConference:
        return RemoteConference(self, room_id)

    async def stats(self) -> dict[str, RouterStats]:
        if not self.answers:
            return {}
        with contextlib.suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(STATS_TIMEOUT_S):
                return {self.name: await self.ask(c.Stats())}
        return {}

    @property
    def silent(self) -> tuple[str, ...]:
        return () if self.answers else (self.name,)

    @property
    def workers(self) -> tuple[str, ...]:
        return (self.name,)

    async def rooms(self) -> list[str]:
        return [room.room_id for room in await self.running()]

    async def running(self) -> list[RunningRoom]:
        """What goes on in the worker; Unavailable."""
        found: list[RunningRoom] = await self.ask(c.Running())
        return found

    # For conferences ----------------------------------------------------------------------

    async def ask(self, command: c.Command) -> Any:
        """What the worker answers; BadDescription, or Unavailable when it does not."""
        request, answer = self._begin(command)
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await answer
        except TimeoutError:
            raise Unavailable from None
        finally:
            self._asked.pop(request, None)

    def _begin(self, command: c.Command) -> tuple[int, asyncio.Future[Any]]:
        """The command's number, and what will be its answer; whoever asks takes it off `_asked`."""
        if len(self._asked) >= MOST_WAITING:
            raise Unavailable
        packed = self._packed(command)
        self._last_id += 1
        answer = asyncio.get_running_loop().create_future()
        self._asked[self._last_id] = (command, answer)
        request = self._last_id  # a worker that is lost by this tells others, who ask too
        self._send(wire.Ask(request, packed))
        return request, answer

    def tell(self, command: c.Command) -> None:
        try:
            frame = wire.Tell(self._packed(command))
        except ValueError as error:  # ids and sources are ours: only a broken page brings others
            log.warning("%s was not told: %s", type(command).__name__, error)
            return
        self._send(frame)

    def state(self, key: PartyKey) -> TransportState:
        return self._held.states.get(key, "closed")

    def _packed(self, command: c.Command) -> msgspec.Raw:
        packed = wire.pack(command)
        self._held.note(command)
        return packed

    def _send(self, frame: wire.Ask | wire.Tell) -> None:
        if self._link is not None and self._up.is_set():
            self._link.send(frame)
            return
        self._waiting.append(frame)
        self._waiting_bytes += len(frame.command)
        if len(self._waiting) > MOST_WAITING or self._waiting_bytes > MOST_WAITING_BYTES:
            # So much is said only to a worker that is away for good: nothing of it holds. What it
            # runs all the same when it comes back is ended, for the words to end it may be lost.
            self._lose_media()
            self._is_followed = True

    # The link -----------------------------------------------------------------------------

    async def _run(self) -> None:
        hung_up = 0
        while True:
            try:
                await self._connect()
                hung_up = 0
            except HungUpError:
                hung_up += 1
                if hung_up == MOST_HUNG_UP:
                    log.error("media worker %s hangs up before it says hello", self._path.name)
                    self._lose_media()
                await asyncio.sleep(RETRY_S)
                continue
            except (OSError, TimeoutError):
                if self._worker:
                    log.error("media worker %s is gone, and all media with it", self._path.name)
                    self._lose_media()
                await asyncio.sleep(RETRY_S)
                continue
            try:
                self._catch_up()
                await self._watch()
            finally:
                self._hang_up()

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
        if not link.is_up:
            raise HungUpError
        if self._worker and hello.boot != self._worker:
            self._lose_media()
        self._worker, self.port, self._link = hello.boot, hello.port, link
        self._unheard_s = 0.0
        self._up.set()
        self._tell_waiting(link)
        log.info("media worker %s is there, port %d", self._path.name, hello.port)

    def _tell_waiting(self, link: Link) -> None:
        """The words that hold first: what waits was said after them."""
        for word in self._held.words():
            link.send(wire.Tell(wire.pack(word)))
        while self._waiting and link.is_up:
            frame = self._waiting.popleft()
            self._waiting_bytes -= len(frame.command)
            if isinstance(frame, wire.Tell) or frame.id in self._asked:  # or who asked has left
                link.send(frame)

    def _catch_up(self) -> None:
        """Ask what was missed of a worker that went on while the link was down, or before this
        hub began. Nobody waits: the answer is heard when it comes."""
        with contextlib.suppress(Unavailable):
            request, answer = self._begin(c.Running())

            def end(done: asyncio.Future[Any]) -> None:
                self._asked.pop(request, None)
                done.exception()  # the link is down again

            answer.add_done_callback(end)

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
                greeted.set_exception(HungUpError())
                greeted.exception()  # perhaps nobody waits for it any more
            ended.set()
            if self._link is link:
                self._hang_up()

        return Link(take, lost)

    def _hang_up(self) -> None:
        link, self._link = self._link, None
        self._up.clear()
        self._fail_asked()
        if link is not None:
            link.cut()

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
                self._held.refused(command)
                answer.set_exception(wire.raised(frame))
                return
            if isinstance(command, c.MAKES):
                # Before what comes after it: no event has told of it yet.
                self._held.states.setdefault(command.makes, "new")
            value = wire.read_answer(command, frame.value)
            if command == c.Running():
                # At once, before what comes after it: who asked wakes up only later.
                self._compare(value)
            answer.set_result(value)

    def _compare(self, running: list[RunningRoom]) -> None:
        if self._is_followed:
            for end in list(self._held.left_over(running)):
                self.tell(end)
        else:
            self._held.adopt(running)
            self._is_followed = True
        for event in list(missed(running, self._held.states)):
            self._hear(event)

    def _hear(self, event: MediaEvent) -> None:
        if isinstance(event, events.TransportChanged):
            self._held.hear(event)
        try:
            self._on_event(event)
        except Exception:
            log.exception("%s of the media worker was not taken", type(event).__name__)

    # When it is over ------------------------------------------------------------------------

    def _lose_media(self) -> None:
        """Whatever the worker held is gone: all who had anything in it are told."""
        self._worker, self._is_followed = "", False
        self._waiting.clear()
        self._waiting_bytes = 0
        self._fail_asked()
        lost, self._held = self._held, Held()
        for room_id, party_id, direction in lost.states:
            self._hear(events.TransportChanged(room_id, party_id, direction, "closed", None))
        for room_id in lost.rooms:
            self._hear(events.MediaLost(room_id))

    def _fail_asked(self) -> None:
        for _, answer in list(self._asked.values()):
            if not answer.done():
                answer.set_exception(Unavailable())
