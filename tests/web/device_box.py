"""A device that talks to a hub with real rooms and a real media router, over HTTP."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from confhub.meetings.meeting import JoinLink, Meeting
from rooms.hub.hub import RoomHub
from rooms.hub.ownership import new_hub
from rooms.media.events import MediaEvent
from rooms.media.router import MediaRouter
from rooms.plane.local import LocalPlane
from tests.rooms.media.peer import Peer, play_offer, send_offer
from tests.web.browser import Clock, WebClient
from tests.web.meeting_pages import of_nam_po
from web.api.device_sessions import FRAGMENT, SDP
from web.app import build_app
from web.services import Services


@dataclasses.dataclass
class Box:
    """A device, the hub it talks to, and its site's link."""

    services: Services
    client: WebClient
    hub: RoomHub
    meeting: Meeting
    link: JoinLink
    peer: Peer

    def token(self, use: str = "whip", link: JoinLink | None = None) -> str:
        return str(getattr(self.services.tokens, use).sign(link or self.link))

    async def ask(
        self,
        method: str,
        path: str = "/whip/m1",
        body: str | bytes | None = None,
        *,
        token: str | None = None,
        **headers: str,
    ) -> ClientResponse:
        """With a valid token unless `token` is another one; "" sends none."""
        token = self.token(path.split("/")[1]) if token is None else token
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return await self.client.request(method, path, data=body, headers=sent)

    async def publish(self, body: str | None = None, **more: Any) -> ClientResponse:
        more = {"Content_Type": SDP} | more
        return await self.ask("POST", "/whip/m1", body or send_offer(self.peer, rids=()), **more)

    async def play(self, query: str = "", **more: Any) -> ClientResponse:
        more = {"Content_Type": SDP} | more
        return await self.ask("POST", f"/whep/m1{query}", play_offer(self.peer), **more)

    async def patch(self, session: ClientResponse, body: str, **more: Any) -> ClientResponse:
        more = {"Content_Type": FRAGMENT} | more
        return await self.ask("PATCH", path_of(session), body, **more)


def path_of(created: ClientResponse) -> str:
    return "/" + created.headers["Location"].split("/", 3)[3]


async def refused(answer: ClientResponse, status: int, code: str = "") -> dict[str, Any]:
    """The problem that a refusal tells, with no part of it missing."""
    body: dict[str, Any] = json.loads(await answer.read())
    assert (answer.status, answer.content_type) == (status, "application/problem+json"), body
    assert body.keys() == {"type", "title", "status", "detail", "code", "message"}
    assert body["status"] == status
    assert code in ("", body["code"])
    return body


@asynccontextmanager
async def open_box(services: Services, clock: Clock) -> AsyncIterator[Box]:
    start = clock.now + dt.timedelta(minutes=30)
    meeting = of_nam_po(start, id="m1", title="Giao ban")
    await services.store.meetings.add(meeting)
    links = await services.store.links.ensure(meeting, meeting.ends_at)
    link = next(link for link in links if link.site_id == "cha-nua-room")
    hubs: list[RoomHub] = []

    def pass_on(event: MediaEvent) -> None:
        for hub in hubs:
            hub.on_media(event)

    router = await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=pass_on)
    media = LocalPlane(router)
    hub = RoomHub(store=services.store, bus=services.bus, media=media, hub=new_hub("hub-1"))
    hubs.append(hub)
    await hub.start()
    client: WebClient = TestClient(
        TestServer(build_app(dataclasses.replace(services, rooms=hub, media=media)))
    )
    await client.start_server()
    peer = Peer()
    yield Box(services, client, hub, meeting, link, peer)
    await peer.close()
    await hub.close()
    await client.close()
    await router.close()
