"""One member's dealings with the media plane: offers, answers and views, one after another.

A task of its own, so that a slow handshake holds up neither the room nor the member's socket: where
media run in a process of their own, each answer comes over a socket. What needs no answer is only
told, and has no task.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from confhub.errors import ConfhubError, TooMany, Unavailable
from confhub.quality import HubSide
from confhub.supervision import supervise
from rooms.media.events import Slot
from rooms.media.measurement import PublisherMeasurement, SubscriberMeasurement
from rooms.media.source import Source, Tile
from rooms.plane.interface import Conference
from rooms.protocol import messages as p
from rooms.protocol.codec import tag_of
from rooms.state.offers import Offers

log = logging.getLogger(__name__)

# Certificates and handshakes start in milliseconds; a call that takes longer hangs.
CALL_TIMEOUT_S = 10.0
# The sum of the bursts of the four message types: the rate limit speaks before this does.
MAX_JOBS = 64

MediaMessage = p.Publish | p.Answer | p.Restart | p.View
MEDIA_MESSAGES: frozenset[type] = frozenset({p.Publish, p.Answer, p.Restart, p.View})


class Client(Protocol):
    """The member's present socket."""

    takes_offers: bool

    def send(self, message: p.HubMessage) -> None: ...
    def refuse(
        self, error: ConfhubError, about: str | None, request: str | None = None
    ) -> None: ...


