"""Where connections are too many, who makes room for newcomers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path

import pytest

from confhub.hub import wiring
from confhub.hub.wiring import running_hub
from confhub.people import passwords
from tests.parts import there
from tests.waiting import until
from tests.web.requests.crowd import (
    LIMIT,
    SIGN_IN,
    SLOW_BODY,
    all_of,
    are_answered,
    ask,
    get,
    settings_in,
    stalled,
)
from web.requests import connections, form_body


@pytest.fixture
def none_young(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "YOUNG_S", 0.0)


@pytest.mark.usefixtures("none_young")
async def test_who_never_asks_makes_room_behind_the_same_address(tmp_path: Path) -> None:
    async with running_hub(settings_in(tmp_path)) as hub:
        mine = there(hub.services.connections)
        with stalled(hub.port, 3 * LIMIT, "127.0.0.2"):
            for _ in range(3):
                assert await get(hub, "/signin", "127.0.0.2")
            assert mine.count <= LIMIT
            assert mine.made_room >= 2 * LIMIT
            assert mine.refused == {"address": 0, "total": 0}


@pytest.mark.usefixtures("none_young")
async def test_the_longest_idle_makes_room_and_nobody_who_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "raise_file_limit", lambda: 40)
    async with running_hub(settings_in(tmp_path)) as hub, contextlib.AsyncExitStack() as stack:
        limit = there(hub.services.connections).limit
        assert limit < LIMIT
        for _ in range(passwords._THREADS):
            await stack.enter_async_context(passwords.turn(("others",)))
        slow = [await asyncio.open_connection("127.0.0.1", hub.port) for _ in range(3)]
        for _, writer in slow:
            writer.write(SIGN_IN)  # which waits for its turn
        await until(are_answered(hub, 3))
        idle = []
        for number in range(limit + 4):
            source = (f"127.0.0.{2 + number % 4}", 0)
            reader, writer = await asyncio.open_connection("127.0.0.1", hub.port, local_addr=source)
            await ask(reader, writer)
            idle.append((reader, writer))
        async with asyncio.timeout(60):
            for reader, _ in idle[:7]:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
        for reader, writer in idle[7:]:
            await ask(reader, writer)
        await stack.aclose()
        for reader, _ in slow:
            assert b"HTTP/1.1 400" in await reader.readline()
        for _, writer in [*slow, *idle]:
            writer.close()
        ended = (writer.wait_closed() for _, writer in [*slow, *idle])
        await asyncio.gather(*ended, return_exceptions=True)
        assert there(hub.services.connections).made_room == 7


@pytest.mark.usefixtures("none_young")
@pytest.mark.parametrize("tls", ["off", "lab"])
async def test_who_brings_a_body_slowly_makes_room_behind_the_same_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    monkeypatch.setattr(form_body, "BODY_TIMEOUT_S", 600.0)
    async with running_hub(settings_in(tmp_path, tls=tls)) as hub:
        context = ssl._create_unverified_context() if hub.tls else None
        mine = there(hub.services.connections)
        slow = []
        for _ in range(2 * LIMIT):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", hub.port, local_addr=("127.0.0.2", 0), ssl=context
            )
            writer.write(SLOW_BODY)
            slow.append(writer)
        for _ in range(3):
            assert await get(hub, "/signin", "127.0.0.2")
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", hub.port, local_addr=("127.0.0.2", 0), ssl=context
        )
        writer.write(SIGN_IN)
        assert b"HTTP/1.1 400" in await reader.readline()  # a wrong password
        assert mine.count <= LIMIT
        assert mine.refused == {"address": 0, "total": 0}
        for one in [*slow, writer]:
            one.transport.abort()


@pytest.mark.usefixtures("none_young")
async def test_who_takes_no_answer_makes_room_behind_the_same_address(
    tmp_path: Path,
) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    async with running_hub(settings_in(tmp_path), accept_on=(listener.fileno(),)) as hub:
        listener.close()
        mine = there(hub.services.connections)
        asked = b"GET /signin HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20
        stalled = []
        for _ in range(LIMIT):
            narrow = socket.socket()
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            narrow.setblocking(False)
            narrow.bind(("127.0.0.2", 0))
            await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", hub.port))
            _, writer = await asyncio.open_connection(sock=narrow)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(asked)
            stalled.append(writer)

        async def are_stuck() -> bool:
            idle = all_of(hub)._idle
            return len(idle) == LIMIT and all(guest.is_sent_to for guest in idle)

        await until(are_stuck, 30)
        for _ in range(3):
            assert await get(hub, "/signin", "127.0.0.2")
        assert mine.refused == {"address": 0, "total": 0}
        for writer in stalled:
            writer.transport.abort()
