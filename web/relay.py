"""A page's socket, or a device's request, whose meeting runs in another hub: passed on to that one.

Pages and devices of hubs behind one address come to any of them, so each relays to each. Media go
straight to the hub that runs the meeting: it tells its own addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import AsyncIterator, Iterator

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    DummyCookieJar,
    TCPConnector,
    WSMessage,
    WSMsgType,
    WSServerHandshakeError,
    web,
)
from yarl import URL

from confhub.errors import (
    N_,
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    NotSignedIn,
    TooMany,
    Unavailable,
)
from confhub.meetings.ownership import Hub
from web.requests.addresses import RELAYED, relay_ticket

log = logging.getLogger(__name__)

# Hubs of one house answer within milliseconds; one that was killed is found out by this.
CONNECT_TIMEOUT_S = 5.0
# The largest welcome, of 3,500 sites, is about a megabyte; the other hub is one of ours.
MOST_BYTES = 8 * 1024 * 1024
CLOSE_TIMEOUT_S = 2.0
# A room that opens for a device takes as long as for a page (rooms.hub.hub.OPEN_TIMEOUT_S).
ANSWER_TIMEOUT_S = 20.0
GOING_AWAY = 1001  # RFC 6455 section 7.4.1: pages come back
# What the other hub judges by; it asks for sign-in, link and token as if one had come there.
_ALWAYS = ("User-Agent", "Accept-Language", "Host")
_OF_PAGES = ("Cookie", "Origin", *_ALWAYS)
_OF_DEVICES = ("Authorization", "Accept", "Content-Type", "If-Match", *_ALWAYS)
_REFUSALS = {kind.http_status: kind for kind in (NotSignedIn, Forbidden, NotFound, Conflict, Gone)}
_ANSWERED = ("Content-Type", "Location", "ETag", "Link", "WWW-Authenticate", "Retry-After")


class SilentHub(Unavailable):
    code = "other_hub_silent"
    message = N_(
        "Máy chủ %(hub)s đang chạy cuộc họp này nhưng không trả lời. Xin thử lại sau ít phút."
    )


Socket = web.WebSocketResponse | ClientWebSocketResponse


class Relays:
    """One per application."""

    def __init__(self) -> None:
        self._client: ClientSession | None = None
        self._pages: weakref.WeakSet[web.WebSocketResponse] = weakref.WeakSet()

    async def connect(self, request: web.Request, hub: Hub) -> ClientWebSocketResponse:
        """The socket that the page asked for, at the other hub; Unavailable, or its refusal."""
        with _answering(hub):
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                return await self._session().ws_connect(
                    _there(request, hub),
                    headers=_passed_on(request, _OF_PAGES),
                    autoping=False,
                    max_msg_size=MOST_BYTES,
                    timeout=ClientWSTimeout(ws_close=CLOSE_TIMEOUT_S),
                )

    async def ask(self, request: web.Request, hub: Hub, body: str) -> web.Response:
        """What the other hub answers a device, whose request had this body; Unavailable."""
        with _answering(hub):
            async with (
                asyncio.timeout(ANSWER_TIMEOUT_S),
                self._session().request(
                    request.method,
                    _there(request, hub),
                    data=body.encode(),
                    headers=_passed_on(request, _OF_DEVICES),
                    allow_redirects=False,
                ) as answer,
            ):
                made = web.Response(status=answer.status, body=await answer.read())
                made.headers.clear()
                for name in _ANSWERED:
                    for value in answer.headers.getall(name, ()):
                        made.headers.add(name, value)
                return made

    def _session(self) -> ClientSession:
        if self._client is None:
            # Each relayed socket is a connection; cookies are each page's own.
            self._client = ClientSession(
                connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar()
            )
        return self._client

    async def run(self, page: web.WebSocketResponse, upstream: ClientWebSocketResponse) -> None:
        """Pass on in both directions until either side closes."""
        self._pages.add(page)
        loop = asyncio.get_running_loop()
        ways = [
            loop.create_task(_pass(upstream, page), name="relay to page"),
            loop.create_task(_pass(page, upstream), name="relay to hub"),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await upstream.close()

    async def stop(self, _app: web.Application) -> None:
        """This hub ends: pages come back by another way."""
        closing = (page.close(code=GOING_AWAY) for page in list(self._pages))
        await asyncio.gather(*closing, return_exceptions=True)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


RELAYS = web.AppKey("relays", Relays)


def set_up_relays(app: web.Application) -> None:
    relays = app[RELAYS] = Relays()

    async def closed_at_end(_app: web.Application) -> AsyncIterator[None]:
        yield
        await relays.close()

    app.on_shutdown.append(relays.stop)
    app.cleanup_ctx.append(closed_at_end)


def _there(request: web.Request, hub: Hub) -> URL:
    """Letter by letter as it was asked for here: so the ticket names it."""
    return URL(f"{hub.relay}{request.path_qs}", encoded=True)


def _passed_on(request: web.Request, names: tuple[str, ...]) -> dict[str, str]:
    """These headers of the request, and who asks by which address."""
    headers = {name: request.headers[name] for name in names if name in request.headers}
    return headers | {RELAYED: relay_ticket(request)}


@contextlib.contextmanager
def _answering(hub: Hub) -> Iterator[None]:
    """Whatever it says instead of what was asked for is said on, as if one had come there."""
    try:
        yield
    except WSServerHandshakeError as error:
        if error.status == TooMany.http_status:
            raise TooMany(_seconds(error)) from None
        if error.status in _REFUSALS:
            raise _REFUSALS[error.status] from None
        raise _silent(hub, f"answer {error.status}") from None
    except (ClientError, OSError, TimeoutError) as error:
        raise _silent(hub, type(error).__name__) from None


def _silent(hub: Hub, what: str) -> SilentHub:
    """`what` names no more than the kind: an error of the client quotes the whole request, with
    the link, the cookie and our own ticket."""
    log.warning("no way to hub %s at %s: %s", hub.id, hub.relay, what)
    return SilentHub(values={"hub": hub.name})


def _seconds(error: WSServerHandshakeError) -> int:
    said = error.headers.get("Retry-After", "") if error.headers else ""
    return int(said) if said.isascii() and said.isdecimal() else 1


async def _pass(source: Socket, target: Socket) -> None:
    """Frame by frame; a slow target slows its source. Pings and pongs too: they are end to end."""
    try:
        while True:
            message: WSMessage = await source.receive()
            if message.type is WSMsgType.TEXT:
                await target.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await target.send_bytes(message.data)
            elif message.type is WSMsgType.PING:
                await target.ping(message.data)
            elif message.type is WSMsgType.PONG:
                await target.pong(message.data)
            else:
                await target.close(code=source.close_code or GOING_AWAY)
                return
    except (ConnectionError, ClientError, RuntimeError) as error:
        log.debug("a relayed socket ended: %r", error)
