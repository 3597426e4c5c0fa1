"""One WebSocket: reads, judges and hands on; one writer drains its outbox.

Three tasks per socket, all owned here: the reader, the writer and the watch (heartbeat, and
whether the seat's link or session is still valid). The first to end brings the others down.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMessage, WSMsgType
from aiohttp.web import WebSocketResponse

from confhub.errors import N_, BadInput, ConfhubError, NotFound, TooMany, Unavailable
from rooms.protocol import messages as p
from rooms.protocol import versions
from rooms.protocol.codec import BadMessage, Decoder, tag_of
from rooms.protocol.farewell import Translate
from rooms.protocol.rate import RATES, SocketRates
from rooms.running.loop import RoomLoop
from rooms.running.media_desk import MEDIA_MESSAGES
from rooms.sockets.connection import Connection
from rooms.sockets.counts import Tally
from rooms.sockets.outbox import Finish, Text, WsPing, WsPong
from rooms.sockets.relays import RENEW_S, RelayAccess
from rooms.state.features import table
from rooms.state.features.sending_out import SentOut
from rooms.state.room import ROOM_MESSAGES
from rooms.state.seat import Seat

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient a session is. Seconds, but for counts."""

    hello_s: float = 10.0  # a page says hello at once; 10 s covers the slowest first packet
    heartbeat_s: float = p.HEARTBEAT_S
    missed_heartbeats: int = 3  # two lost in a row happen on mobile lines
    check_s: float = 60.0  # how long a revoked link may live on if its news got lost
    check_timeout_s: float = 10.0
    write_s: float = 20.0  # the largest welcome (1 MiB) at 512 kbit/s
    finish_s: float = 3.0  # goodbye is short; who cannot take it in this time is gone
    bad_messages: int = 20  # a page in order sends none; a broken one tells its maker why


class AlreadyIn(BadInput):
    code = "already_in"
    message = N_("Kết nối này đã vào họp.")


class NotYetIn(BadInput):
    code = "hello_first"
    message = N_("Tin nhắn đầu tiên phải là “hello”.")


_DECODER = Decoder([*p.CLIENT_MESSAGES, *table.RULES])
_RATES = {**RATES, **table.RATES}
_FEATURES = versions.FEATURES | table.NAMES
# Why somebody at the door, or inside, may not be in the room. Any other failure passes by
# itself: the page is asked to come back.
_REASONS: dict[int, p.CloseReason] = {
    401: "revoked",
    403: "revoked",
    404: "removed",
    409: "ended",
    410: "revoked",
    426: "protocol",
}


