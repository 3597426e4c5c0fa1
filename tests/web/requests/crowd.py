"""Clients of the pages that stall, or come in crowds, and a hub for them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp

from confhub.config import Settings
from confhub.hub.wiring import RunningHub
from tests import parts
from web.requests.connections import Connections
from web.wire.guests import Guests

STALLED = "POST /signin HTTP/1.1\r\nHost: localhost\r\n"
FORM_TYPE = "Content-Type: application/x-www-form-urlencoded"
SIGN_IN = f"{STALLED}Content-Length: 18\r\n{FORM_TYPE}\r\n\r\nlogin=a&password=b".encode()
SLOW_BODY = f"{STALLED}Content-Length: 580000\r\n{FORM_TYPE}\r\n\r\nl".encode()
LIMIT = 16


def settings_in(folder: Path, **values: object) -> Settings:
    """Of a hub that takes LIMIT connections of an address."""
    return parts.settings_in(folder, **{"connections_per_address": LIMIT, **values})


@contextlib.contextmanager
def stalled(port: int, number: int, source: str, said: bytes = STALLED.encode()) -> Iterator[None]:
    """Open so many connections from one address, each with the beginning of a request."""
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            item = stack.enter_context(
                socket.create_connection(("127.0.0.1", port), 10, source_address=(source, 0))
            )
            item.sendall(said)
        yield


def hello() -> bytes:
    """The first flight of a TLS handshake, which anybody may send again."""
    ours = ssl.MemoryBIO()
    client = ssl._create_unverified_context().wrap_bio(ssl.MemoryBIO(), ours)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return ours.read()


async def get(hub: RunningHub, path: str, source: str = "127.0.0.1") -> str:
    scheme = "https" if hub.tls else "http"
    connector = aiohttp.TCPConnector(local_addr=(source, 0), ssl=False)
    async with (
        aiohttp.ClientSession(connector=connector) as client,
        client.get(f"{scheme}://127.0.0.1:{hub.port}{path}") as answer,
    ):
        assert answer.status == 200
        return await answer.text()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request and its whole answer, on a connection that stays."""
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    await reader.readexactly(int(head.partition(b"Content-Length: ")[2].split()[0]))


def are_answered(hub: RunningHub, number: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many connections' requests are whole and not answered yet."""

    async def are() -> bool:
        return all_of(hub).answered == number

    return are


def all_of(hub: RunningHub) -> Guests:
    connections = hub.services.connections
    assert isinstance(connections, Connections)
    return connections._all
