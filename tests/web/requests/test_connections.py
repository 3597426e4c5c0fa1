"""Clients that stall, or come in crowds: others still get in."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
import uvloop

from confhub.bucket import Rate
from confhub.hub import wiring
from confhub.hub.wiring import running_hub
from tests.parts import there
from tests.waiting import until
from tests.web.requests.crowd import (
    FORM_TYPE,
    LIMIT,
    STALLED,
    ask,
    get,
    hello,
    settings_in,
    stalled,
)
from web.requests import connections
from web.requests.connections import Connections
from web.wire import handshakes


@pytest.fixture
def all_young(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everybody had just come: nobody makes room."""
    monkeypatch.setattr(connections, "YOUNG_S", 3600.0)


@pytest.mark.usefixtures("all_young")
async def test_a_crowd_of_one_address_leaves_room_for_others(tmp_path: Path) -> None:
    async with running_hub(settings_in(tmp_path)) as hub:
        with stalled(hub.port, 3 * LIMIT, "127.0.0.2"):
            assert await get(hub, "/signin", "127.0.0.3")
            text = await get(hub, "/metrics", "127.0.0.1")
            with pytest.raises(aiohttp.ClientError):
                await get(hub, "/healthz", "127.0.0.2")
        assert 'confhub_connections_refused_total{reason="address"} 32.0' in text
        assert f"confhub_connections {LIMIT + 1:.1f}" in text
        assert f"confhub_connections_limit {there(hub.services.connections).limit:.1f}" in text

        async def is_over() -> bool:
            return bool(there(hub.services.connections).count == 0)

        await until(is_over)
        assert await get(hub, "/healthz", "127.0.0.2")


@pytest.mark.usefixtures("all_young")
async def test_the_log_names_who_is_refused_now_not_only_who_was_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "LOG_INTERVAL_S", 3600.0)
    async with running_hub(settings_in(tmp_path)) as hub:
        refused = there(hub.services.connections).refused

        async def is_refused(source: str) -> str:
            caplog.clear()
            before = refused["address"]

            async def all_are() -> bool:
                return bool(refused["address"] == before + 3)

            with stalled(hub.port, LIMIT + 3, source):
                await until(all_are)
            return caplog.text

        assert (await is_refused("127.0.0.2")).count("127.0.0.2 is refused") == 1
        assert "is refused" not in await is_refused("127.0.0.3")
        monkeypatch.setattr(connections, "LOG_INTERVAL_S", 0.0)
        assert (await is_refused("127.0.0.4")).count("127.0.0.4 is refused") == 3


async def test_who_says_nothing_is_closed_long_before_who_is_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "FIRST_HEAD_S", 0.3)
    async with running_hub(settings_in(tmp_path)) as hub:
        known, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        silent, other = await asyncio.open_connection("127.0.0.1", hub.port)
        for _ in range(2):
            await ask(known, writer)
            async with asyncio.timeout(60):
                with contextlib.suppress(ConnectionError):
                    assert await silent.read() == b""
        other.close()
        writer.close()


async def test_a_proxy_may_bring_any_number(tmp_path: Path) -> None:
    async with running_hub(settings_in(tmp_path, trusted_proxies=("127.0.0.2",))) as hub:
        with stalled(hub.port, 3 * LIMIT, "127.0.0.2"):
            assert await get(hub, "/healthz", "127.0.0.2")


@pytest.mark.parametrize("said", ["", "GET ", STALLED])
async def test_a_head_that_never_ends_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(wiring, "KEEPALIVE_S", 0.3)
    async with running_hub(settings_in(tmp_path)) as hub:
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        writer.write(said.encode())
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("POST /nowhere HTTP/1.1\r\nTransfer-Encoding: chunked", b"404"),
        ("POST /signin HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + FORM_TYPE, b"411"),
        ("POST /signin HTTP/1.1\r\nContent-Length: 9000000\r\n" + FORM_TYPE, b"413"),
        ("POST /whip/m1 HTTP/1.1\r\nTransfer-Encoding: chunked", b"401"),
    ],
)
async def test_a_refused_body_is_not_parsed_and_its_connection_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, status: bytes
) -> None:
    monkeypatch.setattr(wiring, "LINGER_S", 0.3)
    async with running_hub(settings_in(tmp_path)) as hub:
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        writer.write(f"{head}\r\nHost: localhost\r\n\r\n".encode())
        async with asyncio.timeout(20):
            assert status in await reader.readline()
            writer.write(b"1\r\na\r\n" * 200_000)
            assert await reader.read()
        writer.transport.abort()
        connections = hub.services.connections
        assert isinstance(connections, Connections)
        assert connections.pieces.handed_bytes < 1000


