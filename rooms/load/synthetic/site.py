"""One synthetic site in a live meeting: the socket of docs/protocol.md and two media links."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from rooms.load.synthetic.descriptions import expectations, receive_answer, send_offer
from rooms.load.synthetic.link import Link, read_remote
from rooms.load.synthetic.receiver import Receiver
from rooms.load.synthetic.sender import Sender
from rooms.media.port.dtls import Certificate
from rooms.media.source import Source
from rooms.protocol import messages as p
from rooms.protocol.codec import encode_message, tag_of
from rooms.state.features.muting import SetCamera, SetMicrophone

log = logging.getLogger(__name__)

# A hub that takes in hundreds at once answers the last one later than any person would wait.
JOIN_TIMEOUT_S = 60.0
CLOSE_TIMEOUT_S = 5.0
BUSY = 503
RETRY_S = 1.0
# The meeting page tells its view once the members have settled (view.js).
VIEW_SETTLE_S = 0.15
# And comes back after these (socket.js): doubled each time, and shortened by chance.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0

SOURCES: dict[str, Source] = {"0": "microphone", "1": "camera"}


class _Typed(msgspec.Struct):
    type: str


_read_type = msgspec.json.Decoder(_Typed).decode


class SiteFailed(Exception):
    """The hub refused, closed or did not answer; the message says which."""


@dataclass(frozen=True, slots=True)
class Heights:
    """What a site's screen asks for: the first picture in large, the others beside it."""

    first_px: int = 720
    other_px: int = 180
    pictures: int = 5


