"""The media router of one hub process: owns the port, the certificate and all conferences."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from confhub.pauses import Pauses
from confhub.supervision import supervise
from rooms.media.conference import Conference
from rooms.media.engine.choice import EngineName, make_engine
from rooms.media.engine.srtp import PacketBuffer
from rooms.media.events import MediaEvent
from rooms.media.measurement import RouterStats
from rooms.media.port.addresses import bind_sockets, local_addresses
from rooms.media.port.dtls import Certificate
from rooms.media.port.port import MediaPort
from rooms.media.port.tcp import MAX_CONNECTIONS
from rooms.media.port.transport import MediaSink, Transport
from rooms.media.running import RunningRoom
from rooms.media.sdp.answer import LocalDescription

logger = logging.getLogger(__name__)

# Congestion feedback should come every 50 to 100 ms; all other timers are multiples.
TICK_S = 0.05
# Members take turns within a tick: a hundred at once would hold packets up for 10 ms.
TURNS = 5
# Once a second still keeps connections and estimates alive, should every tick fail.
PAUSES = Pauses(first_s=TICK_S, last_s=1.0)
# Closing connections sends an alert each and waits for nothing; this is for surprises.
CLOSE_TIMEOUT_S = 5.0

SRTP_FAILURES = ("srtp_refused", "srtp_send_refused")

__all__ = ["MediaRouter", "local_addresses"]


class MediaRouter:
    """Use `open`, then `conference`. Not thread-safe: everything runs in one event loop."""

    def __init__(
        self,
        port: MediaPort,
        candidates: Sequence[str],
        on_event: Callable[[MediaEvent], None],
        buffer: PacketBuffer,
        *,
        tcp: bool = False,
    ) -> None:
        """`buffer` is shared by the port's engine and all transports. `tcp`: it is offered."""
        self.conferences: dict[str, Conference] = {}
        self.event_failures = 0
        self._port = port
        self._candidates = [(host, port.port) for host in candidates]
        self._tcp = tcp
        self._on_event = on_event
        self._certificate = Certificate()
        self._buffer = buffer
        self._closing: set[asyncio.Task[None]] = set()
        self._ticker = supervise(self._tick, "media clock", pauses=PAUSES)

    @classmethod
    async def open(
        cls,
        *,
        addresses: Sequence[str],
        port: int,
        announce: Sequence[str] = (),
        on_event: Callable[[MediaEvent], None],
        engine: EngineName = "auto",
        tcp: bool = True,
        tcp_room: int = MAX_CONNECTIONS,
    ) -> MediaRouter:
        """Bind one port, UDP and TCP, on each local address; 0 picks a free one. Raises OSError.

        `announce` are further addresses to offer, such as the public one of a NAT that
        forwards the port here. `tcp_room` is how many TCP connections may be open at once.
        `on_event` is described in rooms.media.events.
        """
        bound = bind_sockets(addresses, port, tcp=tcp)
        # Announced addresses first: where they are given, they are what others can reach.
        candidates = list(dict.fromkeys([*announce, *addresses]))
        buffer = PacketBuffer()
        forwarding = make_engine(buffer, engine)
        logger.info("forwarding engine: %s", forwarding.name)
        opened = MediaPort(bound.udp, bound.port, forwarding, listeners=bound.tcp, room=tcp_room)
        return cls(opened, candidates, on_event, buffer, tcp=tcp)

    @property
    def port(self) -> int:
        return self._port.port

    def conference(self, room_id: str) -> Conference:
        """The media of a room, made on first use; forgotten when its last member leaves."""
        found = self.conferences.get(room_id)
        if found is None:
            found = Conference(
                room_id,
                self._make_transport,
                self._describe,
                self._emit,
                self._own,
                self._port.now,
            )
            self.conferences[room_id] = found
        return found

    def measure(self, room_id: str) -> None:
        """Tell by Measured how a room's connections are doing; nothing where there are none."""
        found = self.conferences.get(room_id)
        if found is not None:
            found.measure(self._port.now())

    def tell_again(self, room_id: str) -> None:
        """Tell what goes on in a room by the events that told of it before."""
        found = self.conferences.get(room_id)
        if found is not None:
            for event in found.running().events():
                self._emit(event)

    def running(self) -> list[RunningRoom]:
        """What goes on in each room where anybody is."""
        return [one.running() for one in self.conferences.values() if not one.is_empty]

    def stats(self) -> RouterStats:
        """Counters since the router opened, and what it holds now."""
        counters = self._port.counters
        transports = [
            party.transport
            for conference in self.conferences.values()
            for party in conference.parties()
        ]
        sent = self._port.engine.counts()
        bad = counters.bad + Counter(
            srtp_send_refused=sent.refused,
            packet_too_long=sent.too_long,
            send_failed=sent.errors,
        )
        return RouterStats(
            datagrams_in=counters.datagrams_in,
            datagrams_out=counters.datagrams_out + sent.datagrams,
            bytes_in=counters.bytes_in,
            bytes_out=counters.bytes_out + sent.bytes,
            drains=counters.drains.copy(),
            bad_datagrams=dict(bad),
            send_drops=counters.send_drops + sent.drops,
            srtp_failures=sum(bad[reason] for reason in SRTP_FAILURES),
            conferences=len(self.conferences),
            transports=len(transports),
            connected=sum(transport.state == "connected" for transport in transports),
            known_addresses=self._port.paths,
            tcp_connections=len(self._port.door.connections),
        )

    async def close(self) -> None:
        """Tell all browsers, then leave the port. Bounded in time."""
        await self._ticker.close()
        for conference in list(self.conferences.values()):
            conference.close()
        self.conferences.clear()
        if self._closing:
            _, pending = await asyncio.wait(self._closing, timeout=CLOSE_TIMEOUT_S)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        self._port.close()

    async def _tick(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(TICK_S / TURNS if self.conferences else TICK_S)
            now = self._port.now()
            turn = (turn + 1) % TURNS
            for room_id, conference in list(self.conferences.items()):
                try:
                    conference.tick(now, turn, TURNS)
                    if conference.is_idle(now):
                        del self.conferences[room_id]
                        conference.close()
                except Exception:
                    # The ticker serves all rooms: the failure of one holds up no other.
                    logger.exception("media of room %s failed", room_id)
            self._port.tick(now)

    def _make_transport(self, sink: MediaSink) -> Transport:
        return Transport(self._port, self._certificate, self._buffer, sink)

    def _describe(self, transport: Transport, version: int) -> LocalDescription:
        return LocalDescription(
            transport.credentials,
            self._certificate.fingerprint,
            self._candidates,
            version,
            tcp=self._tcp,
            generation=transport.agent.generation,
        )

    def _emit(self, event: MediaEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            self.event_failures += 1
            logger.exception("the media event handler failed on %s", type(event).__name__)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name="media that closes")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
