"""A router before the hub that translates addresses, and gives its clients new ones at will."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MAX_DATAGRAM_BYTES = 2048


class Nat:
    """Forwards UDP between clients that know it by `address` and the hub at `hub`."""

    def __init__(self, address: tuple[str, int], hub: tuple[str, int]) -> None:
        self.address = address
        self._hub = hub
        self._front = self._bind(address)
        self._behind: dict[tuple[str, int], socket.socket] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._front.fileno(), self._from_clients)

    @property
    def sources(self) -> set[int]:
        """The ports that the hub sees clients at."""
        return {item.getsockname()[1] for item in self._behind.values()}

    def forget(self, host: str | None = None) -> None:
        """Lose the translations of one client's host, or all, as at a restart: it gets other
        ports at the hub."""
        for client in [item for item in self._behind if host in (None, item[0])]:
            behind = self._behind.pop(client)
            self._loop.remove_reader(behind.fileno())
            behind.close()

    def close(self) -> None:
        self.forget()
        self._loop.remove_reader(self._front.fileno())
        self._front.close()

    def _from_clients(self) -> None:
        data, client = self._front.recvfrom(MAX_DATAGRAM_BYTES)
        behind = self._behind.get(client)
        if behind is None:
            behind = self._behind[client] = self._bind((self._hub[0], 0))
            self._loop.add_reader(behind.fileno(), self._from_hub, behind, client)
        behind.sendto(data, self._hub)

    def _from_hub(self, behind: socket.socket, client: tuple[str, int]) -> None:
        self._front.sendto(behind.recv(MAX_DATAGRAM_BYTES), client)

    @staticmethod
    def _bind(address: tuple[str, int]) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.bind(address)
        return made


@asynccontextmanager
async def open_nat(port: int, outside: str = "127.0.0.2") -> AsyncIterator[Nat]:
    """Between `outside` and a hub that has 127.0.0.1, on the same port."""
    nat = Nat((outside, port), ("127.0.0.1", port))
    try:
        yield nat
    finally:
        nat.close()
