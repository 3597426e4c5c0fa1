"""A page comes to a hub that does not run its meeting, and is brought to the one that does."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp import WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer, unused_port

from confhub.meetings.meeting import JoinLink
from confhub.meetings.ownership import Hub
from rooms.hub.hub import RoomHub
from rooms.hub.ownership import new_hub
from rooms.media.router import MediaRouter
from rooms.plane.local import LocalPlane
from tests.rooms.house import Page
from tests.rooms.media.peer import Peer, play_offer, send_offer
from tests.web.browser import Clock, WebClient
from tests.web.device_box import path_of, refused
from tests.web.meeting_pages import of_nam_po
from web.api.device_sessions import FRAGMENT, SDP
from web.app import build_app
from web.requests.addresses import RELAYED, Ticket
from web.services import Services

RESTART = "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n"
COOKIE = "SECRETOFTHEPAGE"
FAR_AWAY = "https://hop2.example.gov.vn"


@dataclasses.dataclass
class Two:
    """Two hubs of one store; `links` by site, `clients` one a hub."""

    services: Services
    links: dict[str, JoinLink]
    clients: tuple[WebClient, WebClient]
    hubs: tuple[RoomHub, RoomHub]

    def path(self, site: str) -> str:
        return f"/join/{self.services.tokens.sign(self.links[site])}"

    async def enter(self, client: WebClient, site: str) -> tuple[Page, dict[str, object]]:
        headers = {"Origin": origin_of(client)}
        page = Page(await client.ws_connect(f"{self.path(site)}/socket", headers=headers))
        return page, await page.hello()

    async def refused(self, client: WebClient, **headers: str) -> int:
        with pytest.raises(WSServerHandshakeError) as refusal:
            await client.ws_connect(f"{self.path('cha-nua-room')}/socket", headers=headers)
        return refusal.value.status

    async def knock(self, client: WebClient, **more: str) -> int:
        """The status that a site's page gets for its socket, which is closed at once."""
        headers = {"Origin": origin_of(client), "Cookie": f"confhub={COOKIE}"} | more
        try:
            socket = await client.ws_connect(f"{self.path('cha-nua-room')}/socket", headers=headers)
        except WSServerHandshakeError as refusal:
            return refusal.status
        await socket.close()
        return 101

    def logged_no_secret(self, caplog: pytest.LogCaptureFixture) -> None:
        secrets = (COOKIE, RELAYED, self.path("cha-nua-room").rsplit("/", 1)[-1])
        assert not [secret for secret in secrets if secret in caplog.text], caplog.text

    async def held_by(self, hub: Hub) -> None:
        """Let a hub that is not here run the meeting."""
        await self.services.store.ownership.take("m1", hub, 600.0)


def origin_of(client: WebClient) -> str:
    return str(client.make_url("/")).rstrip("/")


@pytest_asyncio.fixture
async def two(services: Services, clock: Clock) -> AsyncIterator[Two]:
    start = clock.now + dt.timedelta(minutes=30)
    meeting = of_nam_po(start, id="m1", title="Giao ban")
    await services.store.meetings.add(meeting)
    links = await services.store.links.ensure(meeting, meeting.ends_at)
    async with contextlib.AsyncExitStack() as stack:
        clients, hubs = [], []
        for name in ("hub-1", "hub-2"):
            port = unused_port()
            me = new_hub(name, relay=f"http://127.0.0.1:{port}")
            router = await MediaRouter.open(
                addresses=["127.0.0.1"], port=0, on_event=lambda _event: None
            )
            stack.push_async_callback(router.close)
            media = LocalPlane(router)
            hub = RoomHub(store=services.store, bus=services.bus, media=media, hub=me)
            await hub.start()
            settings = msgspec.structs.replace(services.settings, hub_name=name)
            app = build_app(dataclasses.replace(services, rooms=hub, settings=settings))
            client: WebClient = TestClient(TestServer(app, port=port))
            await client.start_server()
            stack.push_async_callback(client.close)
            stack.push_async_callback(hub.close)
            clients.append(client)
            hubs.append(hub)
        by_site = {link.site_id: link for link in links}
        yield Two(services, by_site, (clients[0], clients[1]), (hubs[0], hubs[1]))


