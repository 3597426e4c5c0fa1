"""A poor line between clients and a hub: a rate, a queue, a delay, loss. Model and UDP relay.

`Line` is the model, pure, for simulations. `Relay` carries real datagrams through two of them:
clients are given its address in place of the hub's (`through`), so no privileges are needed.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Address = tuple[Any, ...]

MAX_DATAGRAM_BYTES = 2048
# Datagrams read at once, so that one direction does not hold up the other.
MAX_READ = 64
# Addresses of clients; a test has a few, a benchmark some dozens.
MAX_CLIENTS = 256
SOCKET_BYTES = 4 * 1024 * 1024  # the line's own queue is the one that drops


@dataclass
class Line:
    """One direction. May be changed while it runs; None for no limit.

    `queue_s` is how long a datagram may wait at the present rate before it is dropped, which
    is what the buffer of a modem or a shaped port amounts to.
    """

    rate_bps: float | None = None
    queue_s: float = 0.3
    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    seed: int = 1
    overhead_bytes: int = 28  # IPv4 and UDP headers take their share of the rate
    carried: int = 0
    lost: int = 0
    overflowed: int = 0
    longest_wait_s: float = 0.0
    _waiting_bits: float = 0.0
    _looked_at: float = 0.0
    _latest: float = 0.0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def waiting_s(self, now: float) -> float:
        """How long a datagram would wait in the queue now."""
        rate_bps = self.rate_bps
        if rate_bps is None:
            return 0.0
        elapsed = max(0.0, now - self._looked_at)
        self._waiting_bits = max(0.0, self._waiting_bits - elapsed * rate_bps)
        self._looked_at = now
        return self._waiting_bits / rate_bps

    def carry(self, size: int, now: float) -> float | None:
        """When a datagram of `size` bytes that is sent now arrives; None when it does not.

        Nothing overtakes. Times must not go backwards.
        """
        if self.loss and self._random.random() < self.loss:
            self.lost += 1
            return None
        wait_s = self.waiting_s(now)
        if self.rate_bps is not None:
            if wait_s > self.queue_s:
                self.overflowed += 1
                return None
            bits = 8 * (size + self.overhead_bytes)
            self._waiting_bits += bits
            wait_s += bits / self.rate_bps
        self.longest_wait_s = max(self.longest_wait_s, wait_s)
        self.carried += 1
        jitter_s = self._random.uniform(0.0, self.jitter_s) if self.jitter_s else 0.0
        self._latest = max(self._latest, now + wait_s + self.delay_s + jitter_s)
        return self._latest

    def begin(self) -> None:
        """Count anew."""
        self.carried = self.lost = self.overflowed = 0
        self.longest_wait_s = 0.0


class Relay:
    """Stands before a hub's media port. `down` goes to the clients, `up` to the hub; all
    clients share the two lines, as the machines of one site do. Use `open_relay`."""

    def __init__(self, hub: Address, host: str, down: Line, up: Line) -> None:
        self.down, self.up = down, up
        self._hub = hub
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._front = self._bind(self._read_front)
        self.address: Address = self._front.getsockname()
        self._backs: dict[Address, socket.socket] = {}
        self._flights = {id(line): Flight(line, self._loop) for line in (down, up)}

    def through(self, sdp: str) -> str:
        """A description of the hub's whose only candidate is this relay."""
        lines = sdp.split("\r\n")
        out: list[str] = []
        kept = False
        for line in lines:
            if line.startswith("m="):
                kept = False
            words = line.split(" ")
            if not line.startswith("a=candidate:"):
                out.append(line)
            elif not kept and words[2].lower() == "udp":
                words[4:6] = [str(self.address[0]), str(self.address[1])]
                out.append(" ".join(words))
                kept = True
        return "\r\n".join(out)

    def close(self) -> None:
        for flight in self._flights.values():
            flight.close()
        for item in (self._front, *self._backs.values()):
            self._loop.remove_reader(item.fileno())
            item.close()

    def _bind(self, read: Callable[[socket.socket], None]) -> socket.socket:
        item = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        item.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        item.bind((self._host, 0))
        item.setblocking(False)
        self._loop.add_reader(item.fileno(), read, item)
        return item

    def _read_front(self, front: socket.socket) -> None:
        for data, client in _read(front):
            back = self._backs.get(client)
            if back is None:
                if len(self._backs) >= MAX_CLIENTS:
                    continue
                back = self._backs[client] = self._bind(
                    lambda item, client=client: self._read_back(item, client)  # type: ignore[misc]
                )
            self._flights[id(self.up)].carry(data, back, self._hub)

    def _read_back(self, back: socket.socket, client: Address) -> None:
        for data, _ in _read(back):
            self._flights[id(self.down)].carry(data, self._front, client)


class Flight:
    """Datagrams on their way over one line, in order; one timer."""

    def __init__(self, line: Line, loop: asyncio.AbstractEventLoop) -> None:
        self._line = line
        self._loop = loop
        self._waiting: deque[tuple[float, bytes, socket.socket, Address]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def carry(self, data: bytes, sock: socket.socket, to: Address) -> None:
        arrives = self._line.carry(len(data), self._loop.time())
        if arrives is None:
            return
        self._waiting.append((arrives, data, sock, to))
        if self._timer is None:
            self._timer = self._loop.call_at(arrives, self._land)

    def _land(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._waiting:
            arrives, data, sock, to = self._waiting[0]
            if arrives > now:
                self._timer = self._loop.call_at(arrives, self._land)
                return
            self._waiting.popleft()
            try:
                sock.sendto(data, to)
            except OSError:
                self._line.lost += 1  # the other end is gone, or the kernel's buffer is full

    def close(self) -> None:
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()


def _read(item: socket.socket) -> list[tuple[bytes, Address]]:
    found: list[tuple[bytes, Address]] = []
    while len(found) < MAX_READ:
        try:
            found.append(item.recvfrom(MAX_DATAGRAM_BYTES))
        except (BlockingIOError, ConnectionError):
            break
    return found


def hub_address(sdp: str) -> Address:
    """Where the first candidate of a hub's description is."""
    found = re.search(r"^a=candidate:\S+ \d+ udp \d+ (\S+) (\d+) ", sdp, re.MULTILINE | re.I)
    if found is None:
        raise ValueError("no candidate")
    return (found[1], int(found[2]))


@asynccontextmanager
async def open_relay(
    hub: Address, *, host: str | None = None, down: Line | None = None, up: Line | None = None
) -> AsyncIterator[Relay]:
    """A relay before the hub's media port at `hub`, on a free port of `host` (the hub's)."""
    relay = Relay(hub, host or str(hub[0]), down or Line(), up or Line())
    try:
        yield relay
    finally:
        relay.close()
