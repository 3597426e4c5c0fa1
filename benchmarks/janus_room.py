"""The same synthetic media in a Janus videoroom: its WebSocket protocol in place of ours."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from typing import Any

import aiohttp

from rooms.load.synthetic.clip import Clip
from rooms.load.synthetic.descriptions import expectations, receive_answer, send_offer
from rooms.load.synthetic.link import Link, read_remote
from rooms.load.synthetic.receiver import Receiver
from rooms.load.synthetic.sender import Sender
from rooms.media.port.dtls import Certificate

ROOM = 1
ANSWER_TIMEOUT_S = 20.0
KEEP_ALIVE_S = 20.0


class JanusRoom:
    """One videoroom with its publishers and subscribers, all over one session."""

    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        self.senders: list[Sender] = []
        self.receivers: list[Receiver] = []
        self.cipher = ""
        self._http = http
        self._address = address
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._session = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._links: list[Link] = []
        self._feeds: list[int] = []
        self._certificate = Certificate()

    @property
    def own_drops(self) -> int:
        return sum(link.own_drops for link in self._links)

    async def open(self) -> None:
        socket = await self._http.ws_connect(
            self._address, protocols=["janus-protocol"], compress=0, max_msg_size=1 << 20
        )
        self._socket = socket
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._read(socket))]
        self._session = (await self._ask({"janus": "create"}))["data"]["id"]
        self._tasks.append(loop.create_task(self._keep_alive()))
        handle = await self._attach()
        body = {"request": "create", "room": ROOM, "publishers": 16, "bitrate": 10_000_000}
        await self._ask_plugin(handle, body)

    async def publish(self, clip: Clip, rid: str, *, speaks: bool) -> None:
        """One more publisher with one layer of the clip."""
        sender = Sender(clip, [rid], speaks=speaks)
        link = Link(self._certificate, sender)
        handle = await self._attach()
        body = {"request": "join", "ptype": "publisher", "room": ROOM, "display": "load"}
        joined = await self._ask_plugin(handle, body)
        self._feeds.append(joined["plugindata"]["data"]["id"])
        # Asked to choose, Janus would be the DTLS client; our links are.
        offer = send_offer(sender, link.transport_lines("active"))
        answer = await self._ask_plugin(
            handle, {"request": "publish"}, {"type": "offer", "sdp": offer}
        )
        await self._connect(handle, link, answer["jsep"]["sdp"])
        sender.start(link)
        self._links.append(link)
        self.senders.append(sender)

    async def subscribe(self, *, sampled: bool) -> None:
        """One more subscriber, to everything that is published."""
        receiver = Receiver(sampled=sampled)
        link = Link(self._certificate, receiver, stamped=sampled)
        handle = await self._attach()
        streams = [{"feed": feed} for feed in self._feeds]
        body = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams}
        joined = await self._ask_plugin(handle, body)
        offer = joined["jsep"]["sdp"]
        receiver.expect(expectations(offer))
        answer = receive_answer(offer, link.transport_lines("active"))
        await self._ask_plugin(handle, {"request": "start"}, {"type": "answer", "sdp": answer})
        await self._connect(handle, link, offer)
        receiver.start(link)
        self.cipher = link.cipher
        self._links.append(link)
        self.receivers.append(receiver)

    async def close(self) -> None:
        for receiver in self.receivers:
            receiver.stop()
        for sender in self.senders:
            await sender.stop()
        for link in self._links:
            await link.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def _connect(self, handle: int, link: Link, sdp: str) -> None:
        """libnice as a lite agent nominates no pair before it has been told our candidate."""
        remote = read_remote(sdp)
        candidate = {"candidate": link.open(remote), "sdpMid": "0", "sdpMLineIndex": 0}
        for item in (candidate, {"completed": True}):
            await self._ask({"janus": "trickle", "handle_id": handle, "candidate": item})
        await link.connect(remote)

    async def _attach(self) -> int:
        reply = await self._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})
        handle: int = reply["data"]["id"]
        return handle

    async def _ask_plugin(
        self, handle: int, body: Mapping[str, Any], jsep: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        message: dict[str, Any] = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            message["jsep"] = jsep
        reply = await self._ask(message)
        data = reply.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise RuntimeError(f"Janus refused {body['request']}: {data['error']}")
        return reply

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._socket is not None
        # What is trickled is only acknowledged.
        kind = "t" if message["janus"] == "trickle" else "m"
        transaction = f"{kind}{next(self._numbers)}"
        reply = asyncio.get_running_loop().create_future()
        self._replies[transaction] = reply
        session = {"session_id": self._session} if self._session else {}
        await self._socket.send_json({**message, **session, "transaction": transaction})
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer: dict[str, Any] = await reply
        if answer["janus"] == "error":
            raise RuntimeError(f"Janus refused {message['janus']}: {answer['error']}")
        return answer

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            message = frame.json()
            # "ack" only says that the answer will come as an event of the same transaction.
            reply = self._replies.get(message.get("transaction", ""))
            is_early = message["janus"] == "ack" and not message["transaction"].startswith("t")
            if reply is not None and not is_early and not reply.done():
                reply.set_result(message)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_S)
            assert self._socket is not None
            message = {"janus": "keepalive", "session_id": self._session, "transaction": "alive"}
            await self._socket.send_json(message)