class Site:
    """`join` returns when media flows, or when there is none to receive yet."""

    def __init__(
        self,
        socket_address: str,
        certificate: Certificate,
        *,
        sender: Sender | None = None,
        heights: Heights | None = None,
        sampled: bool = False,
        comes_back: bool = False,
    ) -> None:
        """`socket_address` is that of the seat's socket, http or https. `comes_back`: a socket that
        is lost is made anew, as pages do, and media go on meanwhile."""
        self.member = ""
        self.joined_s = 0.0
        self.cipher = ""
        self.problems: list[str] = []
        self.backs_s: list[float] = []  # from each loss of the socket to the next welcome
        self.lost_media = False  # a hub it came back to knew nothing of its connections
        self.sender = sender
        self.receiver = Receiver(sampled=sampled)
        self._began = 0.0
        self._address = socket_address
        self._certificate = certificate
        self._heights = heights or Heights()
        self._sampled = sampled
        self._comes_back = comes_back
        self._resume = ""
        self._lost_at: float | None = None
        self._http: aiohttp.ClientSession | None = None
        self._send_link: Link | None = None
        self._receive_link: Link | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._pinger: asyncio.Task[None] | None = None
        self._work: set[asyncio.Task[None]] = set()
        self._members: dict[str, p.MemberView] = {}
        self._chair: str | None = None
        self._viewed: list[p.Tile] = []
        self._view_timer: asyncio.TimerHandle | None = None
        self._connected = asyncio.Event()
        self._publishing = asyncio.Event()
        self._failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    @property
    def is_in(self) -> bool:
        """Whether the seat is still held, by its socket."""
        return self._reader is not None and not self._reader.done()

    @property
    def sees_video(self) -> bool:
        """Whether it asked for any picture."""
        return bool(self._viewed)

    async def join(self, http: aiohttp.ClientSession) -> None:
        """Take the seat and connect both links; SiteFailed names the step that failed."""
        self._began = time.monotonic()
        self._http = http
        try:
            async with asyncio.timeout(JOIN_TIMEOUT_S):
                await self._enter(http)
                await self._wait_for(self._connected)
                if self.sender is not None:
                    await self._wait_for(self._publishing)
        except TimeoutError:
            raise SiteFailed(f"not in after {JOIN_TIMEOUT_S:.0f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise SiteFailed(f"{type(error).__name__}: {error}") from error
        self.joined_s = time.monotonic() - self._began

    @property
    def first_media_s(self) -> float | None:
        """From the start of `join` to the first picture (a key frame's start), or first sound."""
        at = self.receiver.first_video_at if self.sees_video else self.receiver.first_audio_at
        return None if at is None else at - self._began

    @property
    def own_drops(self) -> int:
        """Datagrams that reached this machine's socket and found its buffer full."""
        return self._receive_link.own_drops if self._receive_link is not None else 0

    def say(self, message: msgspec.Struct) -> None:
        """Send a message, unless the socket is gone."""
        socket = self._socket
        if socket is not None and not socket.closed:
            self._own(socket.send_str(encode_message(message)))

    async def leave(self) -> None:
        """Give the seat up; bounded in time."""
        self._comes_back = False
        if self._view_timer is not None:
            self._view_timer.cancel()
        self.receiver.stop()
        if self.sender is not None:
            await self.sender.stop()
        for task in (self._pinger, *self._work):
            if task is not None:
                task.cancel()
        socket = self._socket
        if socket is not None and not socket.closed:
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await socket.send_str(encode_message(p.Leave()))
                    if self._reader is not None:
                        await asyncio.wait([self._reader])
                    await socket.close()
            except (TimeoutError, ConnectionError, aiohttp.ClientError):
                log.info("%s: the hub did not say goodbye", self.member)
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        for link in (self._send_link, self._receive_link):
            if link is not None:
                await link.close()

    async def _enter(self, http: aiohttp.ClientSession) -> None:
        self._socket = await self._open_socket(http)
        self._reader = asyncio.get_running_loop().create_task(self._read(self._socket))
        await self._socket.send_str(
            encode_message(p.Hello(p.PROTOCOL_VERSION, "load", self._resume))
        )

    async def _open_socket(self, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        """As a page does: a hub that is too busy is asked again, until the join's time is over."""
        while True:
            try:
                # The hub pings as often as it wants us to; the answers are aiohttp's.
                return await http.ws_connect(self._address, compress=0, max_msg_size=1 << 20)
            except aiohttp.WSServerHandshakeError as error:
                if error.status != BUSY:
                    raise
                self.problems.append("the hub was too busy")
                await asyncio.sleep(RETRY_S)

    async def _wait_for(self, event: asyncio.Event) -> None:
        waiting: asyncio.Future[Any] = asyncio.ensure_future(event.wait())
        await asyncio.wait([waiting, self._failed], return_when=asyncio.FIRST_COMPLETED)
        if not event.is_set():
            waiting.cancel()
            self._failed.result()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break
            # As a page does, it passes over what it does not know.
            taken = _TAKES.get(_read_type(frame.data).type)
            if taken is not None:
                decode, handle = taken
                handle(self, decode(frame.data))
        if self._comes_back and self._resume and self._http is not None:
            self._own(self._come_back(self._http))
        self._fail(SiteFailed("the hub closed the socket"))

    async def _come_back(self, http: aiohttp.ClientSession) -> None:
        if self._lost_at is None:
            self._lost_at = time.monotonic()
        attempt = 0
        while True:
            pause_s = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311
            attempt += 1
            try:
                await self._enter(http)
            except (aiohttp.ClientError, OSError):
                continue
            return

    def _fail(self, error: Exception) -> None:
        """Tell whoever waits in `join`; once that is over nobody may."""
        if not self._failed.done():
            self._failed.set_exception(error)
            self._failed.exception()

    def _own(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(SiteFailed(f"{type(error).__name__}: {error}"))

    # What the hub says

    def _welcome(self, message: p.Welcome) -> None:
        self.member = message.member
        self._resume = message.resume
        self._chair = message.room.chair
        self._members = {member.id: member for member in message.members}
        if self._pinger is not None:
            self._pinger.cancel()
        loop = asyncio.get_running_loop()
        self._pinger = loop.create_task(self._ping(message.heartbeat_s))
        if self._lost_at is not None:
            self.backs_s.append(time.monotonic() - self._lost_at)
            self._lost_at = None
            self.lost_media |= not message.resumed
        elif self.sender is not None:
            self._send_link = Link(self._certificate, self.sender)
            offer = send_offer(self.sender, self._send_link.transport_lines("actpass"))
            self.say(p.Publish(offer, SOURCES))
            self.say(SetCamera(True))
            self.say(SetMicrophone(self.sender.speaks))
        self._tell_view()

    def _member(self, message: p.MemberChanged) -> None:
        self._members[message.member.id] = message.member
        self._view_later()

    def _member_gone(self, message: p.MemberGone) -> None:
        self._members.pop(message.member, None)
        self._view_later()

    def _published(self, message: p.Published) -> None:
        if self.sender is not None and self._send_link is not None:
            self._own(self._begin_sending(self.sender, self._send_link, message.sdp))

    def _offer(self, message: p.Offer) -> None:
        self.receiver.expect(expectations(message.sdp))
        link, is_new = self._receive_link, False
        if link is None:
            is_new = True
            link = self._receive_link = Link(
                self._certificate, self.receiver, stamped=self._sampled
            )
        answer = receive_answer(message.sdp, link.transport_lines("active"))
        self.say(p.Answer(message.offer_id, answer))
        if is_new:
            self._own(self._begin_receiving(link, message.sdp))

    def _problem(self, message: p.Problem) -> None:
        self.problems.append(f"{message.about}: {message.code}")
        self._fail(SiteFailed(f"the hub refused {message.about}: {message.code}"))

    def _closed(self, message: p.Closed) -> None:
        self._fail(SiteFailed(f"the hub closed: {message.reason}"))

    async def _begin_sending(self, sender: Sender, link: Link, sdp: str) -> None:
        await link.connect(read_remote(sdp))
        sender.start(link)
        self._publishing.set()

    async def _begin_receiving(self, link: Link, sdp: str) -> None:
        await link.connect(read_remote(sdp))
        self.cipher = link.cipher
        self.receiver.start(link)
        self._connected.set()

    async def _ping(self, heartbeat_s: float) -> None:
        while True:
            await asyncio.sleep(heartbeat_s)
            self.say(p.Ping(time.monotonic() * 1000))

    # What is on the screen

    def _view_later(self) -> None:
        if self._view_timer is None:
            loop = asyncio.get_running_loop()
            self._view_timer = loop.call_later(VIEW_SETTLE_S, self._tell_view)

    def _tell_view(self) -> None:
        self._view_timer = None
        cameras = [
            member.id
            for member in self._members.values()
            if member.camera and member.presence == "present" and member.id != self.member
        ]
        cameras.sort(key=lambda member_id: member_id != self._chair)
        heights = self._heights
        tiles = [
            p.Tile(member, "camera", heights.other_px if index else heights.first_px)
            for index, member in enumerate(cameras[: heights.pictures])
        ]
        if tiles != self._viewed:
            self._viewed = tiles
            self.say(p.View(tiles))


_HANDLERS: dict[type, Callable[[Site, Any], None]] = {
    p.Welcome: Site._welcome,
    p.MemberChanged: Site._member,
    p.MemberGone: Site._member_gone,
    p.Published: Site._published,
    p.Offer: Site._offer,
    p.Problem: Site._problem,
    p.Closed: Site._closed,
}
_TAKES: dict[str, tuple[Callable[[str], Any], Callable[[Site, Any], None]]] = {
    tag_of(kind): (msgspec.json.Decoder(kind).decode, handle) for kind, handle in _HANDLERS.items()
}