class Session:
    """Serves one accepted socket until it ends."""

    def __init__(
        self,
        socket: WebSocketResponse,
        seat: Seat,
        check: Check,
        *,
        find_room: Callable[[str], Awaitable[RoomLoop]],
        refresh_room: Callable[[RoomLoop], Awaitable[None]],
        translate: Translate,
        limits: Limits,
        tally: Tally,
        relays: RelayAccess | None = None,
    ) -> None:
        self._socket = socket
        self._seat = seat
        self._check = check
        self._find_room = find_room
        self._refresh_room = refresh_room
        self._limits = limits
        self._tally = tally
        self._relays = relays
        self._connection = Connection(seat, translate, tally)
        self._connection.recheck = self.recheck
        self._outbox = self._connection.outbox
        self._clock = asyncio.get_running_loop().time
        self._is_heard = True  # since the last ping
        self._missed_heartbeats = 0
        self._beats_at = self._clock()
        self._checked_at = self._clock()
        self._relays_at = self._clock()
        self._recheck = asyncio.Event()
        self._rates = SocketRates(_RATES)
        self._bad = 0
        self._hello: asyncio.Future[p.Hello] = asyncio.get_running_loop().create_future()
        self._asked: RoomLoop | None = None  # the room that knows of this socket
        self._room: RoomLoop | None = None  # the same, once it gave the seat

    @property
    def is_outside(self) -> bool:
        """No room knows of this socket yet."""
        return self._asked is None

    @property
    def account_id(self) -> str:
        """The signed-in account's; empty for who came by a link."""
        return self._seat.account_id

    def recheck(self) -> None:
        """Ask at once whether the peer may still be here."""
        self._recheck.set()

    def close(self, reason: p.CloseReason) -> None:
        """Say goodbye; `run` then ends within the limits."""
        self._connection.close(reason)

    async def run(self) -> None:
        """Returns when the socket is closed, whoever closed it. Raises only if cancelled."""
        jobs = [self._read(), self._write(), self._live()]
        names = ("read", "write", "live")
        tasks = {
            name: asyncio.create_task(job, name=f"{name} {self._seat.member_id}")
            for name, job in zip(names, jobs, strict=True)
        }
        try:
            await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            if self._outbox.finished:
                await asyncio.wait([tasks["write"]], timeout=self._limits.finish_s)
        finally:
            if self._asked is not None:
                self._asked.lose(self._connection)
            for task in tasks.values():
                task.cancel()
            results = await asyncio.gather(*tasks.values(), return_exceptions=True)
            self._hello.cancel()
            for name, result in zip(names, results, strict=True):
                if isinstance(result, Exception):
                    log.error("%s of %s failed", name, self._seat.member_id, exc_info=result)

    # Reading ------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Until the socket closes, or a goodbye is on its way."""
        while not self._outbox.finished:
            frame = await self._socket.receive()
            handle = _FRAMES.get(frame.type)
            if handle is None:
                # Closed by the peer, broken, or oversize (aiohttp answers that with 1009).
                return
            self._is_heard = True
            handle(self, frame)

    def _text(self, frame: WSMessage) -> None:
        try:
            message = _DECODER.decode(frame.data)
        except BadMessage as error:
            if self._is_within_rates(error.about or "", error.request):
                self._connection.refuse(error, error.about, error.request)
            self._count_bad()
            return
        about = tag_of(message)
        self._tally.messages[about] += 1
        if not self._is_within_rates(about, message.request):
            return
        try:
            _HANDLERS[type(message)](self, message)
        except ConfhubError as error:
            self._connection.refuse(error, about, message.request)

    def _binary(self, frame: WSMessage) -> None:
        if self._is_within_rates(""):
            self._connection.refuse(BadMessage("frame", "text frames only", None), None)
        self._count_bad()

    def _ping(self, frame: WSMessage) -> None:
        if self._is_within_rates("ping"):
            self._outbox.put_control(WsPong(bytes(frame.data)))

    def _pong(self, frame: WSMessage) -> None:
        """Heard, which is all that counts; but nobody is asked for thousands."""
        self._is_within_rates("pong")

    def _count_bad(self) -> None:
        self._bad += 1
        if self._bad >= self._limits.bad_messages:
            self._connection.close("protocol")

    def _is_within_rates(self, kind: str, request: str | None = None) -> bool:
        verdict = self._rates.judge(kind, self._clock())
        if verdict == "tell":
            self._connection.refuse(TooMany(retry_after_s=1), kind or None, request)
        elif verdict == "flood":
            log.warning("%s floods its socket", self._seat.member_id)
            self._connection.close("protocol", drop_waiting=True)
        return verdict == "pass"

    # Messages -----------------------------------------------------------------------------

    def _say_hello(self, message: p.Hello) -> None:
        if self._hello.done():
            raise AlreadyIn
        self._hello.set_result(message)

    def _answer_ping(self, message: p.Ping) -> None:
        self._connection.send(p.Pong(message.at, request=p.repeated(message.request)))

    def _take_digest(self, message: p.SendDigest) -> None:
        self._present_room().take_digest(self._connection, message.digest)
        if done := p.done(message):
            self._connection.send(done)

    def _say(self, message: p.ClientMessage) -> None:
        self._present_room().say(self._connection, message)

    def _say_media(self, message: Any) -> None:
        self._present_room().say_media(self._connection, message)

    def _present_room(self) -> RoomLoop:
        if self._room is None:
            raise NotYetIn
        return self._room

    # Coming in and staying in -------------------------------------------------------------

    async def _live(self) -> None:
        """Join, then watch; ends with a goodbye in the outbox."""
        try:
            async with asyncio.timeout(self._limits.hello_s):
                hello = await self._hello
        except TimeoutError:
            self._connection.close("protocol")
            return
        try:
            await self._join(hello)
        except ConfhubError as error:
            self._connection.close(_reason(error), error)
            return
        except Exception:
            log.exception("%s could not join", self._seat.member_id)
            self._connection.close("stopping", Unavailable())
            return
        self._beats_at = self._clock() + self._limits.heartbeat_s
        while not self._outbox.finished:
            await self._watch()

    async def _join(self, hello: p.Hello) -> None:
        self._connection.spoken = versions.agree(hello, _FEATURES)
        try:
            async with asyncio.timeout(self._limits.check_timeout_s):
                await self._check()
        except TimeoutError:
            raise Unavailable from None
        self._checked_at = self._clock()
        room = self._asked = await self._find_room(self._seat.meeting_id)
        self._send_relays()  # before the welcome, upon which a page makes its connections
        try:
            await room.join(self._connection, hello.resume)
        except NotFound:
            # Invited a moment ago: the news has not reached the room yet.
            await self._refresh_room(room)
            await room.join(self._connection, hello.resume)
        self._room = room

    async def _watch(self) -> None:
        """Until the next beat, or until somebody asks: is the peer alive, and may it still be
        here?"""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._beats_at):
                await self._recheck.wait()
        if self._clock() >= self._beats_at and not self._beat():
            return
        if self._clock() - self._relays_at >= RENEW_S:
            self._send_relays()
        is_asked = self._recheck.is_set()
        self._recheck.clear()
        if is_asked or self._clock() - self._checked_at >= self._limits.check_s:
            await self._check_again()

    def _beat(self) -> bool:
        """Ping the peer; False: it has not answered too many, and is let go."""
        # Counted in pings, not in seconds: a hub that was held up itself, or whose machine slept,
        # has not read yet what came meanwhile, and must not lose everybody at once.
        self._beats_at = self._clock() + self._limits.heartbeat_s
        self._missed_heartbeats = 0 if self._is_heard else self._missed_heartbeats + 1
        if self._missed_heartbeats >= self._limits.missed_heartbeats:
            self._connection.close("lost", drop_waiting=True)
            return False
        self._is_heard = False
        self._outbox.put_control(WsPing())
        return True

    def _send_relays(self) -> None:
        self._relays_at = self._clock()
        if self._relays is not None:
            self._connection.send(self._relays.message(self._seat.member_id, time.time()))

    async def _check_again(self) -> None:
        self._checked_at = self._clock()
        try:
            async with asyncio.timeout(self._limits.check_timeout_s):
                await self._check()
        except TimeoutError:
            log.warning("%s could not be checked in time", self._seat.member_id)
        except ConfhubError as error:
            await self._obey(_reason(error))

    async def _obey(self, reason: p.CloseReason) -> None:
        """Only a clear no sends somebody out: a store that is away is not the site's fault."""
        if self._room is None:
            return
        if reason == "revoked":
            self._room.revoke(self._connection)
        elif reason in ("removed", "ended"):
            await self._refresh_room(self._room)

    # Writing ------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Until the goodbye is written, or the peer does not take what we send."""
        while True:
            frame = await self._outbox.take()
            try:
                async with asyncio.timeout(self._limits.write_s):
                    await _WRITES[type(frame)](self._socket, frame)
            except (TimeoutError, ConnectionError) as error:
                log.info("%s takes no more: %r", self._seat.member_id, error)
                return
            if isinstance(frame, Finish):
                return


