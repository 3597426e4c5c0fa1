"""A hub with its pages: real store, bus, sockets; the media plane is a fake of ours."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import ClientSession, ClientWebSocketResponse, WSMessage, WSMsgType, web

from confhub.bus import news
from confhub.bus.interface import Bus
from confhub.errors import Gone
from confhub.meetings.meeting import Meeting
from confhub.meetings.ownership import Hub
from confhub.store import Store
from confhub.units.unit import NewUnit
from rooms.hub.hub import Limits, RoomHub, Seat
from rooms.hub.ownership import new_hub
from rooms.plane.interface import MediaPlane
from rooms.protocol.messages import MAX_MESSAGE_BYTES
from tests import waiting
from tests.delivering import delivering
from tests.rooms.fakes import FakeMedia

PATIENCE_S = 10.0  # a test that waits longer has failed
MEETING = "m1"
SITES = ("tinh", "huyen", "xa")  # their units and sites bear the same id
NEW_UNITS = [
    NewUnit("province", "Tỉnh Điện Biên", None, id="tinh"),
    NewUnit("district", "Huyện Nậm Pồ", "tinh", id="huyen"),
    NewUnit("commune", "Xã Chà Nưa", "huyen", id="xa"),
]


def meeting(**changed: Any) -> Meeting:
    start = dt.datetime(2026, 11, 25, 1, tzinfo=dt.UTC)
    values: dict[str, Any] = {
        "id": MEETING,
        "title": "Giao ban tuần",
        "level_id": "district",
        "host_unit_id": "huyen",
        "chair_site_id": "huyen",
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=2),
        "sites": SITES,
    }
    return Meeting(**(values | changed))


def site_seat(site: str, **changed: Any) -> Seat:
    values: dict[str, Any] = {
        "meeting_id": MEETING,
        "member_id": f"s-{site}",
        "site_id": site,
        "name": f"Phòng họp {site}",
        "unit": site,
        "level": "Xã",
        "rank": 4,
        "role": "site",
        "may_drive": False,
        "may_end": False,
        "language": "vi",
        "link_id": f"link-{site}",
    }
    return Seat(**(values | changed))


def secretary(name: str = "thuky") -> Seat:
    return site_seat(
        "",
        member_id=f"a-{name}",
        site_id=None,
        name="Thư ký",
        role="secretary",
        may_drive=True,
        may_end=True,
        link_id=None,
    )


class Page:
    """One browser page's socket: sends messages, keeps what came."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send_json({"type": kind, **fields})

    async def hello(self, resume: str = "") -> dict[str, Any]:
        await self.send("hello", version=1, resume=resume)
        return await self.expect("welcome")

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None once the socket is closed."""
        # A timeout of aiohttp's own would start anew at every ping.
        async with asyncio.timeout(PATIENCE_S):
            frame = await self._frame()
        if frame is None or frame.type is not WSMsgType.TEXT:
            return None
        message: dict[str, Any] = msgspec.json.decode(frame.data)
        self.seen.append(message)
        return message

    async def _frame(self) -> WSMessage | None:
        return await self.socket.receive()

    async def expect(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next message of a type and with these fields; others are passed over."""
        while (message := await self.receive()) is not None:
            if message["type"] == kind and all(
                message.get(name) == value for name, value in fields.items()
            ):
                return message
        raise AssertionError(f"closed with {self.socket.close_code} before {kind}: {self.seen}")

    async def member(self, member_id: str, **fields: Any) -> dict[str, Any]:
        """The next state of a seat in which these fields hold."""
        while True:
            view: dict[str, Any] = (await self.expect("member"))["member"]
            if view["id"] == member_id and all(view[n] == v for n, v in fields.items()):
                return view

    async def closed(self) -> int | None:
        """Read to the end; the close code."""
        while await self.receive() is not None:
            pass
        return self.socket.close_code

    def cut(self) -> None:
        """End the connection, as a browser that is gone; aiohttp offers only to say goodbye.

        One that is left open is complained of when the garbage of its test is collected, which may
        be in the middle of another.
        """
        self.socket._response.close()


class House:
    """One hub behind a web server on a port of its own."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        media: MediaPlane,
        *,
        limits: Limits | None = None,
        **more: Any,
    ) -> None:
        self.store = store
        self.bus = bus
        more.setdefault("hub", new_hub("hub-1"))
        self.me: Hub = more["hub"]
        clock: Callable[[], float] = more.get("clock", time.time)
        self._delivering = delivering(
            store, bus, lambda: dt.datetime.fromtimestamp(clock(), dt.UTC)
        )
        self.hub = RoomHub(store=store, bus=bus, media=media, limits=limits, **more)
        if isinstance(media, FakeMedia):
            media.emit = self.hub.on_media
        self.revoked: set[str] = set()  # member ids that `check` turns away
        self.checks = 0
        self._seats: dict[str, Seat] = {}
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None
        self._pages: list[Page] = []
        self._address = ""

    async def open(self) -> None:
        await self._delivering.__aenter__()
        await self.hub.start()
        app = web.Application()
        app.router.add_get("/{seat}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self._address = f"http://{host}:{port}"
        self._client = ClientSession()

    async def close(self) -> None:
        await self.hub.close()
        await self._delivering.__aexit__(None, None, None)
        for page in self._pages:
            page.cut()
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def page(self, seat: Seat, **options: Any) -> Page:
        """A page's socket, before hello."""
        assert self._client is not None
        key = str(len(self._seats))
        self._seats[key] = seat
        options.setdefault("max_msg_size", 4 * 1024 * 1024)
        page = Page(await self._client.ws_connect(f"{self._address}/{key}", **options))
        self._pages.append(page)
        return page

    async def join(self, seat: Seat) -> tuple[Page, dict[str, Any]]:
        """A page that said hello, and its welcome."""
        page = await self.page(seat)
        return page, await page.hello()

    async def announce(self, what: Any, site_id: str | None = None) -> None:
        item = news.MeetingNews(MEETING, what, site_id)
        await self.bus.publish(news.MEETINGS_TOPIC, news.encode(item))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        seat = self._seats[request.match_info["seat"]]

        async def check() -> None:
            self.checks += 1
            if seat.member_id in self.revoked:
                raise Gone

        socket = web.WebSocketResponse(
            max_msg_size=MAX_MESSAGE_BYTES,
            compress=False,
            autoping=False,
            timeout=1.0,
            writer_limit=16 * 1024,
        )
        await socket.prepare(request)
        try:
            await self.hub.serve(socket, seat, check)
        finally:
            if request.transport is not None and not socket.closed:
                request.transport.abort()
        return socket


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition that no message announces."""

    async def holds() -> bool:
        return bool(condition())

    await waiting.until(holds, PATIENCE_S)