class MediaDesk:
    """Made when a page comes with nothing connected; closed when its media is removed."""

    def __init__(
        self,
        conference: Conference,
        member: str,
        clock: Callable[[], float],
        *,
        publishes: bool = False,
        receives: bool = False,
    ) -> None:
        """`publishes`, `receives`: the connection is there already, from before this hub began."""
        self._conference = conference
        self._member = member
        self._clock = clock
        self._client: Client | None = None
        self._offers = Offers()
        self._jobs: deque[MediaMessage] = deque()
        self._slots: p.Slots | None = None
        self._layers: dict[Source, p.Layers] = {}
        self._publishes, self._receives = publishes, receives
        self._is_device = False
        self._wake = asyncio.Event()
        self._task = supervise(self._run, "member media", member)

    def attach(self, client: Client) -> None:
        """A socket for this page: the first, or a new one after a lost one."""
        self._jobs.clear()
        self._client = client
        self._is_device = not client.takes_offers
        if client.takes_offers and not self._receives:
            self._offers.want()
        self._offers.withdraw()
        if self._slots is not None:
            client.send(self._slots)
        for layers in self._layers.values():
            client.send(layers)
        self._wake.set()

    def detach(self) -> None:
        """The socket is gone; the connections may live on."""
        self._client = None
        self._jobs.clear()

    def post(self, message: MediaMessage) -> None:
        """Take one message of the member; its outcome is sent to the member's socket."""
        if len(self._jobs) >= MAX_JOBS:
            raise TooMany(retry_after_s=1)
        self._jobs.append(message)
        self._wake.set()

    def ask_offer(self) -> None:
        """The media plane needs a new offer to be made."""
        self._offers.want()
        self._wake.set()

    def set_slots(self, slots: tuple[Slot, ...]) -> None:
        """Tell the member what its slots carry now."""
        self._slots = p.Slots([p.Slot(s.mid, s.kind, s.member_id, s.source) for s in slots])
        if self._client is not None:
            self._client.send(self._slots)

    def set_layers(self, source: Source, rids: tuple[str, ...]) -> None:
        """Tell the member which layers of a source anybody watches."""
        layers = self._layers[source] = p.Layers(source, list(rids))
        if self._client is not None:
            self._client.send(layers)

    def hub_side(
        self, up: PublisherMeasurement | None, down: SubscriberMeasurement | None
    ) -> HubSide:
        """The hub's side of both connections, of what was measured of them."""
        side: dict[str, Any] = {"device": self._is_device}
        if self._publishes and up is not None:
            side |= {
                "send_state": up.state,
                "rtt_ms": up.rtt_ms,
                "loss_up_fraction": up.loss_fraction,
                "jitter_up_ms": max((s.jitter_ms for s in up.sources), default=None),
                "up_bps": up.bitrate_bps,
                "cipher": up.cipher,
            }
        if self._receives and down is not None:
            side |= {
                "receive_state": down.state,
                "loss_down_fraction": down.loss_fraction,
                "jitter_down_ms": down.jitter_ms,
                "down_bps": down.sent_bps,
                "budget_bps": down.budget_bps,
                "cipher": down.cipher or side.get("cipher"),
            }
            if down.rtt_ms is not None:
                side["rtt_ms"] = down.rtt_ms
        return HubSide(**side)

    async def close(self) -> None:
        """End the task. The member's connections are the conference's to remove."""
        self.detach()
        await self._task.close()

    async def _run(self) -> None:
        while True:
            self._wake.clear()  # first: what comes while the plane answers is not missed
            while self._jobs:
                await self._do(self._jobs.popleft())
            await self._send_offer_if_due()
            deadline = self._offers.deadline() if self._client else None
            wait_s = None if deadline is None else max(0.0, deadline - self._clock())
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _send_offer_if_due(self) -> None:
        client = self._client
        if client is None or not self._offers.is_due(self._clock()):
            return
        # Out from here on: who wants another meanwhile, or comes anew, is not forgotten.
        offer_id = self._offers.send(self._clock())
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                sdp = await self._conference.offer(self._member)
        except Exception as error:
            # Asked again by the next restart or view; the room goes on without.
            if not isinstance(error, ConfhubError | TimeoutError):
                log.exception("no offer for %s", self._member)
            if client is self._client:
                client.refuse(Unavailable(), "offer")
            return
        self._receives = True
        # The page may have been replaced meanwhile: its next one has an offer of its own.
        if client is self._client:
            client.send(p.Offer(offer_id, sdp))

    async def _do(self, message: MediaMessage) -> None:
        client = self._client
        if client is None:
            return
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                reply = await _HANDLERS[type(message)](self, message)
            # The page may have been replaced meanwhile: the answer is not for the new one.
            if reply is not None and client is self._client:
                client.send(reply)
        except ConfhubError as error:
            client.refuse(error, tag_of(message), message.request)
        except TimeoutError:
            client.refuse(Unavailable(), tag_of(message), message.request)
        except Exception:
            log.exception("%s of %s failed", tag_of(message), self._member)
            client.refuse(Unavailable(), tag_of(message), message.request)

    async def _publish(self, message: p.Publish) -> p.HubMessage | None:
        self._publishes = True
        answer = await self._conference.publish(
            self._member,
            message.sdp,
            dict(message.sources),
            pauses_unseen=not self._is_device,
        )
        return p.Published(answer, request=p.repeated(message.request))

    async def _accept(self, message: p.Answer) -> p.HubMessage | None:
        self._offers.check(message.offer_id)
        await self._conference.accept(self._member, message.sdp)
        self._offers.settle()
        return p.done(message)

    async def _restart(self, message: p.Restart) -> p.HubMessage | None:
        # A fresh connection answers with another fingerprint, which the subscriber takes as a
        # new association: both kinds of restart need only new credentials here.
        self._conference.restart(self._member)
        self._offers.withdraw()
        self._offers.want()
        return p.done(message)

    async def _view(self, message: p.View) -> p.HubMessage | None:
        tiles = [
            Tile(t.member, t.source, min(max(t.height_px, 0), p.MAX_TILE_HEIGHT_PX))
            for t in message.tiles[: p.MAX_TILES]
        ]
        self._conference.set_view(self._member, tiles)
        return p.done(message)


_HANDLERS: dict[type, Callable[[MediaDesk, Any], Awaitable[p.HubMessage | None]]] = {
    p.Publish: MediaDesk._publish,
    p.Answer: MediaDesk._accept,
    p.Restart: MediaDesk._restart,
    p.View: MediaDesk._view,
}