def _reason(error: ConfhubError) -> p.CloseReason:
    if isinstance(error, SentOut):
        return "sent_out"
    return _REASONS.get(error.http_status, "stopping")


async def _write_text(socket: WebSocketResponse, frame: Text) -> None:
    await socket.send_str(frame.data)


async def _write_ping(socket: WebSocketResponse, frame: WsPing) -> None:
    await socket.ping()


async def _write_pong(socket: WebSocketResponse, frame: WsPong) -> None:
    await socket.pong(frame.data)


async def _write_finish(socket: WebSocketResponse, frame: Finish) -> None:
    if frame.text is not None:
        await socket.send_str(frame.text)
    await socket.close(code=frame.code)


_WRITES: dict[type, Callable[[WebSocketResponse, Any], Awaitable[None]]] = {
    Text: _write_text,
    WsPing: _write_ping,
    WsPong: _write_pong,
    Finish: _write_finish,
}
_FRAMES: dict[WSMsgType, Callable[[Session, WSMessage], None]] = {
    WSMsgType.TEXT: Session._text,
    WSMsgType.BINARY: Session._binary,
    WSMsgType.PING: Session._ping,
    WSMsgType.PONG: Session._pong,
}
_HANDLERS: dict[type, Callable[[Session, Any], None]] = {
    p.Hello: Session._say_hello,
    p.Ping: Session._answer_ping,
    p.SendDigest: Session._take_digest,
    **dict.fromkeys(ROOM_MESSAGES, Session._say),
    **dict.fromkeys(MEDIA_MESSAGES, Session._say_media),
}