async def test_pages_of_two_hubs_meet_in_the_one_that_runs_the_meeting(two: Two) -> None:
    first, second = two.clients
    chair, at_home = await two.enter(first, "nam-po-room")
    assert (at_home["hub"], at_home["via"]) == ("", "")
    commune, welcome = await two.enter(second, "cha-nua-room")
    assert welcome["member"] == "s-cha-nua-room"
    # Officers are told of both hubs (tests/e2e/test_upgrade.py); not who only holds a link.
    assert (welcome["hub"], welcome["via"]) == ("", "")
    await commune.send("hand", raised=True)
    while (await chair.member("s-cha-nua-room"))["hand_at"] is None:
        pass
    await chair.send("hand", raised=True)
    while (await commune.member("s-nam-po-room"))["hand_at"] is None:
        pass
    await commune.socket.close()
    await chair.member("s-cha-nua-room", presence="reconnecting")
    assert len(await two.services.store.ownership.held()) == 1


async def test_who_only_says_that_a_hub_sent_him_is_refused_as_before(two: Two) -> None:
    evil = {"Origin": "https://evil.example", RELAYED: "eyJvcmlnaW4iOiJodHRwczovL2V2aWwifQ.AAAA"}
    assert await two.refused(two.clients[0], **evil) == 403


async def test_a_ticket_is_good_for_the_request_that_it_was_made_for(two: Two) -> None:
    services, at = two.services, two.services.clock().timestamp()
    path = f"{two.path('cha-nua-room')}/socket"

    async def knock(asks: str) -> int:
        ticket = Ticket("https://hop.example.gov.vn", "192.0.2.9", at, "hub-2", asks)
        header = {RELAYED: services.tokens.relayed.sign(msgspec.json.encode(ticket))}
        return await two.knock(two.clients[0], **header, Origin=ticket.origin)

    assert await knock(f"GET {path}") == 101
    assert await knock("GET /join/another/socket") == 403


async def test_a_hub_that_does_not_answer_is_come_back_to(two: Two) -> None:
    first, _ = two.clients
    await two.held_by(Hub("hub-3", "gone", relay=f"http://127.0.0.1:{unused_port()}"))
    assert await two.refused(first, Origin=origin_of(first)) == 503


