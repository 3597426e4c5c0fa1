"""Long answers that nobody takes are counted until they are taken, and bounded."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiohttp import web

from confhub.turns import ASKER
from tests.waiting import until
from web import unsent
from web.middleware import occupy_connection
from web.requests import form_body
from web.requests.addresses import stranger
from web.requests.connections import Connections

LONG = 6_000_000  # more than all buffers of the kernel on the way
COUNTED = LONG - unsent.UNCOUNTED_BYTES
LAST = 1_000_000  # less than they would take


ANSWERED = web.AppKey("answered", list[str])


async def long_page(request: web.Request) -> web.Response:
    ASKER.set(stranger(request.query["of"]))
    return web.Response(body=b"x" * LONG)


async def short_page(request: web.Request) -> web.Response:
    ASKER.set(stranger(request.query["of"]))
    request.app[ANSWERED].append(request.path)
    return web.Response(body=b"x" * unsent.UNCOUNTED_BYTES)


async def last_page(request: web.Request) -> web.Response:
    """As behind a long form: the connection ends with the answer."""
    ASKER.set(stranger(request.query["of"]))
    response = web.Response(body=b"x" * LAST)
    response.force_close()
    return response


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> form_body.BodyBytes:
    monkeypatch.setattr(form_body, "STRANGER_BYTES", 2 * COUNTED)
    monkeypatch.setattr(unsent, "LOOK_S", 0.01)
    return form_body.BodyBytes()


@pytest.fixture
def answered() -> list[str]:
    """The short pages that were made."""
    return []


@pytest_asyncio.fixture
async def port(kept: form_body.BodyBytes, answered: list[str]) -> AsyncIterator[int]:
    app = web.Application(middlewares=[occupy_connection])
    app[form_body.KEPT] = kept
    app[ANSWERED] = answered
    app.router.add_get("/long", long_page)
    app.router.add_get("/short", short_page)
    app.router.add_get("/last", last_page)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    assert runner.server is not None
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    port = listener.getsockname()[1]
    connections = Connections(limit=64, per_address=32)
    connections.serve([listener], runner.server, None)
    yield port
    connections.stop()
    await runner.cleanup()
    await connections.close()


@contextlib.contextmanager
def asking(port: int, path: str, times: int = 1) -> Iterator[socket.socket]:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", port))
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * times)
        yield sock


async def read(sock: socket.socket, size: int) -> bytes:
    sock.setblocking(False)
    data = bytearray()
    while len(data) < size and (more := await asyncio.get_running_loop().sock_recv(sock, 65_536)):
        data += more
    return bytes(data)


async def test_what_nobody_takes_is_counted_and_bounded_until_it_is_taken(
    port: int, kept: form_body.BodyBytes
) -> None:
    async def lie(times: int) -> None:
        async def are_counted() -> bool:
            return kept.sum == times * COUNTED

        await until(are_counted)

    with asking(port, "/long?of=10.0.0.1") as first, asking(port, "/long?of=10.0.0.1"):
        await lie(2)
        with asking(port, "/long?of=10.0.0.1") as third:
            assert (await read(third, 12)).startswith(b"HTTP/1.1 429")
        with asking(port, "/short?of=10.0.0.1") as short, asking(port, "/long?of=10.0.0.2"):
            assert (await read(short, 12)).startswith(b"HTTP/1.1 200")
            await lie(3)
        await lie(2)  # who leaves takes it along
        assert (await read(first, LONG)).startswith(b"HTTP/1.1 200")
        await lie(1)
    await lie(0)


async def test_an_answer_counts_until_it_is_taken_though_the_connection_ends_with_it(
    port: int, kept: form_body.BodyBytes
) -> None:
    async def lies(size: int) -> None:
        async def is_counted() -> bool:
            return kept.sum == size

        await until(is_counted)

    with asking(port, "/last?of=10.0.0.1") as last:
        for _ in range(3):  # looks at it meanwhile
            with asking(port, "/short?of=10.0.0.2") as other:
                await read(other, unsent.UNCOUNTED_BYTES)
        await lies(LAST - unsent.UNCOUNTED_BYTES)
        assert len(await read(last, 2 * LAST)) > LAST
        await lies(0)


async def test_who_asks_ahead_is_answered_when_he_has_taken_the_answers_before(
    port: int, answered: list[str]
) -> None:
    with asking(port, "/short?of=10.0.0.1", times=40) as ahead:
        with asking(port, "/short?of=10.0.0.2") as other:
            await read(other, unsent.UNCOUNTED_BYTES)
        assert answered.count("/short") <= 3
        await read(ahead, 40 * unsent.UNCOUNTED_BYTES)
        assert answered.count("/short") == 41