async def test_an_idle_connection_is_closed_and_a_trickle_does_not_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "KEEPALIVE_S", 0.5)
    async with running_hub(settings_in(tmp_path)) as hub:
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\n")

        async def trickle() -> None:
            while not writer.is_closing():
                writer.write(b"X: y\r\n")
                await asyncio.sleep(0.05)

        task = asyncio.create_task(trickle())
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                assert (await reader.read()).count(b"HTTP/1.1 200") == 1
        task.cancel()
        writer.close()


async def test_a_handshake_that_stalls_is_cut_off_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HANDSHAKE_S", 2.0)
    async with running_hub(settings_in(tmp_path, tls="lab")) as hub:
        with stalled(hub.port, 3 * LIMIT, "127.0.0.2", said=b"\x16\x03\x01"):
            assert await get(hub, "/healthz", "127.0.0.3")

            async def is_over() -> bool:
                return bool(there(hub.services.connections).count == 0)

            await until(is_over, 30)
        context = ssl._create_unverified_context()
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port, ssl=context)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert b" 200 " in await reader.readline()
        writer.close()


async def test_the_same_hello_again_and_again_begins_few_handshakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handshake costs a signature, and who asks for one a packet that was recorded once."""
    monkeypatch.setattr(handshakes, "EACH", Rate(1e-6, 5))
    crowd = 3 * LIMIT
    async with running_hub(settings_in(tmp_path, tls="lab", connections_per_address=crowd)) as hub:
        context = there(hub.tls).context
        with stalled(hub.port, crowd, "127.0.0.2", said=hello()):

            async def are_here() -> bool:
                return bool(there(hub.services.connections).count == crowd)

            await until(are_here)
            assert await get(hub, "/healthz", "127.0.0.3")
            assert context.session_stats()["accept"] == 5 + 1


@pytest.mark.parametrize("tls", ["off", "lab"])
def test_a_hub_serves_on_the_loop_that_it_runs_on(tmp_path: Path, tls: str) -> None:
    async def ask_twice() -> None:
        async with running_hub(settings_in(tmp_path, tls=tls)) as hub:
            context = ssl._create_unverified_context() if hub.tls else None
            reader, writer = await asyncio.open_connection("127.0.0.1", hub.port, ssl=context)
            for _ in range(2):
                await ask(reader, writer)
            writer.write(f"{STALLED}Content-Length: 90000\r\n{FORM_TYPE}\r\n\r\n".encode())
            writer.write(b"login=".ljust(90_000, b"a"))
            assert b" 400 " in await reader.readline()
            async with asyncio.timeout(60):
                await reader.read()
            writer.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(ask_twice())


async def test_a_hub_ends_while_handshakes_stall(tmp_path: Path) -> None:
    async with running_hub(settings_in(tmp_path, tls="lab")) as hub:
        with stalled(hub.port, 3, "127.0.0.2", said=b"\x16\x03\x01"):

            async def are_here() -> bool:
                return bool(there(hub.services.connections).count == 3)

            await until(are_here)
            port = hub.port
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 5)


async def test_pages_and_media_share_out_the_files_that_may_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "raise_file_limit", lambda: 40)
    async with running_hub(settings_in(tmp_path)) as hub:
        media = there(hub.services.media)
        assert there(hub.services.connections).limit == 15

        async def are_here() -> bool:
            return bool((await media.stats())[""].bad_datagrams.get("tcp_crowd") == 5)

        with stalled(media.ports[0], 20, "127.0.0.2", said=b""):
            await until(are_here)
            assert (await media.stats())[""].tcp_connections == 15


def test_the_limit_of_open_files_is_raised_at_the_start() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    code = (
        "import resource; from confhub.hub.file_limit import raise_file_limit;"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard})); print(raise_file_limit());"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(min(hard, 65_536))] * 2