async def test_what_the_other_hub_refuses_is_said_on_and_no_secret_logged(
    two: Two, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = two.clients
    await two.enter(first, "nam-po-room")
    while await two.knock(first) != 429:  # a page in a loop
        pass
    assert await two.knock(second) == 429
    two.logged_no_secret(caplog)


@pytest.mark.parametrize(("answer", "heard"), [(403, 403), (410, 410), (500, 503), (200, 503)])
async def test_whatever_another_hub_answers_no_secret_is_logged(
    two: Two, caplog: pytest.LogCaptureFixture, answer: int, heard: int
) -> None:
    async def say(_request: web.Request) -> web.Response:
        return web.Response(status=answer)

    app = web.Application()
    app.router.add_get("/{all:.*}", say)
    async with TestServer(app) as odd:
        await two.held_by(Hub("hub-3", "odd", relay=str(odd.make_url("")).rstrip("/")))
        assert await two.knock(two.clients[0]) == heard
    assert ("no way to hub" in caplog.text) == (heard == 503)
    two.logged_no_secret(caplog)


@pytest.mark.parametrize("query", ["?x=%41", "?x=%2f+%c3%a9", "?x=\xff"])
async def test_the_other_hub_is_asked_for_what_was_asked_for_here(two: Two, query: str) -> None:
    asked = []

    async def say(request: web.Request) -> web.Response:
        asked.append(request.raw_path)
        return web.Response(status=410)

    app = web.Application()
    app.router.add_get("/{all:.*}", say)
    client = two.clients[0]
    path = f"{two.path('cha-nua-room')}/socket{query}"
    head = [
        *(f"GET {path} HTTP/1.1", f"Host: {client.host}:{client.port}", "Connection: Upgrade"),
        *(
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: " + "A" * 22 + "==",
        ),
    ]
    async with TestServer(app) as odd:
        await two.held_by(Hub("hub-3", "odd", relay=str(odd.make_url("")).rstrip("/")))
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write("\r\n".join([*head, "", ""]).encode("latin-1"))
        said = await reader.readline()
        writer.close()
    if query.isascii():
        assert (said.split()[1], asked) == (b"410", [path])
    else:
        assert (said.split()[1], asked) == (b"400", [])


async def test_pages_go_to_the_address_of_the_hub_that_runs_the_meeting(two: Two) -> None:
    path = two.path("cha-nua-room")
    await two.held_by(Hub("hub-3", "far", address=FAR_AWAY))
    answer = await two.clients[0].get(path, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, f"{FAR_AWAY}{path}")


async def test_devices_go_there_too(two: Two) -> None:
    await two.held_by(Hub("hub-3", "far", address=FAR_AWAY))
    token = two.services.tokens.whip.sign(two.links["cha-nua-room"])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    answer = await two.clients[0].post(
        "/whip/m1", data="v=0", headers=headers, allow_redirects=False
    )
    assert (answer.status, answer.headers.get("Location")) == (307, f"{FAR_AWAY}/whip/m1")


@pytest.mark.parametrize("use", ["whip", "whep"])
async def test_devices_of_hubs_behind_one_address_are_relayed(two: Two, use: str) -> None:
    first, second = two.clients
    await two.enter(first, "nam-po-room")
    peer = Peer()
    offer = send_offer(peer, rids=()) if use == "whip" else play_offer(peer)
    token = getattr(two.services.tokens, use).sign(two.links["cha-nua-room"])
    headers = {"Authorization": f"Bearer {token}"}
    made = await second.post(f"/{use}/m1", data=offer, headers={**headers, "Content-Type": SDP})
    assert (made.status, made.content_type) == (201, SDP)
    assert (len(two.hubs[0].devices), len(two.hubs[1].devices)) == (1, 0)
    # As the device knows the house: it goes on through whichever hub it comes to.
    assert made.headers["Location"].startswith(f"{origin_of(second)}/{use}/m1/")
    session = path_of(made)
    peer.follow(await made.text())
    await peer.connect()  # straight to the hub that runs the meeting
    change = {**headers, "Content-Type": FRAGMENT, "If-Match": "*"}
    restarted = await second.patch(session, data=RESTART, headers=change)
    assert (restarted.status, restarted.content_type) == (200, FRAGMENT)
    assert restarted.headers["ETag"] != made.headers["ETag"]
    stale = {**change, "If-Match": made.headers["ETag"]}
    await refused(await second.patch(session, data=RESTART, headers=stale), 412)
    assert (await second.delete(session, headers=headers)).status == 200
    await refused(await second.delete(session, headers=headers), 404)
    # Who has no right to it there has none here.
    stranger = {"Authorization": "Bearer x"}
    answer = await second.post(f"/{use}/m1", data=offer, headers={**stranger, "Content-Type": SDP})
    await refused(answer, 401)
    await peer.close()


async def test_a_device_hears_of_a_hub_that_does_not_answer(two: Two) -> None:
    await two.held_by(Hub("hub-3", "gone", relay=f"http://127.0.0.1:{unused_port()}"))
    token = two.services.tokens.whip.sign(two.links["cha-nua-room"])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": SDP}
    answer = await two.clients[0].post("/whip/m1", data="v=0", headers=headers)
    await refused(answer, 503, "other_hub_silent")
